package resilience

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/retry"
)

// Compile turns a policy into a pipeline, once per route. The name is that of
// the route: of its metrics, and of its breaker unless the policy names another.
//
// The error joins one [Fault] for everything that is wrong: an attempt timeout
// that is not below the timeout, retry where repeating may do harm or can never
// fit the timeout, numbers out of bounds, a breaker that exists with other
// settings, a name compiled before.
func (r *Runner) Compile(name string, p Policy) (*Pipeline, error) {
	p = r.effective(p)
	c := checker{route: name, policy: p}
	c.check()
	pipeline := &Pipeline{name: name, policy: p, runner: r, bulkhead: bulkhead{limit: int64(p.MaxConcurrent)}}
	pipeline.timeout = max(p.Timeout, 0)
	if p.EnableCircuitBreaker && c.refuse("Breaker", p.Breaker.Validate(), "") {
		breaker, err := r.breakers.Register(cmp.Or(p.Name, name), p.Breaker)
		if c.refuse("Breaker", err, "Give the routes policies with one and the same Breaker, or different Names") {
			pipeline.breaker, pipeline.policy.Breaker = breaker, breaker.Config()
			pipeline.longest = cmp.Or(p.AttemptTimeout, pipeline.timeout, breaker.Config().Timeout)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, other := range r.pipelines {
		c.fault(other.name == name, "Name", "is compiled twice", "Give one of the two another name")
	}
	if len(c.faults) > 0 {
		return nil, errors.Join(c.faults...)
	}
	r.pipelines = append(r.pipelines, pipeline)
	return pipeline, nil
}

// effective applies Off and Streaming, and fills in what is inherited.
func (r *Runner) effective(p Policy) Policy {
	p = Merge(Policy{}, p)
	p.Timeout = cmp.Or(p.Timeout, r.cfg.Timeout)
	if p.Streaming {
		p.Timeout, p.AttemptTimeout = NoTimeout, 0
	}
	p.FallbackStatus = cmp.Or(p.FallbackStatus, http.StatusOK)
	p.MaxRequestBuffer = cmp.Or(p.MaxRequestBuffer, defaultBuffer)
	p.MaxResponseBuffer = cmp.Or(p.MaxResponseBuffer, defaultBuffer)
	if p.RetryOnStatus == nil {
		p.RetryOnStatus = defaultRetryOnStatus()
	}
	own := p.Retry.RetryIf
	p.Retry = r.retries.Effective(p.Retry)
	p.Retry.RetryIf = own // nil: RetryOnStatus decides
	return p
}

// checker gathers the faults of one policy.
type checker struct {
	route  string
	policy Policy
	faults []error
}

func (c *checker) fault(wrong bool, field, problem, fix string) {
	if wrong {
		c.faults = append(c.faults, Fault{Route: c.route, Field: field, Problem: problem, Fix: fix})
	}
}

// refuse makes an error a fault, and reports whether there is none.
func (c *checker) refuse(field string, err error, fix string) bool {
	if err != nil {
		c.fault(true, field, err.Error(), fix)
	}
	return err == nil
}

func (c *checker) check() {
	c.checkNumbers()
	c.checkTimeouts()
	c.fault(c.policy.Streaming && c.policy.EnableFallback, "EnableFallback",
		"a streaming route cannot be replaced: its answer has begun", "Leave out EnableFallback, or type Off: resilience.Fallback")
	if c.policy.EnableRetry {
		c.checkRetry()
	}
}

func (c *checker) checkNumbers() {
	p := c.policy
	negative := func(field string, n int64) {
		c.fault(n < 0, field, fmt.Sprintf("%s is %d: it must not be negative", field, n), "Leave it out to inherit")
	}
	negative("MaxConcurrent", int64(p.MaxConcurrent))
	negative("MaxRequestBuffer", p.MaxRequestBuffer)
	negative("MaxResponseBuffer", p.MaxResponseBuffer)
	status := func(field string, code int) {
		c.fault(code < 100 || code > 599, field, fmt.Sprintf("%s holds %d, which is no HTTP status", field, code), "Use the constants of net/http")
	}
	status("FallbackStatus", p.FallbackStatus)
	for _, code := range p.RetryOnStatus {
		status("RetryOnStatus", code)
	}
}

func (c *checker) checkTimeouts() {
	p := c.policy
	c.fault(p.Timeout < 0 && p.Timeout != NoTimeout, "Timeout",
		fmt.Sprintf("Timeout is %s: it must not be negative", p.Timeout), "For no deadline at all, type Timeout: resilience.NoTimeout")
	c.fault(p.AttemptTimeout < 0, "AttemptTimeout",
		fmt.Sprintf("AttemptTimeout is %s: it must not be negative", p.AttemptTimeout), "Leave it out for none")
	c.fault(p.Timeout > 0 && p.AttemptTimeout >= p.Timeout, "AttemptTimeout",
		fmt.Sprintf("AttemptTimeout %s is not below Timeout %s, so it can never be reached", p.AttemptTimeout, p.Timeout),
		fmt.Sprintf("Type AttemptTimeout: %s or less, or leave it out", literal(p.Timeout/2)))
	c.fault(p.TimeoutMode > Hard, "TimeoutMode", fmt.Sprintf("TimeoutMode is %d", p.TimeoutMode), "Type resilience.Soft or resilience.Hard")
	c.fault(p.TimeoutMode == Hard && p.Streaming, "TimeoutMode",
		"a streaming route cannot be abandoned: its answer has begun", "Leave out TimeoutMode: resilience.Hard")
	c.fault(p.TimeoutMode == Hard && p.Timeout == NoTimeout && p.AttemptTimeout == 0 && !p.Streaming, "TimeoutMode",
		"a hard deadline needs a deadline", "Set Timeout or AttemptTimeout, or leave out TimeoutMode: resilience.Hard")
}

func (c *checker) checkRetry() {
	p := c.policy
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
		fmt.Sprintf("Type Timeout: %s or more, or Retry: retry.Policy{BaseDelay: %s}", literal(2*least), literal(p.Timeout/4)))
}

// literal writes a duration as Go source.
func literal(d time.Duration) string {
	if d >= time.Second && d%time.Second == 0 {
		return fmt.Sprintf("%d * time.Second", d/time.Second)
	}
	return fmt.Sprintf("%d * time.Millisecond", max(d.Milliseconds(), 1))
}
