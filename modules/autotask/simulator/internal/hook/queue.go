package hook

import (
	"context"
	"strconv"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

const (
	attempts   = 5
	retryAfter = 30 * time.Second
	maxRow     = 25 // events in a row that may fail

	maxQueued      = 10_000   // events of one queue
	maxQueuedBytes = 64 << 20 // of the events of all queues together
	eventBytes     = 256      // what an event takes besides its body
)

// event is one call that is to be made. The goroutine of its queue alone looks at it, but for the fields that Disturb
// and the queue set before it has begun.
type event struct {
	action   string
	sequence int64
	body     string
	to       *target // of a deactivation; nil is what the webhook says when the attempt is made
	due      time.Time
	made     int // attempts
	twice    bool
	late     bool // comes after the one behind it
}

func (e *event) size() int { return eventBytes + len(e.body) }

// queue holds the events of one webhook, in order. It belongs to a goroutine from its first event to its last.
type queue struct {
	key    key
	of     *subject
	cancel context.CancelFunc
	wake   chan struct{} // of size 1: something was queued or dropped

	events []*event // Hooks.mu
	bytes  int      // Hooks.mu; their sizes
	ready  time.Time
}

// push adds e to a queue; h.mu is held.
func (h *Hooks) push(q *queue, e *event) {
	q.events = append(q.events, e)
	q.bytes += e.size()
	h.queued += e.size()
	select {
	case q.wake <- struct{}{}:
	default: // it is awake
	}
}

// pop removes e, the first of the queue; h.mu is held.
func (h *Hooks) pop(q *queue, e *event) {
	q.events[0] = nil
	q.events = q.events[1:]
	q.bytes -= e.size()
	h.queued -= e.size()
}

// drop forgets everything that is queued; h.mu is held.
func (h *Hooks) drop(q *queue) {
	h.queued -= q.bytes
	q.events, q.bytes = nil, 0
}

// begins reports whether e is still the first of the queue: everything may have been dropped meanwhile.
func (q *queue) begins(e *event) bool { return len(q.events) > 0 && q.events[0] == e }

// forget drops what is queued for a webhook, and its failures. An attempt under way goes on.
func (h *Hooks) forget(k key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.failures, k)
	if q, ok := h.queues[k]; ok {
		h.drop(q)
	}
}

// enqueue gives an event its number, and queues it for a webhook. What does not fit goes to the error log. The numbers
// are the store's, so that a snapshot restores them; it keeps the last one of a webhook that was deleted, too.
func (h *Hooks) enqueue(tx *record.Tx, s *subject, webhook int64, at time.Time, e *event, p payload) {
	k := key{s.webhooks.Entity().Name, webhook}
	p.EventTime = eventTime(at)
	p.SequenceNumber = int64(tx.Serial(s.webhooks, "events of "+strconv.FormatInt(webhook, 10)))
	e.action, e.sequence, e.body, e.due = p.Action, p.SequenceNumber, p.encode(), at
	if problem := h.accept(k, s, e); problem != "" {
		h.logFault(tx, k, e, problem, at)
	}
}

// accept queues e, or says why it does not fit. After Stop it takes everything and does nothing.
func (h *Hooks) accept(k key, s *subject, e *event) (problem string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return ""
	}
	q, ok := h.queues[k]
	switch {
	case ok && len(q.events) >= maxQueued:
		return "The queue of the webhook is full."
	case h.queued+e.size() > maxQueuedBytes:
		return "The queues of all webhooks are full."
	case !ok:
		q = h.start(k, s)
	}
	e.twice, e.late = h.disturb.of(h.cfg.Seed, k, e)
	h.push(q, e)
	return ""
}

// start begins a queue and its goroutine; h.mu is held.
func (h *Hooks) start(k key, s *subject) *queue {
	ctx, cancel := context.WithCancel(context.Background())
	q := &queue{key: k, of: s, cancel: cancel, wake: make(chan struct{}, 1)}
	h.queues[k] = q
	if h.running == 0 {
		h.idle = make(chan struct{})
	}
	h.running++
	go h.run(ctx, q)
	return q
}

// run delivers what is queued until nothing is.
func (h *Hooks) run(ctx context.Context, q *queue) {
	defer q.cancel()
	for {
		e, ok := h.next(ctx, q)
		if !ok {
			return
		}
		h.attempt(ctx, q, e)
	}
}

// next waits until the first event of the queue is due; false is the end of the queue.
func (h *Hooks) next(ctx context.Context, q *queue) (*event, bool) {
	for {
		moved := h.movement() // before the clock is read, so that no movement is missed
		e, wait := h.head(q, h.now())
		if e == nil || wait <= 0 {
			return e, e != nil
		}
		pause(ctx, wait, moved, q.wake)
	}
}

func (h *Hooks) movement() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.moved
}

// head returns the first event of the queue and how long it has to wait. An empty queue is at its end.
func (h *Hooks) head(q *queue, now time.Time) (e *event, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(q.events) == 0 {
		h.end(q)
		return nil, 0
	}
	e = q.events[0]
	if e.late && len(q.events) > 1 {
		q.events[0], q.events[1] = q.events[1], e
		q.events[0].late, e.late = false, false
		e = q.events[0]
	}
	if wait = e.begin().Sub(now); wait <= 0 {
		e.late = false
	}
	return e, wait
}

// end takes leave of a queue; h.mu is held.
func (h *Hooks) end(q *queue) {
	if h.queues[q.key] == q {
		delete(h.queues, q.key)
	}
	if h.running--; h.running > 0 {
		return
	}
	if h.cfg.Transport == nil {
		h.client.CloseIdleConnections()
	}
	close(h.idle)
}

func pause(ctx context.Context, d time.Duration, moved, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-moved:
	case <-wake:
	case <-ctx.Done():
	}
}
