package simulator

import "sync"

// ring keeps the last values that were added.
type ring[T any] struct {
	most   int
	values []T
	next   int // where in a full ring the next goes
}

func newRing[T any](most int) ring[T] { return ring[T]{most: most} }

func (r *ring[T]) add(v T) { *r.slot() = v }

// slot returns the place of the next value; what it holds is the value that it takes the place of.
func (r *ring[T]) slot() *T {
	if len(r.values) < r.most {
		var zero T
		r.values = append(r.values, zero)
		return &r.values[len(r.values)-1]
	}
	at := r.next
	r.next = (r.next + 1) % r.most
	return &r.values[at]
}

// list returns the values, oldest first.
func (r *ring[T]) list() []T {
	return append(append(make([]T, 0, len(r.values)), r.values[r.next:]...), r.values[:r.next]...)
}

// recent knows the last hashes that were added.
type recent struct {
	mu    sync.Mutex
	known map[uint64]struct{}
	ring  ring[uint64]
}

func newRecent(most int) *recent {
	r := &recent{ring: newRing[uint64](most)}
	r.reset()
	return r
}

// add reports whether the hash is known already, and remembers it.
func (r *recent) add(hash uint64) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.known[hash]; ok {
		return true
	}
	slot := r.ring.slot()
	if len(r.known) == r.ring.most {
		delete(r.known, *slot)
	}
	*slot = hash
	r.known[hash] = struct{}{}
	return false
}

func (r *recent) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.ring = map[uint64]struct{}{}, newRing[uint64](r.ring.most)
}
