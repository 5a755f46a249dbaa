package circuitbreaker

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	minStripes = 4
	maxStripes = 16
)

// striper gives every processor a stripe of its own to count in, so that two
// of them never write to one cache line. A token is a stripe number; package
// sync keeps those that are not in use by processor. Where it loses one, a
// processor gets another stripe, or shares one, which costs time and never a
// count.
type striper struct {
	count  int // a power of two
	tokens sync.Pool
}

type token struct{ stripe int }

func newStriper() *striper {
	s := &striper{count: minStripes}
	for s.count < maxStripes && s.count < 2*runtime.GOMAXPROCS(0) {
		s.count *= 2
	}
	var given atomic.Int64
	s.tokens.New = func() any { return &token{stripe: int(given.Add(1)-1) & (s.count - 1)} }
	return s
}

func (s *striper) take() *token {
	t, _ := s.tokens.Get().(*token) // New makes them
	return t
}

func (s *striper) give(t *token) { s.tokens.Put(t) }

// tally is one stripe of what a breaker counts for as long as it lives, on a
// cache line of its own.
type tally struct {
	n    [4]atomic.Uint64 // by Outcome, and slow calls
	last [3]atomic.Int64  // by Outcome: the second since the base, plus one; 0 is never
	_    [8]byte
}

// slowCalls is the index of tally.n beside those of the outcomes.
const slowCalls = int(Excluded) + 1

// count adds one call that ended in second.
func (t *tally) count(outcome Outcome, second int64) {
	t.n[outcome].Add(1)
	if last := &t.last[outcome]; last.Load() != second+1 {
		last.Store(second + 1)
	}
}

// counted returns the sum over all stripes of n[i].
func counted(tallies []tally, i int) uint64 {
	var n uint64
	for s := range tallies {
		n += tallies[s].n[i].Load()
	}
	return n
}

// latest returns the second of the last call with the outcome, plus one.
func latest(tallies []tally, outcome Outcome) int64 {
	var last int64
	for s := range tallies {
		last = max(last, tallies[s].last[outcome].Load())
	}
	return last
}
