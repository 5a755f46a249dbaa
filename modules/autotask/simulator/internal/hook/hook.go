package hook

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// Config says how webhooks are delivered.
type Config struct {
	Transport http.RoundTripper // how callouts are sent; nil is a transport of our own, which Public limits
	Public    bool              // callouts may go to any host; otherwise to loopback and private addresses alone
	Raw       bool              // the signature is over the body as sent; otherwise over its escaped form
	Max       int               // webhooks that the tenant may have; 0 is 50
	Seed      uint64            // of guids and of disturbances
}

// Hooks tells webhooks what happens. Everything may be called concurrently. It starts goroutines when there is
// something to deliver, and they end when there is nothing any more.
type Hooks struct {
	cfg    Config
	store  *record.Store
	now    func() time.Time
	client *http.Client
	tables *tables
	faults faultSum // guarded by the store's lock

	mu       sync.Mutex
	random   *rand.Rand // of guids
	disturb  Disturbance
	queues   map[key]*queue
	queued   int         // bytes of all queues together
	failures map[key]int // events in a row that were dropped; no entry is none
	journal  journal
	moved    chan struct{} // closed when the clock moves
	running  int           // goroutines
	idle     chan struct{} // closed when the last of them ends
	stopped  bool
}

// key names a webhook.
type key struct {
	table string
	id    int64
}

// New returns hooks over the webhooks in store. now is the clock of the simulation.
func New(cfg Config, store *record.Store, now func() time.Time) *Hooks {
	cfg.Max = cmp.Or(cfg.Max, 50)
	return &Hooks{
		cfg: cfg, store: store, now: now,
		client:   newClient(cfg),
		tables:   tablesOf(store),
		random:   rand.New(rand.NewPCG(cfg.Seed, 0x776562686f6f6b73)), //nolint:gosec // made to be repeated
		queues:   map[key]*queue{},
		failures: map[key]int{},
		moved:    make(chan struct{}),
	}
}

// Complete fills the fields of a new webhook that Autotask fills: its guid, isReady. Guids go on after a Reset, so that
// no webhook of a snapshot that was restored meets its own again.
func (h *Hooks) Complete(t *record.Table, vals []any) {
	s, ok := h.tables.webhooks[t.Entity().Name]
	if !ok || len(vals) <= max(s.guid, s.ready) {
		return
	}
	vals[s.guid] = h.newGUID()
	vals[s.ready] = true
}

func (h *Hooks) newGUID() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	high, low := h.random.Uint64(), h.random.Uint64()
	high = high&^0xF000 | 0x4000       // version 4: random
	low = low&^(3<<62) | uint64(2)<<62 // the usual variant
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xFFFF, high&0xFFFF, low>>48, low&(1<<48-1))
}

// Moved is to be called when the clock of the simulation was moved: what is due by it is delivered.
func (h *Hooks) Moved() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.moved)
	h.moved = make(chan struct{})
}

// Wait returns when nothing is queued any more, or with the error of ctx.
func (h *Hooks) Wait(ctx context.Context) error {
	h.mu.Lock()
	running, idle := h.running, h.idle
	h.mu.Unlock()
	if running == 0 {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for webhooks to be delivered: %w", ctx.Err())
	}
}

// Deliveries returns the last 1,000 attempts, oldest first.
func (h *Hooks) Deliveries() []Delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.journal.all()
}

// Reset drops what is queued, ends the attempts under way, and forgets the deliveries and the failures. It does not
// wait: a receiver may still be busy with a call that was cut off.
func (h *Hooks) Reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dropAll()
	h.journal = journal{}
	clear(h.failures)
}

// Stop drops what is queued, ends the attempt under way, and returns when no goroutine is left, or with the error of
// ctx. Nothing is queued any more afterwards.
func (h *Hooks) Stop(ctx context.Context) error {
	h.mu.Lock()
	h.stopped = true
	h.dropAll()
	h.mu.Unlock()
	return h.Wait(ctx)
}

// dropAll empties and disowns every queue; h.mu is held.
func (h *Hooks) dropAll() {
	for _, q := range h.queues {
		h.drop(q)
		q.cancel()
	}
	clear(h.queues)
}
