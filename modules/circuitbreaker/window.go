package circuitbreaker

import (
	"sync/atomic"
	"time"
)

// window counts the calls that ended within its span: a ring of one-second
// buckets. All methods may be called concurrently.
type window struct {
	ring []atomic.Pointer[bucket]
}

// bucket counts the calls that ended in one second.
type bucket struct {
	second int64         // since the birth of the breaker
	counts atomic.Uint64 // failures in the upper half, successes in the lower
}

const (
	oneSuccess uint64 = 1
	oneFailure uint64 = 1 << 32
)

// newWindow returns a window of the span, rounded up to whole seconds.
func newWindow(span time.Duration) *window {
	seconds := max(1, (span+time.Second-1)/time.Second)
	return &window{ring: make([]atomic.Pointer[bucket], seconds)}
}

// add counts one call that ended in second.
func (w *window) add(second int64, one uint64) {
	slot := &w.ring[second%int64(len(w.ring))]
	b := slot.Load()
	if b == nil || b.second != second {
		if b = turn(slot, second); b == nil {
			return
		}
	}
	b.counts.Add(one)
}

// turn puts a fresh bucket for second into slot and returns it, or the one that
// is there already. It returns nil where the ring has gone a whole round since
// the caller read the clock: its call is out of the window.
func turn(slot *atomic.Pointer[bucket], second int64) *bucket {
	for {
		old := slot.Load()
		switch {
		case old != nil && old.second == second:
			return old
		case old != nil && old.second > second:
			return nil
		}
		fresh := &bucket{second: second}
		if slot.CompareAndSwap(old, fresh) {
			return fresh
		}
	}
}

// sum returns how many calls succeeded and failed in the span that ends with
// second, its own bucket included.
func (w *window) sum(second int64) (succeeded, failed uint64) {
	oldest := second - int64(len(w.ring))
	for i := range w.ring {
		if b := w.ring[i].Load(); b != nil && b.second > oldest && b.second <= second {
			counts := b.counts.Load()
			succeeded += counts & (oneFailure - 1)
			failed += counts / oneFailure
		}
	}
	return succeeded, failed
}
