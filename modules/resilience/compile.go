package resilience

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Compile turns a policy into a pipeline, once per route. The name is that of
// the route: of its metrics, of its variables, and of its breaker unless the
// policy names another.
//
// The error joins one [Fault] for everything that is wrong: numbers out of
// bounds, strategies that do not go together, retry or hedging where repeating
// may do harm, retry that can never fit the timeout, a breaker that exists with
// other settings, a name compiled before, and overrides that cannot be read.
func (r *Runner) Compile(name string, p Policy) (*Pipeline, error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	pipeline := &Pipeline{name: name, runner: r, clock: &r.clock, declared: Merge(Policy{}, p)}
	pipeline.declared.Group = cmp.Or(p.Group, groupOf(name))
	policy, sources, faults := r.effective(pipeline)
	c := checker{route: name, policy: policy, sources: sources, faults: faults, declared: &pipeline.declared}
	c.check()
	_, known := r.Pipeline(name)
	c.fault(known, "Name", "is compiled twice", "Give one of the two another name")
	if len(c.faults) == 0 && policy.EnableCircuitBreaker {
		err := r.agree(breakerName(&policy, name), policy.Breaker)
		c.refuse("Breaker", err, "Give the routes policies with one and the same Breaker, or different Names")
	}
	if len(c.faults) > 0 {
		return nil, errors.Join(c.faults...)
	}
	pipeline.began, pipeline.hedged = switches(&policy), policy.Hedge.Max > 0
	if err := pipeline.use(policy, sources); err != nil {
		return nil, err
	}
	r.add(pipeline)
	return pipeline, nil
}

// switches are the strategies that are on.
func switches(p *Policy) (on Switch) {
	if p.EnableRetry {
		on |= Retry
	}
	if p.EnableFallback {
		on |= Fallback
	}
	return on
}

// groupOf is the first part of a route's name.
func groupOf(name string) string {
	group, _, _ := strings.Cut(name, ".")
	return group
}

// breakerName is the name of the breaker of a route.
func breakerName(p *Policy, route string) string { return cmp.Or(p.Name, route) }

// effective lays overrides and changes over what the code says, and fills in
// what is inherited. The faults are those of overrides that cannot be read.
func (r *Runner) effective(pipeline *Pipeline) (Policy, map[string]string, []error) {
	p := pipeline.declared
	sources, faults := r.override(pipeline.name, &p)
	p = Merge(Policy{}, p)
	p.Timeout = cmp.Or(p.Timeout, r.cfg.Timeout)
	if p.Streaming {
		p.Timeout, p.AttemptTimeout = NoTimeout, 0
		if sources == nil {
			sources = make(map[string]string)
		}
		sources["TIMEOUT"], sources["ATTEMPT_TIMEOUT"] = sourceCode, sourceCode // a group's variable does not hold
	}
	p.FallbackStatus = cmp.Or(p.FallbackStatus, http.StatusOK)
	p.MaxRequestBuffer = cmp.Or(p.MaxRequestBuffer, defaultBuffer)
	p.MaxResponseBuffer = cmp.Or(p.MaxResponseBuffer, defaultBuffer)
	if p.RetryOnStatus == nil {
		p.RetryOnStatus = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	}
	own := p.Retry.RetryIf
	p.Retry = r.retries.Effective(p.Retry)
	p.Retry.RetryIf = own // nil: RetryOnStatus decides
	p.Retry.Dependency = cmp.Or(p.Retry.Dependency, breakerName(&p, pipeline.name))
	return p, sources, faults
}

// use makes policy, which was checked, what holds for calls from now on. Slots,
// the breaker with its window, and the budget outlive it.
func (p *Pipeline) use(policy Policy, sources map[string]string) error {
	r := p.runner
	off := r.off.Load()
	if off {
		policy, sources = r.disable(policy, sources)
	}
	plan := &plan{policy: policy, sources: sources, timeout: max(policy.Timeout, 0), queues: policy.MaxQueue > 0}
	if policy.EnableCircuitBreaker {
		breaker, err := r.breaker(breakerName(&policy, p.name), policy.Breaker)
		if err != nil {
			return err
		}
		plan.breaker, plan.policy.Breaker = breaker, breaker.Config()
		plan.longest = cmp.Or(policy.AttemptTimeout, plan.timeout, plan.policy.Breaker.Timeout)
	}
	if policy.EnableRetry || policy.Hedge.Max > 0 {
		if p.budget == nil {
			p.budget = r.retries.Budget(policy.Retry.Dependency)
		}
		plan.budget = p.budget
	}
	if !off {
		plan.shedder = r.shedder
	}
	if r.chaos != nil {
		plan.monkey = r.chaos.For(p.name)
	}
	plan.bulkhead = p.bound(&policy)
	p.plan.Store(plan)
	return nil
}

// bound returns the bulkhead that policy needs, which is made once.
func (p *Pipeline) bound(policy *Policy) *bulkhead.Bulkhead {
	slots := p.slots.Load()
	if slots != nil {
		slots.Configure(policy.limits())
	}
	if !policy.bounded() {
		return nil
	}
	if slots == nil {
		slots = bulkhead.New(policy.limits())
		p.slots.Store(slots)
	}
	return slots
}

// agree registers the breaker of that name. The error says that it has other
// settings than cfg.
func (r *Runner) agree(name string, cfg circuitbreaker.Config) error {
	last, changed := r.configured[name]
	if !changed {
		_, err := r.breakers.Register(name, cfg)
		return err //nolint:wrapcheck // it names the breaker
	}
	if !sameBreaker(last, cfg) {
		return fmt.Errorf("circuit breaker %q has other settings since they were changed at run time", name)
	}
	return nil
}

// breaker returns the breaker of that name, with cfg from now on.
func (r *Runner) breaker(name string, cfg circuitbreaker.Config) (*circuitbreaker.Breaker, error) {
	last, changed := r.configured[name]
	if !changed {
		breaker, err := r.breakers.Register(name, cfg)
		if _, known := r.breakers.Metrics(name); err == nil || !known {
			return breaker, err //nolint:wrapcheck // it names the breaker
		}
	}
	if !changed || !sameBreaker(last, cfg) {
		if err := r.breakers.Configure(name, cfg); err != nil {
			return nil, err //nolint:wrapcheck // it names the breaker
		}
		r.configured[name] = cfg
	}
	return r.breakers.Get(name), nil
}

// disable is what the global switch leaves of a policy: deadlines, fallbacks,
// and the bound on abandoned calls. What it takes away has the switch as its
// source.
func (r *Runner) disable(p Policy, sources map[string]string) (Policy, map[string]string) {
	less := p
	less.EnableCircuitBreaker, less.EnableRetry = false, false
	less.MaxConcurrent, less.MaxQueue, less.QueueTimeout, less.Adaptive = 0, 0, 0, false
	less.Hedge = Hedge{}
	told := make(map[string]string)
	maps.Copy(told, sources)
	for i := range r.table {
		if row := &r.table[i]; row.show(&less) != row.show(&p) {
			told[row.Name] = "RESILIENCE=off"
		}
	}
	return less, told
}
