package throttle

import "time"

// buckets is how finely the window is cut.
const buckets = 3600

// budget counts the units of a rolling window. Its owner locks.
type budget struct {
	limit  int
	width  time.Duration // of a bucket
	flight int           // units granted, whose answer is not read
	sum    int           // units in ring
	ring   [buckets + 1]int32
	tick   int64 // the bucket that is filled now
	oldest int64 // no bucket before it holds a unit
	paused time.Duration
}

// used is how many units count at the moment now, measured from the limiter's start.
func (b *budget) used(now time.Duration) int {
	b.advance(now)
	return b.flight + b.sum
}

func (b *budget) free(now time.Duration) bool { return b.used(now) < b.limit && now >= b.paused }

func (b *budget) take() { b.flight++ }

// answered moves a unit in flight to the bucket of now.
func (b *budget) answered(now time.Duration) {
	b.advance(now)
	b.flight--
	b.sum++
	b.ring[b.tick%int64(len(b.ring))]++
}

func (b *budget) refund() { b.flight-- }

// advance drops the buckets that lie more than a window back.
func (b *budget) advance(now time.Duration) {
	tick := int64(now / b.width)
	if tick <= b.tick {
		return // also a clock that went back: nothing expires early
	}
	b.tick = tick
	for first := tick - buckets; b.oldest < first; b.oldest++ {
		if b.sum == 0 {
			b.oldest = first
			return
		}
		slot := &b.ring[b.oldest%int64(len(b.ring))]
		b.sum -= int(*slot)
		*slot = 0
	}
}

// next is the moment at which a unit may be free again, if nothing is refunded until then.
func (b *budget) next(now time.Duration) time.Duration {
	if b.used(now) < b.limit {
		return max(now, b.paused)
	}
	if b.sum == 0 { // all in flight: the first answer starts its window at the earliest now
		return max(now+buckets*b.width, b.paused)
	}
	for b.ring[b.oldest%int64(len(b.ring))] == 0 {
		b.oldest++
	}
	return max(time.Duration(b.oldest+buckets+1)*b.width, b.paused)
}
