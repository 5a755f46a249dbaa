package resilience

import "sync/atomic"

// maxAbandoned bounds the abandoned calls of a pipeline without MaxConcurrent:
// while so many have not returned, no new call is let in.
const maxAbandoned = 100

// bulkhead bounds the calls of one pipeline.
type bulkhead struct {
	limit     int64        // 0 is none
	running   atomic.Int64 // with a limit: calls inside, abandoned ones too
	abandoned atomic.Int64
}

// enter takes a slot. It returns the limit that is reached, or 0.
func (b *bulkhead) enter() (reached int) {
	if b.limit == 0 {
		if b.abandoned.Load() >= maxAbandoned {
			return maxAbandoned
		}
		return 0
	}
	for { // a refused call must not look like a running one to others
		running := b.running.Load()
		if running >= b.limit {
			return int(b.limit)
		}
		if b.running.CompareAndSwap(running, running+1) {
			return 0
		}
	}
}

func (b *bulkhead) leave() {
	if b.limit > 0 {
		b.running.Add(-1)
	}
}

// abandon takes a slot for a call that nobody waits for any more, beyond the
// limit if need be: the slot of its request becomes free when that is answered.
func (b *bulkhead) abandon() {
	b.abandoned.Add(1)
	if b.limit > 0 {
		b.running.Add(1)
	}
}

// returned gives the slot of an abandoned call back.
func (b *bulkhead) returned() {
	b.leave()
	b.abandoned.Add(-1)
}
