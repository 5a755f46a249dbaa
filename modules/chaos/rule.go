package chaos

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// Rule is one thing to inject. What it injects, it does in the order of the
// fields; one that ends the call leaves out the rest.
type Rule struct {
	// Route is the name of a route, in which * stands for any text.
	Route string

	// Rate is the share of calls, from 0, which is none of them, to 1, which is
	// all. Beyond that it is none or all, too.
	Rate float64

	// Key bounds the rule to calls marked with it by [WithKey]. Empty: all calls.
	Key string

	// Latency is waited for before the call, or until its context ends, which
	// ends the call. 0 or less is none.
	Latency time.Duration

	// Behaviour is run before the call. An error ends the call; it may panic, and
	// should end with its context. Nil is none.
	Behaviour func(ctx context.Context) error

	// Fault is returned in place of the call. Nil is none.
	Fault error

	// Outcome is the value returned in place of the call. It must be of the type
	// that the route returns. Nil is none.
	Outcome any
}

// The kinds of injection: label of chaos_injections_total.
const (
	KindLatency   = "latency"
	KindBehaviour = "behaviour"
	KindFault     = "fault"
	KindOutcome   = "outcome"
)

// kind is the number of one of them.
type kind int

const (
	latency kind = iota
	behaviour
	fault
	outcome
	kinds int = iota
)

// String returns the text of k.
func (k kind) String() string {
	return [kinds]string{KindLatency, KindBehaviour, KindFault, KindOutcome}[k]
}

// Validate reports everything that makes the rule useless, joined.
func (r Rule) Validate() error {
	var errs []error
	refuse := func(wrong bool, problem string) {
		if wrong {
			errs = append(errs, fmt.Errorf("rule for %q: %s", r.Route, problem))
		}
	}
	refuse(r.Route == "", "has no route; * is all of them")
	refuse(math.IsNaN(r.Rate), "its rate is no number")
	refuse(r.Latency <= 0 && r.Behaviour == nil && r.Fault == nil && r.Outcome == nil,
		"injects nothing; set latency, fault, outcome or behaviour")
	refuse(r.Fault != nil && r.Outcome != nil, "has both a fault and an outcome; a call returns one of them")
	return errors.Join(errs...)
}

// matches reports whether the rule is about a route.
func (r Rule) matches(route string) bool {
	parts := strings.Split(r.Route, "*")
	if len(parts) == 1 {
		return route == r.Route
	}
	first, last := parts[0], parts[len(parts)-1]
	rest, ok := strings.CutPrefix(route, first)
	if !ok || !strings.HasSuffix(rest, last) {
		return false
	}
	rest = rest[:len(rest)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return true
}

// strikes throws the dice.
func (r Rule) strikes() bool {
	return r.Rate >= 1 || r.Rate > 0 && rand.Float64() < r.Rate //nolint:gosec // dice, no secrets
}

// FaultError is the error that rules written as text return.
type FaultError struct {
	Status int // 400 to 599, or 0 for an error without one
}

// Error says that the fault is an injected one.
func (e *FaultError) Error() string {
	if e.Status == 0 {
		return "injected by chaos"
	}
	return fmt.Sprintf("injected by chaos: %d %s", e.Status, http.StatusText(e.Status))
}

// StatusCode returns Status, or 500 Internal Server Error.
func (e *FaultError) StatusCode() int {
	if e.Status == 0 {
		return http.StatusInternalServerError
	}
	return e.Status
}

// Hang is a behaviour: it waits until the context ends, and returns its cause.
func Hang(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// Panic is a behaviour: it panics.
func Panic(context.Context) error { panic("injected by chaos") }
