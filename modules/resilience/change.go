package resilience

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Set changes a setting at run time, for the route, the group or the shared
// breaker of that name, and until [Runner.Unset]: it wins over code and over
// variables. The setting may be written TIMEOUT, timeout or attemptTimeout, the
// value as in a variable. The reason goes to the log.
//
// Calls in flight end under the settings they began with; slots, the state of
// the breaker and its window stay. Where the outcome would be refused by
// [Runner.Compile], nothing changes and the error says why. errors.Is tells
// [ErrUnknownRoute] and [ErrUnknownSetting].
func (r *Runner) Set(name, setting, value, reason string) error {
	return r.set(name, setting, reason, &change{value: value, reason: reason})
}

// Unset takes a change of [Runner.Set] back.
func (r *Runner) Unset(name, setting, reason string) error {
	return r.set(name, setting, reason, nil)
}

// set is Set, and with nil Unset.
func (r *Runner) set(name, setting, reason string, c *change) error {
	row, ok := find(r.table, setting)
	if !ok {
		return fmt.Errorf("%q: %w", setting, ErrUnknownSetting)
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	affected := r.named(name, row)
	if len(affected) == 0 {
		return fmt.Errorf("%q: %w", name, ErrUnknownRoute)
	}
	if row.AtStart {
		return Fault{
			Route: name, Field: row.Field, Problem: row.Name + " is read at start only",
			Fix: "Set " + prefix + keyOf(name) + "_" + row.Name + " and start again",
		}
	}
	before := maps.Clone(r.changes)
	if c == nil {
		delete(r.changes, target{name, row.Name})
	} else {
		r.changes[target{name, row.Name}] = *c
	}
	if err := r.apply(affected); err != nil {
		r.changes = before
		return err
	}
	r.logChange(name, row, reason, c)
	return nil
}

// named returns the pipelines that a setting of name is for.
func (r *Runner) named(name string, row *setting) []*Pipeline {
	var all []*Pipeline
	for _, p := range r.list() {
		if slices.Contains(owners(row, p.name, &p.declared), name) {
			all = append(all, p)
		}
	}
	return all
}

// draft is what a pipeline is to hold.
type draft struct {
	pipeline *Pipeline
	policy   Policy
	sources  map[string]string
}

// apply checks what is to hold for the pipelines, all of them, and then makes it
// hold.
func (r *Runner) apply(affected []*Pipeline) error {
	var faults []error
	drafts := make(map[*Pipeline]draft, len(affected))
	for _, p := range affected {
		policy, sources, wrong := r.effective(p)
		c := checker{route: p.name, policy: policy, sources: sources, faults: wrong, declared: &p.declared}
		c.check()
		c.checkChange(p.began, p.hedged)
		faults = append(faults, c.faults...)
		drafts[p] = draft{p, policy, sources}
	}
	faults = append(faults, r.disagreements(drafts)...)
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	for _, p := range affected {
		if err := p.use(drafts[p].policy, drafts[p].sources); err != nil {
			return err
		}
	}
	return nil
}

// checkChange refuses what a route was not made for at start: to keep bodies, to
// copy what is bound, to give substitutes.
func (c *checker) checkChange(began Switch, hedged bool) {
	const fix = "Switch it on in the code or by a variable, and start again"
	p := &c.policy
	c.fault(p.EnableRetry && began&Retry == 0, "EnableRetry", "retry was off at start, so that requests are not kept for it", fix)
	c.fault(p.EnableFallback && began&Fallback == 0, "EnableFallback", "the fallback was off at start", fix)
	c.fault(p.Hedge.Max > 0 && !hedged, "Hedge", "hedging was off at start, so that requests are not kept for it", fix)
}

// disagreements are the faults of pipelines that share a breaker of which only
// some are changed.
func (r *Runner) disagreements(drafts map[*Pipeline]draft) []error {
	configs := make(map[string]circuitbreaker.Config)
	for p, d := range drafts {
		if d.policy.EnableCircuitBreaker {
			configs[breakerName(&d.policy, p.name)] = d.policy.Breaker
		}
	}
	var faults []error
	for _, p := range r.list() {
		d, changed := drafts[p]
		if !changed {
			policy, _, _ := r.effective(p)
			d.policy = policy
		}
		name := breakerName(&d.policy, p.name)
		cfg, shared := configs[name]
		if d.policy.EnableCircuitBreaker && shared && !sameBreaker(cfg, d.policy.Breaker) {
			faults = append(faults, Fault{
				Route: p.name, Field: "Breaker",
				Problem: fmt.Sprintf("shares the breaker %q, which would have other settings then", name),
				Fix:     fmt.Sprintf("Change the settings of %q, for all who share it", name),
			})
		}
	}
	return faults
}

// sameBreaker compares what can be overridden of two breakers.
func sameBreaker(a, b circuitbreaker.Config) bool {
	a.Classify, b.Classify = nil, nil
	return reflect.DeepEqual(a, b)
}

func (r *Runner) logChange(name string, row *setting, reason string, c *change) {
	about := []any{slog.String("name", name), slog.String("setting", row.Name), slog.String("reason", reason)}
	if c == nil {
		r.log.InfoContext(context.Background(), "setting restored", about...)
		return
	}
	r.log.InfoContext(context.Background(), "setting changed", append(about, slog.String("value", c.value))...)
}

// Enabled reports whether the global switch, RESILIENCE, is on.
func (r *Runner) Enabled() bool { return !r.off.Load() }

// Off leaves of every policy its deadlines and fallbacks alone: no breaker,
// retry, hedge, bulkhead or shedding. Calls in flight are not touched, breakers
// keep their state. The reason goes to the log.
func (r *Runner) Off(reason string) error { return r.toggle(true, reason) }

// On takes [Runner.Off] back.
func (r *Runner) On(reason string) error { return r.toggle(false, reason) }

func (r *Runner) toggle(off bool, reason string) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	if r.off.Swap(off) == off {
		return nil
	}
	r.log.WarnContext(context.Background(), "resilience switched", slog.Bool("on", !off), slog.String("reason", reason))
	var faults []error
	for _, p := range r.list() {
		policy, sources, _ := r.effective(p)
		faults = append(faults, p.use(policy, sources))
	}
	return errors.Join(faults...)
}
