package resilience

import (
	"cmp"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/retry"
)

const (
	maxDuration = 365 * 24 * time.Hour // beyond any call; sums of it cannot overflow
	maxCalls    = 1_000_000
	maxHedges   = 5
)

// checker gathers the faults of one policy.
type checker struct {
	route    string
	policy   Policy
	declared *Policy
	sources  map[string]string // of settings that code does not set
	faults   []error
}

// fault notes what is wrong with a field, alone or beside others. Where a
// variable or a change at run time has set one of them, the fault says which.
func (c *checker) fault(wrong bool, field, problem, fix string, beside ...string) {
	if !wrong {
		return
	}
	f := Fault{Route: c.route, Field: field, Problem: problem, Fix: fix}
	if len(c.sources) > 0 {
		f.Setting = c.settingOf(field)
		for _, other := range beside {
			f.Setting = cmp.Or(f.Setting, c.settingOf(other))
		}
	}
	c.faults = append(c.faults, f)
}

// settingOf names what has set a field, or a part of it.
func (c *checker) settingOf(field string) string {
	for _, row := range table() {
		source := c.sources[row.Name]
		if source != "" && (row.Field == field || len(row.Field) > len(field) && row.Field[:len(field)+1] == field+".") {
			return source
		}
	}
	return ""
}

// refuse makes an error a fault, and reports whether there is none.
func (c *checker) refuse(field string, err error, fix string) bool {
	if err != nil {
		c.fault(true, field, err.Error(), fix)
	}
	return err == nil
}

func (c *checker) check() {
	p := &c.policy
	c.checkNumbers()
	c.checkTimeouts()
	c.checkLimits()
	c.checkHedge()
	c.fault(p.Streaming && p.EnableFallback, "EnableFallback",
		"a streaming route cannot be replaced: its answer has begun", "Leave out EnableFallback, or type Off: resilience.Fallback")
	c.fault(p.EnableFallback && c.sources["FALLBACK"] != "" && !c.replaces(), "EnableFallback",
		"there is no fallback to switch on: the code gives none", "Give the route one, with Off: resilience.Fallback to begin without it")
	if p.EnableRetry {
		c.checkRetry()
	}
	if p.EnableCircuitBreaker {
		c.refuse("Breaker", p.Breaker.Validate(), "")
	}
}

// replaces reports whether the code has a fallback, switched on or not.
func (c *checker) replaces() bool {
	return c.declared.EnableFallback || c.declared.Off&Fallback != 0 || c.declared.FallbackResponse != nil
}

func (c *checker) checkNumbers() {
	p := &c.policy
	within := func(field string, n, most int64) {
		c.fault(n < 0, field, fmt.Sprintf("%s is %d: it must not be negative", field, n), "Leave it out to inherit")
		c.fault(n > most, field, fmt.Sprintf("%s is %d: it must be at most %d", field, n, most), fmt.Sprintf("Type %d or less", most))
	}
	within("MaxConcurrent", int64(p.MaxConcurrent), maxCalls)
	within("MaxQueue", int64(p.MaxQueue), maxCalls)
	within("MaxRequestBuffer", p.MaxRequestBuffer, 1<<40)
	within("MaxResponseBuffer", p.MaxResponseBuffer, 1<<40)
	within("Hedge.Max", int64(p.Hedge.Max), maxHedges)
	status := func(field string, code int) {
		c.fault(code < 100 || code > 599, field, fmt.Sprintf("%s holds %d, which is no HTTP status", field, code), "Use the constants of net/http")
	}
	status("FallbackStatus", p.FallbackStatus)
	for _, code := range p.RetryOnStatus {
		status("RetryOnStatus", code)
	}
}

func (c *checker) checkTimeouts() {
	p := &c.policy
	c.fault(p.Timeout < 0 && p.Timeout != NoTimeout, "Timeout",
		fmt.Sprintf("Timeout is %s: it must not be negative", p.Timeout), "For no deadline at all, type Timeout: resilience.NoTimeout")
	c.length("Timeout", max(p.Timeout, 0))
	c.length("AttemptTimeout", p.AttemptTimeout)
	c.length("QueueTimeout", p.QueueTimeout)
	c.length("Hedge.Delay", p.Hedge.Delay)
	c.fault(p.Timeout > 0 && p.AttemptTimeout >= p.Timeout, "AttemptTimeout",
		fmt.Sprintf("AttemptTimeout %s is not below Timeout %s, so it can never be reached", p.AttemptTimeout, p.Timeout),
		fmt.Sprintf("Type AttemptTimeout: %s or less, or leave it out", literal(p.Timeout/2)), "Timeout")
	c.fault(p.TimeoutMode > Hard, "TimeoutMode", fmt.Sprintf("TimeoutMode is %d", p.TimeoutMode), "Type resilience.Soft or resilience.Hard")
	c.fault(p.TimeoutMode == Hard && p.Streaming, "TimeoutMode",
		"a streaming route cannot be abandoned: its answer has begun", "Leave out TimeoutMode: resilience.Hard")
	c.fault(p.TimeoutMode == Hard && p.Timeout == NoTimeout && p.AttemptTimeout == 0 && !p.Streaming, "TimeoutMode",
		"a hard deadline needs a deadline", "Set Timeout or AttemptTimeout, or leave out TimeoutMode: resilience.Hard", "Timeout", "AttemptTimeout")
}

