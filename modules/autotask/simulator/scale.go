package simulator

import (
	"errors"
	"strconv"
)

// Scale multiplies a latency that Autotask adds by itself: 1 is the real one, 0.1 a tenth of it, at most 100. Zero
// takes the default of its setting; none at all is [NoLatency].
type Scale float64

// NoLatency is the scale of no latency. In the environment it is written 0.
const NoLatency Scale = -1

const maxScale = 100

// Decode reads the scale as the environment has it.
func (s *Scale) Decode(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= maxScale) {
		return errors.New("must be a number, from 0 to 100")
	}
	if *s = Scale(v); v == 0 {
		*s = NoLatency
	}
	return nil
}

// Allowed says in words what the environment may have.
func (*Scale) Allowed() string { return "a number, from 0 to 100" }

// factor is what a latency is multiplied by.
func factor(s Scale) float64 { return max(float64(s), 0) }
