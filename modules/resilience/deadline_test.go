package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// The context of an admission behaves as one of package context, however it is
// looked at.
func TestContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	errGone := errors.New("gone")
	tests := map[string]struct {
		end       func(a *resilience.Admission, cancel context.CancelCauseFunc)
		want      error
		wantCause error
		wantAt    time.Duration
	}{
		"deadline":         {end: func(*resilience.Admission, context.CancelCauseFunc) {}, want: context.DeadlineExceeded, wantCause: context.DeadlineExceeded, wantAt: time.Second},
		"caller cancels":   {end: func(_ *resilience.Admission, cancel context.CancelCauseFunc) { cancel(errGone) }, want: context.Canceled, wantCause: errGone, wantAt: ms},
		"the call is over": {end: func(a *resilience.Admission, _ context.CancelCauseFunc) { a.Leave() }, want: context.Canceled, wantCause: context.Canceled, wantAt: ms},
	}
	watchers := map[string]func(context.Context){
		"done":  func(ctx context.Context) { <-ctx.Done() },
		"child": func(ctx context.Context) { child, cancel := context.WithCancel(ctx); defer cancel(); <-child.Done() },
		"grandchild with a later deadline": func(ctx context.Context) {
			child, cancel := context.WithTimeout(context.WithValue(ctx, key{}, 1), time.Hour)
			defer cancel()
			<-child.Done()
		},
		"polling": func(ctx context.Context) {
			for ctx.Err() == nil {
				time.Sleep(ms)
			}
		},
		"after": func(ctx context.Context) {
			called := make(chan struct{})
			context.AfterFunc(ctx, func() { close(called) })
			<-called
		},
	}
	for name, tc := range tests {
		for how, watch := range watchers {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
					defer cancel(nil)
					start := time.Now()
					a, err := compile(t, resilience.Policy{Timeout: time.Second}).Enter(parent)
					require.NoError(t, err)
					defer a.Leave()
					ctx := a.Context()
					at, ok := ctx.Deadline()
					require.True(t, ok)
					require.Equal(t, start.Add(time.Second), at)
					require.Equal(t, "value", ctx.Value(key{}))
					require.NoError(t, ctx.Err())

					time.AfterFunc(ms, func() { tc.end(a, cancel) })
					watch(ctx)
					require.InDelta(t, tc.wantAt, time.Since(start), float64(ms), "polling sees it one step later")
					require.Equal(t, tc.want, ctx.Err())
					require.ErrorIs(t, context.Cause(ctx), tc.wantCause)
					<-ctx.Done()
					child, stop := context.WithCancel(ctx)
					require.Equal(t, tc.want, child.Err(), "a child born late")
					stop()
				})
			})
		}
	}
}

func TestContextKeepsNothingOfItsChildren(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, err := compile(t, resilience.Policy{Timeout: time.Hour}).Enter(t.Context())
		require.NoError(t, err)
		stopped, called := 0, 0
		for range 100 {
			if context.AfterFunc(a.Context(), func() { called++ })() {
				stopped++
			}
		}
		a.Leave()
		synctest.Wait()
		require.Equal(t, 100, stopped)
		require.Zero(t, called)
	})
}

// hooked is a context that counts who waits for it.
type hooked struct {
	context.Context //nolint:containedctx // a context around another

	waiting atomic.Int64
}

func (h *hooked) AfterFunc(f func()) func() bool {
	h.waiting.Add(1)
	stop := context.AfterFunc(h.Context, f)
	return func() bool {
		h.waiting.Add(-1)
		return stop()
	}
}

// A call that was refused after a wait leaves nothing in the context of its
// caller, which may live for ever.
func TestRefusedCallsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		caller := &hooked{Context: t.Context()}
		pipeline := compile(t, resilience.Policy{Timeout: resilience.NoTimeout, MaxConcurrent: 1, MaxQueue: 1, QueueTimeout: ms})
		held, err := pipeline.Enter(caller)
		require.NoError(t, err)
		defer held.Leave()
		_, err = pipeline.Enter(caller)
		var full *resilience.OverloadedError
		require.ErrorAs(t, err, &full)
		require.Zero(t, caller.waiting.Load())
	})
}

// A time that no clock reaches is none.
func TestDeadlinesDoNotOverflow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour) // the clock is not at zero
		breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
		require.NoError(t, err)
		r := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{FallbackTimeout: math.MaxInt64}, nil, nil)
		pipeline, err := r.Compile("a", resilience.Policy{Timeout: resilience.NoTimeout, EnableFallback: true})
		require.NoError(t, err)
		time.Sleep(time.Hour)
		a, err := pipeline.EnterWithin(t.Context(), math.MaxInt64)
		require.NoError(t, err)
		defer a.Leave()
		require.NoError(t, a.Context().Err())
		result := a.Run(attempt{
			do:       func(context.Context) (any, error) { return nil, errBoom },
			fallback: func(ctx context.Context, _ error) (any, error) { return "spare", ctx.Err() },
		})
		require.Equal(t, resilience.Result{Value: "spare", Attempts: 1, Fallback: true}, result)
	})
}

func TestContextWithoutDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, err := compile(t, resilience.Policy{Timeout: resilience.NoTimeout}).Enter(background(t))
		require.NoError(t, err)
		_, ok := a.Context().Deadline()
		require.False(t, ok)
		time.Sleep(24 * time.Hour)
		require.NoError(t, a.Context().Err())
		done := a.Context().Done()
		a.Leave()
		<-done
		require.ErrorIs(t, a.Context().Err(), context.Canceled)
	})
}

func TestContextCanBePrinted(t *testing.T) { // by a log or a mock, while others wait for it
	t.Parallel()
	a, err := compile(t, resilience.Policy{}).Enter(t.Context())
	require.NoError(t, err)
	var waiting sync.WaitGroup
	waiting.Go(func() { <-a.Context().Done() })
	require.Contains(t, fmt.Sprint(a.Context()), "resilience.deadline(")
	a.Leave()
	waiting.Wait()
}
