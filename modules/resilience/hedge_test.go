package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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

// scripted is an Attempt whose n-th call follows the n-th of its scripts.
type scripted struct {
	mu        sync.Mutex
	calls     int
	cancelled int
	discarded []any
	scripts   []script
}

type script struct {
	took  time.Duration
	value any
	err   error
	deaf  bool // ignores its context
}

func (s *scripted) Do(ctx context.Context) (any, error) {
	s.mu.Lock()
	play := s.scripts[min(s.calls, len(s.scripts)-1)]
	s.calls++
	s.mu.Unlock()
	if play.deaf {
		time.Sleep(play.took)
		return play.value, play.err
	}
	if err := wait(ctx, play.took); err != nil {
		s.mu.Lock()
		s.cancelled++
		s.mu.Unlock()
		return nil, err
	}
	return play.value, play.err
}

func (*scripted) Fallback(_ context.Context, cause error) (any, error) { return nil, cause }

func (s *scripted) Discard(value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discarded = append(s.discarded, value)
}

func TestHedge(t *testing.T) { // HE-01 to HE-08
	t.Parallel()
	tests := map[string]struct {
		delay         time.Duration
		most          int
		scripts       []script
		want          any
		wantErr       error
		wantAttempts  int
		wantEnd       time.Duration
		wantCancelled int
	}{
		"HE-01 fast primary":                {100 * ms, 2, []script{{took: 50 * ms, value: 1}}, 1, nil, 1, 50 * ms, 0},
		"HE-02 slow primary, the third won": {100 * ms, 2, []script{{took: time.Hour}, {took: time.Hour}, {took: 50 * ms, value: 3}}, 3, nil, 3, 250 * ms, 2},
		"HE-02 the primary wins after all":  {100 * ms, 2, []script{{took: 150 * ms, value: 1}, {took: time.Hour}}, 1, nil, 2, 150 * ms, 1},
		"HE-03 all at once":                 {0, 2, []script{{took: 30 * ms, value: 1}, {took: 20 * ms, value: 2}, {took: 10 * ms, value: 3}}, 3, nil, 3, 10 * ms, 2},
		"HE-03 never two at a time":         {9 * time.Second, 2, []script{{took: 8 * time.Second, value: 1}}, 1, nil, 1, 8 * time.Second, 0},
		"HE-06 all bad, the primary's":      {100 * ms, 1, []script{{took: 300 * ms, err: status(503)}, {took: 10 * ms, err: status(500)}}, nil, status(503), 2, 300 * ms, 0},
		"HE-06 the primary bad, another ok": {100 * ms, 1, []script{{took: 150 * ms, err: status(503)}, {took: 200 * ms, value: 2}}, 2, nil, 2, 300 * ms, 0},
		"HE-08 fast failure of the primary": {100 * ms, 2, []script{{took: 50 * ms, err: status(503)}, {value: 2}}, nil, status(503), 1, 50 * ms, 0},
		"a client error is an answer":       {100 * ms, 2, []script{{took: time.Hour}, {took: 10 * ms, err: status(404)}}, nil, status(404), 2, 110 * ms, 1},
		"total deadline":                    {100 * ms, 1, []script{{took: time.Hour}}, nil, context.DeadlineExceeded, 2, 10 * time.Second, 2},
	}
	for name, tc := range tests {
		for _, mode := range []resilience.Mode{resilience.Soft, resilience.Hard} {
			t.Run(mode.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newParts(t, nil)
					pipeline, err := p.runner.Compile("a", resilience.Policy{
						Safe: true, EnableCircuitBreaker: true, Timeout: 10 * time.Second, TimeoutMode: mode,
						Hedge: resilience.Hedge{Delay: tc.delay, Max: tc.most},
					})
					require.NoError(t, err)
					a, start := &scripted{scripts: tc.scripts}, time.Now()
					result := pipeline.Run(t.Context(), a)
					require.Equal(t, tc.wantEnd, time.Since(start))
					require.Equal(t, tc.want, result.Value)
					require.ErrorIs(t, result.Err, tc.wantErr)
					require.Equal(t, tc.wantAttempts, result.Attempts)
					synctest.Wait()
					require.Equal(t, tc.wantAttempts, a.calls)
					require.Equal(t, tc.wantCancelled, a.cancelled)
					m, _ := p.breakers.Metrics("a")
					require.EqualValues(t, tc.wantAttempts, m.Calls, "each attempt counts once")
					if tc.wantErr == nil {
						require.EqualValues(t, tc.wantCancelled, m.Excluded, "those that lost say nothing")
					}
				})
			})
		}
	}
}

