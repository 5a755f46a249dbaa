package inject

import (
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// rule is a rule of a plan with its counts.
type rule struct {
	fault.Rule
	seed     uint64 // of this rule
	part     string // of the path, in lower case
	met, hit int
}

func newRule(seed uint64, number int, r fault.Rule) *rule {
	//nolint:gosec // a count
	return &rule{Rule: r, seed: mix(seed ^ mix(uint64(number)+1)), part: strings.ToLower(r.Path)}
}

// fits reports whether a request is one of the rule's. path is its path in lower case without slashes at its end.
func (r *rule) fits(c *wire.Call, path string) bool {
	if r.Entity != "" && !strings.EqualFold(r.Entity, c.Entity) {
		return false
	}
	if r.Method != "" && !strings.EqualFold(r.Method, c.Method) {
		return false
	}
	if r.Kind == fault.ExpiredToken && !strings.HasSuffix(path, "/query/next") {
		return false
	}
	if end, ok := strings.CutSuffix(r.part, "$"); ok {
		return strings.HasSuffix(path, end)
	}
	return strings.Contains(path, r.part)
}

// meet counts a request and reports whether it is hit.
func (r *rule) meet() bool {
	r.met++
	beyond := r.met - r.After
	if beyond <= 0 || r.Times > 0 && beyond > r.Times {
		return false
	}
	return r.Chance == 0 || roll(r.seed, r.met) < r.Chance
}

// roll is the n-th of a row of numbers evenly spread from 0 to 1, 1 not included, which seed alone decides.
func roll(seed uint64, n int) float64 {
	const bits = 53                                              // that a float64 holds exactly
	return float64(mix(seed+uint64(n))>>(64-bits)) / (1 << bits) //nolint:gosec // a count
}

// mix is the finalizer of SplitMix64: each bit of x decides about half of the result's.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
