package chaos

import (
	"context"
	"sync/atomic"
	"time"
)

// Monkey injects into the calls of one route. It may be used concurrently.
type Monkey struct {
	route    string
	injector *Injector
	counts   *counts
	mine     atomic.Pointer[selection]
}

// selection is what of a set of rules is about the route.
type selection struct {
	of    *[]Rule
	rules []Rule
}

type keyOf struct{}

// WithKey marks the calls under ctx, for rules that are about this key alone: a
// tenant, a user, a test run.
func WithKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, keyOf{}, key)
}

// Inject does what the rules say: it waits, and returns what is to be returned in
// place of the call, with injected true. With injected false the call is to be
// made. A context that has ended before has nothing injected; one that ends while
// something waits ends the call with its cause. It panics if a behaviour does.
func (m *Monkey) Inject(ctx context.Context) (value any, err error, injected bool) { //nolint:revive // value and error are the call's, injected is ours
	rules := m.rules()
	for n := range rules {
		r := &rules[n]
		if ctx.Err() != nil || !concerns(ctx, r.Key) || !r.strikes() {
			continue
		}
		if value, err, injected = m.apply(ctx, *r); injected {
			return value, err, true
		}
	}
	return nil, nil, false
}

// rules returns those about the route, gathered anew when they have changed.
func (m *Monkey) rules() []Rule {
	all, mine := m.injector.rules.Load(), m.mine.Load()
	if mine != nil && mine.of == all {
		return mine.rules
	}
	mine = &selection{of: all}
	for _, r := range *all {
		if r.matches(m.route) {
			mine.rules = append(mine.rules, r)
		}
	}
	m.mine.Store(mine)
	return mine.rules
}

// concerns reports whether a rule with this key is about a call.
func concerns(ctx context.Context, key string) bool {
	return key == "" || ctx.Value(keyOf{}) == key
}

func (m *Monkey) apply(ctx context.Context, r Rule) (value any, err error, injected bool) { //nolint:revive // as Inject
	if r.Latency > 0 {
		m.counts[latency].Add(1)
		if err := wait(ctx, r.Latency); err != nil {
			return nil, err, true
		}
	}
	if r.Behaviour != nil {
		m.counts[behaviour].Add(1)
		if err := r.Behaviour(ctx); err != nil {
			return nil, err, true
		}
	}
	switch {
	case r.Fault != nil:
		m.counts[fault].Add(1)
		return nil, r.Fault, true
	case r.Outcome != nil:
		m.counts[outcome].Add(1)
		return r.Outcome, nil, true
	default:
		return nil, nil, false
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
