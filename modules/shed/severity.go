package shed

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

// severity is how much is refused because of one sign, in steps: all calls of
// low priority are the first 1000, all normal ones the next, then all of high
// priority. Critical ones are never refused by it.
type severity struct{ steps atomic.Int64 }

const (
	priority = 1000          // steps in which one priority is refused, more and more of it
	worst    = 3 * priority  // low, normal and high
	rise     = priority / 10 // in an interval with the sign
	fall     = priority / 20 // in one without: slower, so that it settles and does not swing
)

// observe takes one interval, with the sign or without. It returns true where
// refusing begins or ends.
func (s *severity) observe(sign bool) (turned bool) {
	before := s.steps.Load()
	after := max(before-fall, 0)
	if sign {
		after = min(before+rise, worst)
	}
	s.steps.Store(after)
	return (before == 0) != (after == 0)
}

// refuses says whether a call of priority p is to be refused: at random, as far
// as its priority is only partly.
func (s *severity) refuses(p bulkhead.Priority) bool {
	steps := s.steps.Load()
	if steps == 0 {
		return false
	}
	share := steps - int64(p-bulkhead.Low)*priority
	return share > 0 && rand.Int64N(priority) < share //nolint:gosec // spreads load, keeps no secret
}

// level returns s as a number from 0 to 3.
func (s *severity) level() float64 { return float64(s.steps.Load()) / priority }
