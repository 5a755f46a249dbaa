package circuitbreaker

import (
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

const (
	maxCount  = 1_000_000
	maxWindow = time.Hour
	maxGrowth = 10
	maxK      = 100
)

const prefix = "CIRCUIT_BREAKER_"

// Validate reports every setting that is out of bounds, joined. Zero is within
// them: it inherits.
func (c Config) Validate() error {
	var f faults
	f.need(c.Mode == "" || c.Mode == ModeWindow || c.Mode == ModeAdaptive,
		"MODE", c.Mode, "must be window or adaptive", "window")
	f.ratio("FAILURE_THRESHOLD", c.FailureThreshold, "0.5")
	f.count("MIN_THROUGHPUT", c.MinThroughput, "10")
	f.need(c.SlidingWindow >= 0 && c.SlidingWindow <= maxWindow,
		"SLIDING_WINDOW", c.SlidingWindow, "must be between 1s and 1h", "60000")
	f.count("CONSECUTIVE_FAILURES", c.ConsecutiveFailures, "5")
	f.span("SLOW_CALL_DURATION", c.SlowCallDuration, "2000")
	f.ratio("SLOW_CALL_THRESHOLD", c.SlowCallThreshold, "0.5")
	f.span("TIMEOUT", c.Timeout, "60000")
	f.span("RESET_TIMEOUT", c.ResetTimeout, "30000")
	f.factor("RESET_GROWTH", c.ResetGrowth, maxGrowth, "2")
	f.span("MAX_RESET_TIMEOUT", c.MaxResetTimeout, "300000")
	f.need(!(c.ResetGrowth > 1 && c.MaxResetTimeout > 0 && c.MaxResetTimeout < c.ResetTimeout),
		"MAX_RESET_TIMEOUT", c.MaxResetTimeout, fmt.Sprintf("is below the reset timeout, %s, which is to grow", c.ResetTimeout), "300000")
	f.ratio("RESET_JITTER", c.ResetJitter, "0.1")
	f.count("HALF_OPEN_MAX_CALLS", c.HalfOpenMaxCalls, "10")
	f.factor("ADAPTIVE_K", c.AdaptiveK, maxK, "2")
	f.ratio("ADAPTIVE_MAX_REJECTION", c.AdaptiveMaxRejection, "0.9")
	return errors.Join(f...)
}

// faults gathers what is wrong with a Config.
type faults []error

func (f *faults) need(ok bool, name string, value any, problem, example string) {
	if !ok {
		*f = append(*f, config.Fault{Name: prefix + name, Value: fmt.Sprint(value), Problem: problem, Example: example})
	}
}

// The conditions are such that a value that is not a number fails them.

func (f *faults) ratio(name string, v config.Ratio, example string) {
	f.need(v >= 0 && v <= 1, name, v, "must be above 0 and at most 1", example)
}

func (f *faults) count(name string, n int, example string) {
	f.need(n >= 0 && n <= maxCount, name, n, "must be between 1 and 1000000", example)
}

func (f *faults) span(name string, d time.Duration, example string) {
	f.need(d >= 0, name, d, "must not be negative", example)
}

func (f *faults) factor(name string, v float64, most int, example string) {
	f.need(v == 0 || v >= 1 && v <= float64(most), name, v, fmt.Sprintf("must be between 1 and %d", most), example)
}
