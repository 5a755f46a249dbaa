package shutdown

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Work is one piece of work in flight, as returned by Service.Track. It is a
// value, may be copied, and its zero value is work that is already done.
type Work struct {
	shard      *shard
	slot       uint32
	generation uint32
}

// Done says that the work has ended. Only the first call counts, also among
// copies. It is safe for concurrent use.
func (w Work) Done() {
	if w.shard != nil {
		w.shard.leave(w.slot, w.generation)
	}
}

const shardCount = 16 // a power of two

// inflight counts and names work in flight. A shard is chosen at random, so that
// cores seldom meet at a lock.
type inflight struct {
	epoch  time.Time
	wake   chan struct{} // size 1: "look again"
	shards [shardCount]shard
}

func newInflight() *inflight {
	f := &inflight{epoch: time.Now(), wake: make(chan struct{}, 1)}
	for i := range f.shards {
		f.shards[i].wake = f.wake
	}
	return f
}

func (f *inflight) track(name string) (Work, bool) {
	now := time.Since(f.epoch)
	return f.shards[rand.Uint32()%shardCount].enter(name, now) //nolint:gosec // spreads load, guards nothing
}

// close refuses all further work, and returns how much was accepted before and
// has not ended.
func (f *inflight) close() int {
	n := 0
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		s.closed = true
		n += len(s.slots) - len(s.free)
		s.mu.Unlock()
	}
	return n
}

func (f *inflight) count() int {
	n := 0
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		n += len(s.slots) - len(s.free)
		s.mu.Unlock()
	}
	return n
}

// refused is how much work came too late.
func (f *inflight) refused() int {
	n := 0
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		n += s.refused
		s.mu.Unlock()
	}
	return n
}

// unfinished returns what is in flight.
func (f *inflight) unfinished() []Unfinished {
	now := time.Since(f.epoch)
	var all []Unfinished
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		for _, slot := range s.slots {
			if slot.busy() {
				all = append(all, Unfinished{Kind: kindRequest, Name: slot.name, Age: now - slot.since})
			}
		}
		s.mu.Unlock()
	}
	return all
}

// notify wakes whoever waits for the end of the drain.
func notify(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default: // a wake-up is already on its way
	}
}

// shard is one stripe. Its slots are reused and never given back: as many as
// there was work at once.
type shard struct {
	wake chan<- struct{}

	mu      sync.Mutex
	closed  bool
	refused int
	slots   []slot
	free    []uint32

	_ [48]byte // fills up to two cache lines, so that neighbours do not share one
}

type slot struct {
	name       string
	since      time.Duration // after inflight.epoch
	generation uint32        // odd while busy
}

func (s slot) busy() bool { return s.generation%2 == 1 }

func (s *shard) enter(name string, now time.Duration) (Work, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.refused++
		return Work{}, false
	}
	i := s.take()
	entry := &s.slots[i]
	entry.name, entry.since = name, now
	entry.generation++
	return Work{shard: s, slot: i, generation: entry.generation}, true
}

func (s *shard) take() uint32 {
	if last := len(s.free) - 1; last >= 0 {
		i := s.free[last]
		s.free = s.free[:last]
		return i
	}
	s.slots = append(s.slots, slot{})
	return uint32(len(s.slots) - 1) //nolint:gosec // far fewer than 2^32 at once
}

func (s *shard) leave(i, generation uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &s.slots[i]
	if entry.generation != generation {
		return // done before
	}
	entry.generation++
	s.free = append(s.free, i)
	if s.closed && len(s.free) == len(s.slots) {
		notify(s.wake)
	}
}
