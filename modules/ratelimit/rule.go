package ratelimit

import (
	"math"
	"math/bits"
	"time"
)

// rule is an algorithm with its numbers. Moments are nanoseconds since the limiter was made, and never go back for one state.
// Whoever owns the state locks.
type rule interface {
	// free returns how many units could be used now.
	free(s *state, now int64) int
	// take uses n units. Free was asked at the same moment and said at least n.
	take(s *state, now int64, n int)
	// when returns the moment, now at the earliest, at which k more units can have been used. K may be above what is ever
	// free at once: then they are used one by one, each as soon as it can be.
	when(s *state, now int64, k int) int64
}

// state is what one key has used. Zero is at rest, for both rules.
type state struct {
	at, used int64 // bucket: so much is missing from the bucket, as of this moment

	stamps []int64 // window: a ring that holds the moments of the units, oldest first
	first  int
	count  int
}

// forever is a moment that never comes.
const forever = math.MaxInt64

// window is the exact log.
type window struct {
	limit int
	per   int64
}

func (w *window) free(s *state, now int64) int {
	for s.count > 0 && now-s.stamps[s.first] >= w.per {
		s.first = s.index(1)
		s.count--
	}
	return w.limit - s.count
}

func (w *window) take(s *state, now int64, n int) {
	if need := s.count + n; need > len(s.stamps) {
		s.grow(min(w.limit, max(need, 2*len(s.stamps))))
	}
	for range n {
		s.stamps[s.index(s.count)] = now
		s.count++
	}
}

// when: unit k can be used when the one that lies limit units before it has expired.
func (w *window) when(s *state, now int64, k int) int64 {
	rounds, k := (k-1)/w.limit, (k-1)%w.limit
	moment := now
	if i := s.count - w.limit + k; i >= 0 {
		moment = max(now, s.stamps[s.index(i)]+w.per)
	}
	if int64(rounds) > (forever-moment)/w.per {
		return forever
	}
	return moment + int64(rounds)*w.per
}

// index is where the i-th oldest stamp lies.
func (s *state) index(i int) int {
	if i += s.first; i >= len(s.stamps) {
		i -= len(s.stamps)
	}
	return i
}

func (s *state) grow(size int) {
	stamps := make([]int64, size)
	n := copy(stamps, s.stamps[s.first:])
	copy(stamps[n:], s.stamps[:s.first])
	s.stamps, s.first = stamps, 0
}

// copyFrom makes s equal to other, and keeps its own memory if that is enough.
func (s *state) copyFrom(other *state) {
	s.at, s.used, s.first, s.count = other.at, other.used, 0, other.count
	if s.count > len(s.stamps) {
		s.stamps = make([]int64, s.count)
	}
	for i := range s.count {
		s.stamps[i] = other.stamps[other.index(i)]
	}
}

// bucket counts in parts so small that both a unit and what comes back in a nanosecond are whole numbers of them.
type bucket struct {
	unit int64 // parts in a unit
	flow int64 // parts that come back in a nanosecond
	size int64 // parts in a full bucket
}

func newBucket(l Limit) *bucket {
	per, requests, size := int64(l.Per), int64(l.Requests), int64(l.size())
	common := gcd(per, requests)
	b := &bucket{unit: per / common, flow: requests / common}
	if b.unit > forever/2/size { // too fine to count: whole nanoseconds for a unit, rounded up, so never above the rate
		b.unit, b.flow = (per+requests-1)/requests, 1
	}
	b.size = size * b.unit
	return b
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (b *bucket) free(s *state, now int64) int {
	if s.used > 0 {
		over, back := bits.Mul64(uint64(now-s.at), uint64(b.flow)) //nolint:gosec // neither is negative
		if over != 0 || back >= uint64(s.used) {
			s.used = 0
		} else {
			s.used -= int64(back) //nolint:gosec // less than used
		}
	}
	s.at = now
	return int((b.size - s.used) / b.unit)
}

func (b *bucket) take(s *state, _ int64, n int) { s.used += int64(n) * b.unit }

func (b *bucket) when(s *state, now int64, k int) int64 {
	if int64(k) > (forever-b.flow-s.used-s.at)/b.unit {
		return forever
	}
	missing := s.used + int64(k)*b.unit - b.size // negative if there is more than enough
	return max(now, s.at+(missing+b.flow-1)/b.flow)
}

// span is the time from now to a moment.
func span(now, moment int64) time.Duration { return time.Duration(moment - now) }
