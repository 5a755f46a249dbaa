package circuitbreaker

import (
	"cmp"
	"fmt"
	"reflect"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config sets when a breaker opens, for how long, and how it closes again.
// Read from the environment it is the default of every breaker; given to
// [Service.Register] or [Service.Configure] it is one breaker's own, and a
// field left at zero inherits the default.
type Config struct {
	// Mode says how a breaker decides: by opening and closing, or by refusing a
	// share of the calls. Default [ModeWindow].
	Mode Mode `envconfig:"CIRCUIT_BREAKER_MODE" default:"window" oneof:"window adaptive" desc:"How breakers decide: window opens and closes, adaptive refuses a share of the calls"`

	// FailureThreshold is the share of failed calls in the window, above 0 and
	// at most 1, from which on the breaker opens. Equality opens.
	FailureThreshold config.Ratio `envconfig:"CIRCUIT_BREAKER_FAILURE_THRESHOLD" default:"0.5" min:"0.001" desc:"Share of failed calls in the window that opens a breaker"`

	// MinThroughput is the number of calls the window must hold before the
	// shares of failed and of slow calls mean anything.
	MinThroughput int `envconfig:"CIRCUIT_BREAKER_MIN_THROUGHPUT" default:"10" min:"1" max:"1000000" desc:"Calls the window must hold before a breaker may open"`

	// SlidingWindow is how long a finished call counts. It is kept in whole
	// seconds, from 1 s to 1 h; a fraction is rounded up.
	SlidingWindow time.Duration `envconfig:"CIRCUIT_BREAKER_SLIDING_WINDOW" default:"60000" min:"1000" max:"3600000" desc:"Time a finished call counts for the failure rate"`

	// ConsecutiveFailures opens the breaker after so many failures in a row,
	// whatever the window holds and however far apart they are. 0 is off.
	ConsecutiveFailures int `envconfig:"CIRCUIT_BREAKER_CONSECUTIVE_FAILURES" default:"0" min:"0" max:"1000000" desc:"Failures in a row that open a breaker, 0 is off"`

	// SlowCallDuration is the time beyond which a call is slow, whether it
	// succeeds or fails. 0 is off; then no call is slow, and none reads the
	// clock when it begins.
	SlowCallDuration time.Duration `envconfig:"CIRCUIT_BREAKER_SLOW_CALL_DURATION" default:"0" desc:"Time beyond which a call is slow, 0 is off"`

	// SlowCallThreshold is the share of slow calls in the window, above 0 and
	// at most 1, from which on the breaker opens. Equality opens.
	SlowCallThreshold config.Ratio `envconfig:"CIRCUIT_BREAKER_SLOW_CALL_THRESHOLD" default:"0.5" min:"0.001" desc:"Share of slow calls in the window that opens a breaker"`

	// Timeout bounds one call made by [Service.Execute] and [Do]. It is also
	// the longest time a half-open trial may hold its slot, plus one second.
	Timeout time.Duration `envconfig:"CIRCUIT_BREAKER_TIMEOUT" default:"60000" min:"1" desc:"Longest time one call through Execute may take"`

	// ResetTimeout is the time an open breaker waits before it lets trials
	// through.
	ResetTimeout time.Duration `envconfig:"CIRCUIT_BREAKER_RESET_TIMEOUT" default:"30000" min:"1" desc:"Time a breaker stays open before it tries again"`

	// ResetGrowth multiplies the time open with each period that follows
	// another without the breaker having closed. 1 is no growth, 10 the most.
	ResetGrowth float64 `envconfig:"CIRCUIT_BREAKER_RESET_GROWTH" default:"1" min:"1" max:"10" desc:"Factor by which the time open grows while trials keep failing, 1 is none"`

	// MaxResetTimeout is what ResetTimeout grows to at most. It counts only
	// where that grows.
	MaxResetTimeout time.Duration `envconfig:"CIRCUIT_BREAKER_MAX_RESET_TIMEOUT" default:"300000" min:"1" desc:"Longest time open that growth leads to"`

	// ResetJitter spreads the time open, so that many processes do not try
	// again at the same moment: 0.1 makes 30 s anything from 27 s to 33 s.
	// 0 is off.
	ResetJitter config.Ratio `envconfig:"CIRCUIT_BREAKER_RESET_JITTER" default:"0" desc:"Share by which the time open is spread at random, 0 is off"`

	// HalfOpenMaxCalls is both how many trials a half-open breaker lets
	// through and how many of them must succeed for it to close.
	HalfOpenMaxCalls int `envconfig:"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS" default:"10" min:"1" max:"1000000" desc:"Trials let through half-open; all must succeed to close"`

	// AdaptiveK is how many calls [ModeAdaptive] lets through for each call in
	// the window that was accepted: 2 refuses nothing while half succeed.
	AdaptiveK float64 `envconfig:"CIRCUIT_BREAKER_ADAPTIVE_K" default:"2" min:"1" max:"100" desc:"Calls let through per accepted call in adaptive mode"`

	// AdaptiveMaxRejection is the largest share of calls that [ModeAdaptive]
	// refuses, above 0 and at most 1. What is let through finds out that the
	// dependency is well again.
	AdaptiveMaxRejection config.Ratio `envconfig:"CIRCUIT_BREAKER_ADAPTIVE_MAX_REJECTION" default:"0.9" min:"0.001" desc:"Largest share of calls refused in adaptive mode"`

	// Classify tells how an error counts. Nil inherits, in the end [Classify].
	// It is asked for errors only; nil is always a success.
	Classify func(error) Outcome
}

// Mode is how a breaker decides.
type Mode string

// The modes.
const (
	// ModeWindow opens when too many calls of the window failed or were slow.
	ModeWindow Mode = "window"
	// ModeAdaptive never opens by itself. It refuses calls with the probability
	// (requests - K × accepted) ÷ (requests + 1) over the window, at most
	// AdaptiveMaxRejection, once the window holds MinThroughput calls. Requests
	// are the calls that succeeded, failed or were refused so. This is client
	// throttling as in Site Reliability Engineering, chapter 21, Handling
	// Overload. It suits a dependency that is overloaded rather than down.
	ModeAdaptive Mode = "adaptive"
)

// Or returns c with every field at zero taken from base.
func (c Config) Or(base Config) Config {
	c.Mode = cmp.Or(c.Mode, base.Mode)
	c.FailureThreshold = cmp.Or(c.FailureThreshold, base.FailureThreshold)
	c.MinThroughput = cmp.Or(c.MinThroughput, base.MinThroughput)
	c.SlidingWindow = cmp.Or(c.SlidingWindow, base.SlidingWindow)
	c.ConsecutiveFailures = cmp.Or(c.ConsecutiveFailures, base.ConsecutiveFailures)
	c.SlowCallDuration = cmp.Or(c.SlowCallDuration, base.SlowCallDuration)
	c.SlowCallThreshold = cmp.Or(c.SlowCallThreshold, base.SlowCallThreshold)
	c.Timeout = cmp.Or(c.Timeout, base.Timeout)
	c.ResetTimeout = cmp.Or(c.ResetTimeout, base.ResetTimeout)
	c.ResetGrowth = cmp.Or(c.ResetGrowth, base.ResetGrowth)
	c.MaxResetTimeout = cmp.Or(c.MaxResetTimeout, base.MaxResetTimeout)
	c.ResetJitter = cmp.Or(c.ResetJitter, base.ResetJitter)
	c.HalfOpenMaxCalls = cmp.Or(c.HalfOpenMaxCalls, base.HalfOpenMaxCalls)
	c.AdaptiveK = cmp.Or(c.AdaptiveK, base.AdaptiveK)
	c.AdaptiveMaxRejection = cmp.Or(c.AdaptiveMaxRejection, base.AdaptiveMaxRejection)
	if c.Classify == nil {
		c.Classify = base.Classify
	}
	return c
}

// String returns the numbers of c in one line, for error messages and logs.
func (c Config) String() string {
	text := fmt.Sprintf("opens at %s of at least %d calls in %s, for %s; half-open %d calls; call timeout %s",
		c.FailureThreshold, c.MinThroughput, c.SlidingWindow, c.ResetTimeout, c.HalfOpenMaxCalls, c.Timeout)
	if c.Mode == ModeAdaptive {
		text += fmt.Sprintf("; adaptive, k %g, refuses at most %s", c.AdaptiveK, c.AdaptiveMaxRejection)
	}
	if c.SlowCallDuration > 0 {
		text += fmt.Sprintf("; slow beyond %s, opens at %s", c.SlowCallDuration, c.SlowCallThreshold)
	}
	if c.ConsecutiveFailures > 0 {
		text += fmt.Sprintf("; opens after %d failures in a row", c.ConsecutiveFailures)
	}
	if c.ResetGrowth > 1 || c.ResetJitter > 0 {
		text += fmt.Sprintf("; time open grows by %g up to %s, jitter %s", c.ResetGrowth, c.MaxResetTimeout, c.ResetJitter)
	}
	if c.Classify != nil && !sameFunc(c.Classify, Classify) {
		text += ", own classification"
	}
	return text
}

// defaults is what a Service falls back to when its own Config has zeros: the
// defaults of the tags.
func defaults() Config {
	return Config{
		Mode:                 ModeWindow,
		FailureThreshold:     0.5,
		MinThroughput:        10,
		SlidingWindow:        time.Minute,
		SlowCallThreshold:    0.5,
		Timeout:              time.Minute,
		ResetTimeout:         30 * time.Second,
		ResetGrowth:          1,
		MaxResetTimeout:      5 * time.Minute,
		HalfOpenMaxCalls:     10,
		AdaptiveK:            2,
		AdaptiveMaxRejection: 0.9,
		Classify:             Classify,
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
