package shutdown_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

func TestStep(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := map[string]struct {
		run      func(context.Context) error
		want     string
		wantErr  error
		result   shutdown.Result
		wantTook time.Duration
	}{
		"well":   {run: func(context.Context) error { time.Sleep(time.Second); return nil }, result: shutdown.ResultOK, wantTook: time.Second},
		"fails":  {run: func(context.Context) error { return boom }, wantErr: boom, want: "boom", result: shutdown.ResultFailed},
		"panics": {run: func(context.Context) error { panic("ouch") }, want: "panic: ouch", result: shutdown.ResultFailed},
		"exits":  {run: func(context.Context) error { runtime.Goexit(); return nil }, want: "ended its goroutine without returning", result: shutdown.ResultFailed},
		"obeys": {
			run:  func(ctx context.Context) error { <-ctx.Done(); time.Sleep(time.Second); return ctx.Err() },
			want: "context deadline exceeded", wantErr: context.DeadlineExceeded, result: shutdown.ResultTimeout, wantTook: 6 * time.Second,
		},
		"hangs": {
			run:  func(context.Context) error { time.Sleep(time.Hour); return nil },
			want: "did not return when its time was over", result: shutdown.ResultTimeout, wantTook: 7 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, shutdown.DefaultConfig())
				s.Request("test")
				require.NoError(t, s.Wait(t.Context()))
				err := s.Step(t.Context(), "pool", tt.run)
				s.Finish()
				if tt.want == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, tt.want)
				}
				if tt.wantErr != nil {
					require.ErrorIs(t, err, tt.wantErr)
				}
				report := s.Report()
				require.Equal(t, []shutdown.TaskReport{
					{Kind: "step", Name: "pool", Phase: shutdown.Cleanup, Result: tt.result, Took: tt.wantTook, Err: err},
				}, report.Tasks)
				require.Equal(t, tt.wantTook, report.Took, "the whole stop includes its steps")
				time.Sleep(time.Hour) // lets go of what was abandoned
			})
		})
	}
}

func TestStepEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		require.ErrorIs(t, s.Step(ctx, "pool", func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }), why)
		s.Finish()
	})
}

func TestStepWhenForced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := shutdown.DefaultConfig()
		cfg.TaskTimeout = time.Hour
		s := newService(t, cfg)
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		began := time.Now()
		require.Error(t, s.Step(t.Context(), "hangs", func(context.Context) error { time.Sleep(time.Hour); return nil }))
		require.Equal(t, time.Minute, time.Since(began))
		require.ErrorIs(t, s.Step(t.Context(), "late", func(context.Context) error { t.Error("ran"); return nil }), shutdown.ErrForced)
		s.Finish()
		require.Equal(t, []string{"hangs", "late"}, s.Report().StepsFailed)
		time.Sleep(time.Hour)
	})
}
