package retry

import (
	"sync"
	"time"
)

// budgetLimits are the settings of all budgets.
type budgetLimits struct {
	off     bool
	ratio   float64       // repetitions earned by a first attempt
	reserve float64       // repetitions granted per ttl without any
	ttl     time.Duration // how long what was earned and spent counts
}

// slicesPerTTL is how finely a stock tells time. The present slice is kept on
// top of them, so that what was spent counts for at least a whole TTL.
const slicesPerTTL = 10

// stock is what all accounts of a dependency draw from: a ring of slices of
// time, each with what was earned in it less what was spent.
type stock struct {
	limits budgetLimits
	base   time.Time

	mu                         sync.Mutex
	head                       int64 // the present slice, counted from base
	slices                     [slicesPerTTL + 1]float64
	requests, granted, refused uint64
}

func newStock(limits budgetLimits) *stock {
	return &stock{limits: limits, base: time.Now()}
}

// opened is the slice in which a new account begins to count.
func (s *stock) opened() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.advance()
}

// advance forgets what is older than the TTL and returns the present slice. The
// caller holds mu, as for all that follow.
func (s *stock) advance() int64 {
	now := int64(time.Since(s.base) / (s.limits.ttl / slicesPerTTL))
	for i := max(s.head+1, now-slicesPerTTL); i <= now; i++ {
		s.slices[i%int64(len(s.slices))] = 0
	}
	s.head = max(s.head, now)
	return s.head
}

// deposit pays in what n first attempts earn that were made since slice from.
func (s *stock) deposit(n uint64, from int64) {
	s.requests += n
	share := float64(n) * s.limits.ratio / float64(s.head-from+1)
	for i := max(from, s.head-slicesPerTTL); i <= s.head; i++ {
		s.slices[i%int64(len(s.slices))] += share
	}
}

// balance is how many repetitions would be granted. Ten tenths are one.
func (s *stock) balance() float64 {
	const rounding = 1e-9
	sum := s.limits.reserve + rounding
	for _, slice := range s.slices {
		sum += slice
	}
	return sum
}

func (s *stock) take() bool {
	if s.balance() < 1 {
		s.refused++
		return false
	}
	s.slices[s.head%int64(len(s.slices))]--
	s.granted++
	return true
}