// length checks a duration of which zero is none.
func (c *checker) length(field string, d time.Duration) {
	c.fault(d < 0, field, fmt.Sprintf("%s is %s: it must not be negative", field, d), "Leave it out for none")
	c.fault(d > maxDuration, field, fmt.Sprintf("%s is %s, more than a year", field, d), "Leave it out for none")
}

func (c *checker) checkLimits() {
	p := &c.policy
	c.fault(p.MaxQueue > 0 && p.MaxConcurrent == 0 && !p.Adaptive, "MaxQueue",
		"a queue without a bound is never used", "Set MaxConcurrent or Adaptive, or leave out MaxQueue", "MaxConcurrent", "Adaptive")
	c.fault(p.QueueTimeout > 0 && p.MaxQueue == 0, "QueueTimeout",
		"QueueTimeout without a queue is never used", "Set MaxQueue, or leave out QueueTimeout", "MaxQueue")
	c.fault(p.QueueTimeout > 0 && p.Timeout > 0 && p.QueueTimeout >= p.Timeout, "QueueTimeout",
		fmt.Sprintf("QueueTimeout %s is not below Timeout %s, so it can never be reached", p.QueueTimeout, p.Timeout),
		fmt.Sprintf("Type QueueTimeout: %s or less, or leave it out", literal(p.Timeout/2)), "Timeout")
	c.fault(p.Adaptive && p.Streaming, "Adaptive",
		"a stream lasts as long as its reader wants, so its duration says nothing of the load", "Set MaxConcurrent alone")
	c.fault(p.Priority < Low || p.Priority > Critical, "Priority",
		fmt.Sprintf("Priority is %d", p.Priority), "Type resilience.Low, Normal, High or Critical")
}

func (c *checker) checkHedge() {
	p := &c.policy
	if p.Hedge.Max == 0 {
		c.fault(p.Hedge.Delay > 0, "Hedge.Delay", "Hedge.Delay without Hedge.Max begins no attempt", "Set Hedge.Max, or leave out Hedge", "Hedge.Max")
		return
	}
	c.fault(p.Streaming, "Hedge", "a streaming route cannot be made twice: its answer has begun", "Leave out Hedge")
	c.fault(!p.Safe && !p.Idempotent, "Hedge",
		"hedging on a route that is not idempotent: every attempt would be done",
		"If doing it twice does no harm, type Idempotent: true; else leave out Hedge", "Hedge.Max")
	longest := p.AttemptTimeout
	if longest == 0 {
		longest = max(p.Timeout, 0)
	}
	c.fault(longest > 0 && p.Hedge.Delay >= longest, "Hedge.Delay",
		fmt.Sprintf("Hedge.Delay %s is not below the longest time of an attempt, %s, so that none ever joins it", p.Hedge.Delay, longest),
		fmt.Sprintf("Type Delay: %s or less, or leave out Hedge", literal(longest/2)), "AttemptTimeout", "Timeout", "Hedge.Max")
}

func (c *checker) checkRetry() {
	p := &c.policy
	if !c.refuse("Retry", p.Retry.Validate(), "") {
		return
	}
	c.fault(p.Streaming, "EnableRetry",
		"a streaming route cannot be repeated: its answer has begun", "Leave out EnableRetry, or type Off: resilience.Retry")
	c.fault(!p.Idempotent && !p.Safe, "EnableRetry",
		"retry on a route that is not idempotent: what failed may have been done, and would be done twice",
		"If doing it twice does no harm, type Idempotent: true; else leave out EnableRetry, or type Off: resilience.Retry")
	least := p.Retry.Shortest() + retry.MinAttempt
	c.fault(p.Timeout > 0 && p.Retry.MaxAttempts > 1 && least >= p.Timeout, "EnableRetry",
		fmt.Sprintf("retry can never fit the timeout: a second attempt needs %s, and Timeout is %s", least, p.Timeout),
		fmt.Sprintf("Type Timeout: %s or more, or Retry: retry.Policy{BaseDelay: %s}", literal(2*least), literal(p.Timeout/4)), "Timeout", "Retry")
}

// literal writes a duration as Go source.
func literal(d time.Duration) string {
	if d >= time.Second && d%time.Second == 0 {
		return fmt.Sprintf("%d * time.Second", d/time.Second)
	}
	return fmt.Sprintf("%d * time.Millisecond", max(d.Milliseconds(), 1))
}
