package circuitbreaker

import (
	"sync"
	"sync/atomic"
	"time"
)

// window counts the calls that ended while its epoch lasts, and of those the
// ones within its span. All methods may be called concurrently.
//
// Calls are added to running totals, one set per stripe. At the first call of
// a second the totals are noted in a ring; what the span holds is the totals
// now less those noted when its oldest second began.
type window struct {
	stripes []windowStripe
	second  atomic.Int64 // the one being counted, since the base of the Service

	mu   sync.Mutex
	ring []note // by second, modulo its length; guarded by mu
	// base is the oldest note, for readers without the lock. Guarded by mu for
	// writing.
	base [kinds]atomic.Uint32
}

// kind is what a window counts.
type kind int

const (
	kindSuccess kind = iota
	kindFailure
	kindSlow      // successes and failures that took too long
	kindThrottled // refused in adaptive mode
	kinds
)

// windowStripe is one stripe of the totals, on a cache line of its own.
type windowStripe struct {
	n [kinds]atomic.Uint64
	_ [64 - 8*kinds]byte
}

// note is what the totals were when a second began, modulo 2³²: a difference is
// right for less than 2³² calls, that is for more calls than a span can hold.
type note [kinds]uint32

// sums is what a window holds.
type sums struct{ succeeded, failed, slow, throttled uint64 }

func (s sums) calls() uint64 { return s.succeeded + s.failed }

// newWindow returns a window of the span, rounded up to whole seconds, that
// begins with second.
func newWindow(span time.Duration, second int64, stripes int) *window {
	w := &window{stripes: make([]windowStripe, stripes), ring: make([]note, seconds(span))}
	w.second.Store(second)
	return w
}

func seconds(span time.Duration) int64 { return int64(max(1, (span+time.Second-1)/time.Second)) }

// add counts one call that ended in second. It takes the lock for the first
// call of a second alone.
func (w *window) add(stripe int, second int64, k kind) {
	if second > w.second.Load() {
		w.turn(second)
	}
	w.stripes[stripe].n[k].Add(1)
}

// addSlow counts a call, which add has counted, as slow.
func (w *window) addSlow(stripe int) { w.stripes[stripe].n[kindSlow].Add(1) }

// turn makes second the one being counted.
func (w *window) turn(second int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, size := w.second.Load(), int64(len(w.ring))
	if second <= now {
		return // another was faster
	}
	noted := w.noted()
	for s := max(now+1, second-size+1); s <= second; s++ {
		w.ring[s%size] = noted
	}
	w.rebase(second)
	w.second.Store(second)
}

// noted returns the totals as they are noted.
func (w *window) noted() note {
	var n note
	for k := range kinds {
		n[k] = uint32(w.total(k)) //nolint:gosec // see note
	}
	return n
}

// rebase follows the oldest second of the span that ends with second. The lock
// is held.
func (w *window) rebase(second int64) {
	oldest := &w.ring[(second+1)%int64(len(w.ring))]
	for k := range kinds {
		w.base[k].Store(oldest[k])
	}
}

// resize changes the span as of second. Calls older than both spans are gone;
// a longer span fills up as time passes.
func (w *window) resize(span time.Duration, second int64) {
	w.turn(second)
	w.mu.Lock()
	defer w.mu.Unlock()
	now, old := w.second.Load(), w.ring
	fresh := make([]note, seconds(span))
	for i := range int64(len(fresh)) {
		from := max(now-i, now-int64(len(old))+1, 0) // beyond the old span: what its oldest second noted
		fresh[(now-i+int64(len(fresh)))%int64(len(fresh))] = old[from%int64(len(old))]
	}
	w.ring = fresh
	w.rebase(now)
}

// total returns all that was ever counted of k.
func (w *window) total(k kind) uint64 {
	var n uint64
	for i := range w.stripes {
		n += w.stripes[i].n[k].Load()
	}
	return n
}

// sum returns what the span that ends with second holds, its own calls
// included.
func (w *window) sum(second int64) sums {
	if second > w.second.Load() {
		w.turn(second)
	}
	// Successes come last: what ends meanwhile makes a share smaller, never larger.
	s := sums{slow: w.inside(kindSlow), failed: w.inside(kindFailure), throttled: w.inside(kindThrottled)}
	s.succeeded = w.inside(kindSuccess)
	return s
}

func (w *window) inside(k kind) uint64 {
	base := w.base[k].Load()
	return uint64(uint32(w.total(k)) - base) //nolint:gosec // modulo 2³², see note
}

// succeededEver returns how many calls succeeded since the window began.
func (w *window) succeededEver() uint64 { return w.total(kindSuccess) }
