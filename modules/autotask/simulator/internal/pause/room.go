// Package pause is where the simulation waits: for its own latency, for the end of an outage, between the pieces of a
// slow answer. Nothing waits longer than its request lasts, nor after the simulator was stopped.
//
//	open ──Close──▶ closed: waits under way end, and so does whatever would wait
//	  ▲               │
//	  └─────Open──────┘
package pause

import (
	"context"
	"sync"
	"time"
)

// Room is where requests wait. Make it with [New]; all methods may be called concurrently.
type Room struct {
	mu     sync.Mutex
	closed bool
	end    chan struct{} // closed with the room
}

// New returns a room that is open.
func New() *Room { return &Room{end: make(chan struct{})} }

// Close ends every wait, also those that begin later, until [Room.Open]. A second Close does nothing.
func (r *Room) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		close(r.end)
	}
}

// Open lets requests wait again.
func (r *Room) Open() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		r.closed, r.end = false, make(chan struct{})
	}
}

func (r *Room) ending() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end
}

// Wait takes d, or less if something comes from early, which may be nil. It is false where ctx ended first, or the room
// is closed.
func (r *Room) Wait(ctx context.Context, d time.Duration, early <-chan struct{}) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-early:
		return true
	case <-r.ending():
		return false
	case <-ctx.Done():
		return false
	}
}

// Until waits for what comes from change. It is false where ctx ended first, or the room is closed.
func (r *Room) Until(ctx context.Context, change <-chan struct{}) bool {
	select {
	case <-change:
		return true
	case <-r.ending():
		return false
	case <-ctx.Done():
		return false
	}
}
