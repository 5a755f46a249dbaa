package resiliencetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Dependency plays a script: the first attempt goes as the first outcome says,
// the second as the second, and every further one as the last. It comes from
// [Script]; its methods may be called concurrently.
type Dependency struct {
	outcomes []Outcome

	mu       sync.Mutex
	instead  *Outcome
	attempts []Attempt
	causes   []error
}

// Attempt is what happened in one attempt.
type Attempt struct {
	Began time.Time
	Ended time.Time // zero while it runs
	Err   error     // what was returned; nil also after a panic or the end of the goroutine
}

// Script returns a Dependency that plays the outcomes in their order and then
// stays with the last. Without outcomes every attempt succeeds with nil.
func Script(outcomes ...Outcome) *Dependency {
	return &Dependency{outcomes: slices.Clone(outcomes)}
}

// Instead sets how a fallback goes, and gives the dependency back. Without it
// the fallback hands its reason on, which then is the answer.
func (d *Dependency) Instead(o Outcome) *Dependency {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.instead = &o
	return d
}

// Do makes the next attempt. With Fallback it makes a Dependency an Attempt of
// package resilience.
func (d *Dependency) Do(ctx context.Context) (value any, err error) {
	n, outcome := d.begin()
	defer func() { d.end(n, err) }()
	return outcome.run(ctx)
}

// Fallback goes as [Dependency.Instead] says.
func (d *Dependency) Fallback(ctx context.Context, cause error) (any, error) {
	d.mu.Lock()
	d.causes = append(d.causes, cause)
	instead := d.instead
	d.mu.Unlock()
	if instead == nil {
		return nil, cause
	}
	return instead.run(ctx)
}

func (d *Dependency) begin() (n int, o Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n = len(d.attempts)
	d.attempts = append(d.attempts, Attempt{Began: time.Now()})
	if len(d.outcomes) == 0 {
		return n, Outcome{}
	}
	return n, d.outcomes[min(n, len(d.outcomes)-1)]
}

func (d *Dependency) end(n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attempts[n].Ended, d.attempts[n].Err = time.Now(), err
}

// Attempts returns what happened so far, in the order in which attempts began.
func (d *Dependency) Attempts() []Attempt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.attempts)
}

// Causes returns the reasons for which the fallback was asked so far.
func (d *Dependency) Causes() []error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.causes)
}

// Play makes the next attempt of d in a method of a fake, and gives its value as
// a T. A value of another type is an error that names both types.
func Play[T any](ctx context.Context, d *Dependency) (T, error) {
	value, err := d.Do(ctx)
	if err != nil || value == nil {
		var zero T
		return zero, err
	}
	typed, ok := value.(T)
	if !ok {
		return typed, fmt.Errorf("the script answers with a %T, the caller wants a %T", value, typed)
	}
	return typed, nil
}

// WantAttempts fails the test unless want attempts were made so far.
func (d *Dependency) WantAttempts(tb testing.TB, want int) {
	tb.Helper()
	if attempts := d.Attempts(); len(attempts) != want {
		tb.Fatalf("%d attempts were made, want %d%s", len(attempts), want, table(attempts))
	}
}

// WantWaits fails the test unless the waits, each from the end of an attempt to
// the beginning of the next, were exactly these. In a bubble they are exact where
// jitter is off, as in [New].
func (d *Dependency) WantWaits(tb testing.TB, want ...time.Duration) {
	tb.Helper()
	attempts := d.Attempts()
	var got []time.Duration
	for i := 1; i < len(attempts); i++ {
		got = append(got, attempts[i].Began.Sub(attempts[i-1].Ended))
	}
	if !slices.Equal(got, want) {
		tb.Fatalf("waits between attempts: %v, want %v%s", got, want, table(attempts))
	}
}

// table shows attempts, a line for each.
func table(attempts []Attempt) string {
	var b strings.Builder
	for i, a := range attempts {
		took := "running"
		if !a.Ended.IsZero() {
			took = a.Ended.Sub(a.Began).String()
		}
		fmt.Fprintf(&b, "\n  %d: after %s, %s, error %v", i+1, a.Began.Sub(attempts[0].Began), took, a.Err)
	}
	return b.String()
}
