package circuitbreaker

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config sets when a breaker opens, for how long, and how it closes again.
// Read from the environment it is the default of every breaker; given to
// [Service.Register] it is one breaker's own, and a field left at zero inherits
// the default.
type Config struct {
	// FailureThreshold is the share of failed calls in the window, above 0 and
	// at most 1, from which on the breaker opens. Equality opens.
	FailureThreshold config.Ratio `envconfig:"CIRCUIT_BREAKER_FAILURE_THRESHOLD" default:"0.5" min:"0.001" desc:"Share of failed calls in the window that opens a breaker"`

	// Timeout bounds one call made by [Service.Execute] and [Do]. It is also
	// the longest time a half-open trial may hold its slot, plus one second.
	Timeout time.Duration `envconfig:"CIRCUIT_BREAKER_TIMEOUT" default:"60000" min:"1" desc:"Longest time one call through Execute may take"`

	// ResetTimeout is the time an open breaker waits before it lets trials
	// through.
	ResetTimeout time.Duration `envconfig:"CIRCUIT_BREAKER_RESET_TIMEOUT" default:"30000" min:"1" desc:"Time a breaker stays open before it tries again"`

	// HalfOpenMaxCalls is both how many trials a half-open breaker lets
	// through and how many of them must succeed for it to close.
	HalfOpenMaxCalls int `envconfig:"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS" default:"10" min:"1" max:"1000000" desc:"Trials let through half-open; all must succeed to close"`

	// MinThroughput is the number of calls the window must hold before the
	// failure rate means anything.
	MinThroughput int `envconfig:"CIRCUIT_BREAKER_MIN_THROUGHPUT" default:"10" min:"1" max:"1000000" desc:"Calls the window must hold before a breaker may open"`

	// SlidingWindow is how long a finished call counts. It is kept in whole
	// seconds, from 1 s to 1 h; a fraction is rounded up.
	SlidingWindow time.Duration `envconfig:"CIRCUIT_BREAKER_SLIDING_WINDOW" default:"60000" min:"1000" max:"3600000" desc:"Time a finished call counts for the failure rate"`

	// Classify tells how an error counts. Nil inherits, in the end [Classify].
	// It is asked for errors only; nil is always a success.
	Classify func(error) Outcome
}

// Defaults of the settings, which a Config made in code inherits too.
const (
	defaultThreshold     = 0.5
	defaultTimeout       = 60 * time.Second
	defaultReset         = 30 * time.Second
	defaultHalfOpenCalls = 10
	defaultMinThroughput = 10
	defaultWindow        = 60 * time.Second
)

const (
	maxCount  = 1_000_000
	maxWindow = time.Hour
)

// Validate reports every setting that is out of bounds, joined. Zero is within
// them: it inherits.
func (c Config) Validate() error {
	var errs []error
	refuse := func(name string, value any, problem, example string) {
		errs = append(errs, config.Fault{Name: name, Value: fmt.Sprint(value), Problem: problem, Example: example})
	}
	if !(c.FailureThreshold >= 0 && c.FailureThreshold <= 1) { // not a number is neither
		refuse("CIRCUIT_BREAKER_FAILURE_THRESHOLD", c.FailureThreshold, "must be above 0 and at most 1", "0.5")
	}
	if c.Timeout < 0 {
		refuse("CIRCUIT_BREAKER_TIMEOUT", c.Timeout, "must not be negative", "60000")
	}
	if c.ResetTimeout < 0 {
		refuse("CIRCUIT_BREAKER_RESET_TIMEOUT", c.ResetTimeout, "must not be negative", "30000")
	}
	if c.HalfOpenMaxCalls < 0 || c.HalfOpenMaxCalls > maxCount {
		refuse("CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", c.HalfOpenMaxCalls, "must be between 1 and 1000000", "10")
	}
	if c.MinThroughput < 0 || c.MinThroughput > maxCount {
		refuse("CIRCUIT_BREAKER_MIN_THROUGHPUT", c.MinThroughput, "must be between 1 and 1000000", "10")
	}
	if c.SlidingWindow < 0 || c.SlidingWindow > maxWindow {
		refuse("CIRCUIT_BREAKER_SLIDING_WINDOW", c.SlidingWindow, "must be between 1s and 1h", "60000")
	}
	return errors.Join(errs...)
}

// Or returns c with every field at zero taken from base.
func (c Config) Or(base Config) Config {
	c.FailureThreshold = cmp.Or(c.FailureThreshold, base.FailureThreshold)
	c.Timeout = cmp.Or(c.Timeout, base.Timeout)
	c.ResetTimeout = cmp.Or(c.ResetTimeout, base.ResetTimeout)
	c.HalfOpenMaxCalls = cmp.Or(c.HalfOpenMaxCalls, base.HalfOpenMaxCalls)
	c.MinThroughput = cmp.Or(c.MinThroughput, base.MinThroughput)
	c.SlidingWindow = cmp.Or(c.SlidingWindow, base.SlidingWindow)
	if c.Classify == nil {
		c.Classify = base.Classify
	}
	return c
}

// String returns the numbers of c in one line, for error messages and logs.
func (c Config) String() string {
	own := ""
	if c.Classify != nil && !sameFunc(c.Classify, Classify) {
		own = ", own classification"
	}
	return fmt.Sprintf("opens at %s of at least %d calls in %s, for %s; half-open %d calls; call timeout %s%s",
		c.FailureThreshold, c.MinThroughput, c.SlidingWindow, c.ResetTimeout, c.HalfOpenMaxCalls, c.Timeout, own)
}

// defaults is what a Service falls back to when its own Config has zeros.
func defaults() Config {
	return Config{
		FailureThreshold: defaultThreshold,
		Timeout:          defaultTimeout,
		ResetTimeout:     defaultReset,
		HalfOpenMaxCalls: defaultHalfOpenCalls,
		MinThroughput:    defaultMinThroughput,
		SlidingWindow:    defaultWindow,
		Classify:         Classify,
	}
}

// equal compares two complete configurations. Functions are told apart by
// their code alone: two closures made by one function literal are equal.
func (c Config) equal(other Config) bool {
	same := sameFunc(c.Classify, other.Classify)
	c.Classify, other.Classify = nil, nil
	return same && reflect.DeepEqual(c, other)
}

func sameFunc(a, b func(error) Outcome) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}