// A loser that ignores its context keeps a slot, and what it returns is dropped.
func TestLosersAreOwned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{Safe: true, MaxConcurrent: 2, Hedge: resilience.Hedge{Delay: ms, Max: 1}})
		require.NoError(t, err)
		a := &scripted{scripts: []script{{took: time.Minute, value: "late", deaf: true}, {value: "answer"}}}
		require.Equal(t, "answer", pipeline.Run(t.Context(), a).Value)
		require.Equal(t, 1, abandoned(t, p.runner))
		require.Equal(t, 1, p.runner.Limits()[0].Running)
		require.NoError(t, p.runner.Stop(t.Context()))
		require.Equal(t, []any{"late"}, a.discarded)
		require.Zero(t, abandoned(t, p.runner))
		require.Zero(t, p.runner.Limits()[0].Running)
	})
}

func TestHedgedPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{Safe: true, EnableCircuitBreaker: true, Hedge: resilience.Hedge{Delay: ms, Max: 1}})
		result := pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { panic("ouch") }})
		var caught *circuitbreaker.PanicError
		require.ErrorAs(t, result.Err, &caught)
		result = pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { runtime.Goexit(); return nil, nil }})
		require.ErrorContains(t, result.Err, "ended its goroutine")
	})
}

// single is an Attempt that must not be made twice at once.
type single struct{ *scripted }

func (single) Hedgeable() bool { return false }

func TestNotHedgeable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &scripted{scripts: []script{{took: time.Second, value: 1}}}
		result := compile(t, resilience.Policy{Safe: true, Hedge: resilience.Hedge{Delay: ms, Max: 3}}).Run(t.Context(), single{a})
		require.Equal(t, resilience.Result{Value: 1, Attempts: 1}, result)
		require.Equal(t, 1, a.calls)
	})
}

func TestHedgeAndBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{Safe: true, EnableCircuitBreaker: true, Hedge: resilience.Hedge{Delay: ms, Max: 1}})
		require.NoError(t, err)
		p.breakers.ForceOpen("a", "test", time.Hour)
		a := &scripted{scripts: []script{{value: 1}}}
		result := pipeline.Run(t.Context(), a)
		require.ErrorIs(t, result.Err, circuitbreaker.ErrOpen)
		require.Zero(t, a.calls)
		require.Zero(t, result.Attempts)
	})
}

// What nobody gets is handed to Discard: answers of soft deadlines that came too
// late, and of abandoned calls.
func TestDiscard(t *testing.T) {
	t.Parallel()
	for _, mode := range []resilience.Mode{resilience.Soft, resilience.Hard} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newParts(t, nil)
				pipeline, err := p.runner.Compile("a", resilience.Policy{Timeout: 100 * ms, TimeoutMode: mode})
				require.NoError(t, err)
				a := &scripted{scripts: []script{{took: time.Second, value: "late", deaf: true}}}
				require.ErrorIs(t, pipeline.Run(t.Context(), a).Err, context.DeadlineExceeded)
				require.NoError(t, p.runner.Stop(t.Context()))
				require.Equal(t, []any{"late"}, a.discarded)
			})
		})
	}
}

// spiteful is an Attempt whose Discard panics, or ends its goroutine.
type spiteful struct {
	*scripted

	goexit bool
}

func (s spiteful) Discard(any) {
	if s.goexit {
		runtime.Goexit()
	}
	panic("ouch")
}

// A Discard runs where nobody recovers: its panic must not end the process, and it
// must not keep Stop from ending.
func TestDiscardThatPanics(t *testing.T) {
	t.Parallel()
	policies := map[string]resilience.Policy{
		"abandoned": {Timeout: 100 * ms, TimeoutMode: resilience.Hard},
		"hedged":    {Safe: true, Timeout: 100 * ms, Hedge: resilience.Hedge{Delay: ms, Max: 1}},
	}
	for name, policy := range policies {
		for _, goexit := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " goexit ", goexit), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newParts(t, nil)
					pipeline, err := p.runner.Compile("a", policy)
					require.NoError(t, err)
					a := &scripted{scripts: []script{{took: time.Minute, value: "late", deaf: true}, {value: "answer"}}}
					pipeline.Run(t.Context(), spiteful{a, goexit})
					require.NoError(t, p.runner.Stop(t.Context()))
					require.Zero(t, abandoned(t, p.runner))
				})
			})
		}
	}
}

// An outage is not answered by a multiple of the load.
func TestBudget(t *testing.T) { // scenario 19
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{EnableRetry: true, Safe: true, Timeout: time.Minute})
		require.NoError(t, err)
		var made, exhausted atomic.Int64
		var calls sync.WaitGroup
		start := time.Now()
		for range 1000 {
			calls.Go(func() {
				result := pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { made.Add(1); return nil, status(503) }})
				if given, ok := errors.AsType[*retry.ExhaustedError](result.Err); ok && given.Reason == retry.ReasonBudget {
					exhausted.Add(1)
				}
			})
		}
		calls.Wait()
		floor := int64(3 * (10 + time.Since(start).Seconds()))
		require.LessOrEqual(t, made.Load(), 1200+floor)
		require.Greater(t, made.Load(), int64(1000))
		require.Positive(t, exhausted.Load())
	})
}
