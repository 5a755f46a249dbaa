package resiliencetest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Force puts a breaker that exists into a state, as it would get there by
// itself: an open one stays so for its reset time, a half-open one has all its
// trials free, a closed one has an empty window. HalfOpen takes the reset time,
// so it works in a bubble of testing/synctest alone. It fails the test where
// there is no breaker of that name.
//
// The breakers of an application come from it by fx.Populate(&breakers).
func Force(tb testing.TB, breakers *circuitbreaker.Service, name string, state circuitbreaker.State) {
	tb.Helper()
	var known bool
	if state == circuitbreaker.Closed {
		known = breakers.Reset(name)
	} else {
		known = breakers.ForceOpen(name, "test", 0)
	}
	if !known {
		unknown(tb, breakers, name)
	}
	if state == circuitbreaker.HalfOpen {
		SkipOpen(tb, breakers, name)
	}
	WantState(tb, breakers, name, state)
}

// SkipOpen sleeps to the end of the open period of a breaker: from then on it
// lets trials through. It does nothing where the breaker is not open. It fails
// the test outside a bubble of testing/synctest, where it would really take that
// long.
func SkipOpen(tb testing.TB, breakers *circuitbreaker.Service, name string) {
	tb.Helper()
	m := metrics(tb, breakers, name)
	if m.State != circuitbreaker.Open {
		return
	}
	if !bubble() {
		tb.Fatalf("breaker %q is open for %s: skip that inside synctest.Test", name, time.Until(m.Until))
	}
	time.Sleep(time.Until(m.Until)) //nolint:forbidigo // in a bubble, as was just seen
}

// WantState fails the test unless a breaker is in a state.
func WantState(tb testing.TB, breakers *circuitbreaker.Service, name string, want circuitbreaker.State) {
	tb.Helper()
	if m := metrics(tb, breakers, name); m.State != want {
		tb.Fatalf("breaker %q is %s, want %s: %d of %d calls in the window failed, last error %v",
			name, m.State, want, m.WindowFailures, m.WindowCalls, m.LastError)
	}
}

func metrics(tb testing.TB, breakers *circuitbreaker.Service, name string) circuitbreaker.Metrics {
	tb.Helper()
	m, ok := breakers.Metrics(name)
	if !ok {
		unknown(tb, breakers, name)
	}
	return m
}

func unknown(tb testing.TB, breakers *circuitbreaker.Service, name string) {
	tb.Helper()
	var names []string
	for _, m := range breakers.All() {
		names = append(names, m.Name)
	}
	tb.Fatalf("there is no breaker %q, only %q", name, names)
}

// bubble reports whether the caller is inside of one.
func bubble() (inside bool) {
	defer func() { inside = recover() == nil }()
	synctest.Wait()
	return true
}
