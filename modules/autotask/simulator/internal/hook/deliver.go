package hook

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// target is where a call goes, and the key that signs it.
type target struct{ url, secret string }

// attempt makes one attempt to deliver e, the first of its queue, and draws the consequences.
func (h *Hooks) attempt(ctx context.Context, q *queue, e *event) {
	to, ok := h.target(q, e)
	if !ok { // the webhook has gone, and nobody told us: a snapshot was restored
		h.forgetQueue(q)
		return
	}
	due := e.begin()
	if due.Before(q.ready) {
		due = q.ready
	}
	d := Delivery{
		At: h.now(), Webhook: fmt.Sprintf("%s/%d", q.key.table, q.key.id), URL: redacted(to.url),
		Action: e.action, Attempt: e.made + 1, Sequence: e.sequence, Body: wire.Clip(e.body, maxBody),
	}
	begun := time.Now()
	status, err := h.send(ctx, to, e.body)
	d.Status = status
	if err != nil {
		d.Error = wire.Clip(err.Error(), maxProblem)
	}
	q.ready = due.Add(time.Since(begun))
	e.due = due.Add(retryAfter)
	e.made++
	h.settle(ctx, q, e, d)
}

// target returns where an event goes; false where the webhook is not active any more.
func (h *Hooks) target(q *queue, e *event) (target, bool) {
	if e.to != nil {
		return *e.to, true
	}
	var (
		w     webhook
		found bool
	)
	h.store.View(func(tx *record.Tx) { w, found = q.of.find(tx, q.key.id) })
	return target{url: w.url, secret: w.secret}, found && w.active
}

func (h *Hooks) forgetQueue(q *queue) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(q)
}

// settle notes an attempt. What was delivered leaves the queue, and so does what has failed five times.
func (h *Hooks) settle(ctx context.Context, q *queue, e *event, d Delivery) {
	delivered := d.Status >= http.StatusOK && d.Status < http.StatusMultipleChoices
	if h.note(ctx, q, e, d, delivered) || e.made < attempts {
		return
	}
	problem := d.Error
	if problem == "" {
		problem = fmt.Sprintf("The callout was answered with HTTP status %d.", d.Status)
	}
	h.giveUp(q, e, problem) //nolint:contextcheck // a queue that this begins outlives the attempt
}

// note keeps a delivery and reports whether nothing is left to do: e was delivered, or dropped meanwhile. After Reset
// and Stop nothing is kept.
func (h *Hooks) note(ctx context.Context, q *queue, e *event, d Delivery, delivered bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return true
	}
	h.journal.add(d)
	if !q.begins(e) {
		return true
	}
	if !delivered {
		return false
	}
	delete(h.failures, q.key)
	if e.twice {
		e.twice, e.made, e.due = false, 0, q.ready
		return true
	}
	h.pop(q, e)
	return true
}

// giveUp drops an event, writes it to the error log and, when it is the 25th in a row, deactivates the webhook.
func (h *Hooks) giveUp(q *queue, e *event, problem string) {
	at := h.now()
	h.store.Update(func(tx *record.Tx) {
		failures, ok := h.fail(q, e)
		if !ok {
			return
		}
		h.logFault(tx, q.key, e, problem, at)
		if failures < maxRow {
			return
		}
		row, found := tx.Find(q.of.webhooks, q.key.id)
		if !found {
			return
		}
		vals := row.Values(q.of.webhooks)
		vals[q.of.active] = false
		tx.Replace(q.of.webhooks, q.key.id, vals)
		h.deactivated(tx, q.of, q.of.read(q.key.id, row.Value), 0, at)
	})
}

// fail drops e and counts it; false is an event that was dropped meanwhile. A deactivation does not count.
func (h *Hooks) fail(q *queue, e *event) (failures int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !q.begins(e) {
		return 0, false
	}
	h.pop(q, e)
	if e.to != nil {
		return 0, true
	}
	h.failures[q.key]++
	return h.failures[q.key], true
}

// redacted is a URL without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Redacted()
}
