package health_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/health"
)

// standing is how a check stands: + up, ~ degraded, - down.
func standing(r health.Result) string {
	switch {
	case r.Status == health.Down:
		return "-"
	case r.Degraded:
		return "~"
	default:
		return "+"
	}
}

// A probe every second, what the check answers, and what is told: the last
// letters show what is left of a streak.
func TestThresholds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg         health.Config
		exact       bool
		runs        string // + well, - failed
		want        string
		wantLogged  string
		wantMessage bool // after the last run
	}{
		"an outage":                   {runs: "++------+++++", want: "+++~----" + "--+++", wantLogged: "~-+"},
		"a bad run":                   {runs: "+-+-+-+", want: "+++++++"},
		"two bad runs":                {runs: "+--+--+", want: "++~++~+", wantLogged: "~+~+"},
		"a bad run is told":           {runs: "+-", want: "++", wantMessage: true},
		"a good run amid an outage":   {runs: "+---++-+++", want: "++~-----" + "-+", wantLogged: "~-+"},
		"away from the first":         {runs: "---", want: "---", wantLogged: "-", wantMessage: true},
		"there after a while":         {runs: "---+++", want: "---+++", wantLogged: "-+"},
		"there, and away again":       {runs: "-+---+++", want: "-++~---+", wantLogged: "-+~-+"},
		"one decides":                 {runs: "+-+-", want: "+-+-", cfg: health.Config{DegradedAfter: 1, DownAfter: 1, UpAfter: 1}, wantLogged: "-+-", wantMessage: true},
		"exact":                       {runs: "+-+-", want: "+-+-", exact: true, wantLogged: "-+-", wantMessage: true},
		"others":                      {runs: "+-----++", want: "+~~~~--+", cfg: health.Config{DegradedAfter: 1, DownAfter: 5, UpAfter: 2}, wantLogged: "~-+"},
		"degraded with down is never": {runs: "+---", want: "+++-", cfg: health.Config{DegradedAfter: 3}, wantLogged: "-", wantMessage: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				stop := newStop(t)
				stop.Ready()
				var queue thing
				check := queue.check("queue")
				check.Exact = tc.exact
				s, err := health.NewService(tc.cfg, stop, slog.New(slog.NewTextHandler(&out, nil)), check)
				require.NoError(t, err)

				var got strings.Builder
				var last health.Result
				for i, c := range tc.runs {
					queue.away.Store(c == '-')
					if i > 0 {
						time.Sleep(time.Second)
					}
					r := s.Ready(t.Context())
					last = r.Details["queue"]
					got.WriteString(standing(last))
					require.Equal(t, last.Status == health.Up, r.OK())
					require.Equal(t, last.Degraded, r.Degraded)
				}
				require.NoError(t, s.Stop(t.Context()))
				require.Equal(t, tc.want, got.String())
				require.Equal(t, tc.wantMessage, last.Message == errRefused.Error(), last.Message)
				require.Equal(t, tc.wantLogged, turns(out.String()))
			})
		})
	}
}

// turns returns what was logged, one letter a line.
func turns(log string) string {
	var letters strings.Builder
	for line := range strings.Lines(log) {
		for text, letter := range map[string]string{"health check up": "+", "health check degraded": "~", "health check down": "-"} {
			if strings.Contains(line, text) {
				letters.WriteString(letter)
			}
		}
	}
	return letters.String()
}

func TestLogOfATurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		stop := newStop(t)
		stop.Ready()
		var queue thing
		s, err := health.NewService(health.Config{}, stop, slog.New(slog.NewTextHandler(&out, nil)), queue.check("queue"))
		require.NoError(t, err)
		for range 10 {
			s.Ready(t.Context())
			time.Sleep(time.Second)
			queue.away.Store(true)
		}
		require.NoError(t, s.Stop(t.Context()))
		require.Equal(t, 2, strings.Count(out.String(), "\n"), "one line a turn")
		require.Contains(t, out.String(), `level=WARN msg="health check degraded" module=health check=queue failures=2 error="connection refused"`)
		require.Contains(t, out.String(), `level=WARN msg="health check down" module=health check=queue failures=3 error="connection refused"`)
	})
}

// A kubelet asks every 2 s. The worst is an outage that begins when it has just
// asked: it sees it within 5 s all the same, and the end of it too.
func TestSlowProber(t *testing.T) {
	t.Parallel()
	hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	refuses := gives(errRefused)
	ignores := func(context.Context) error { time.Sleep(time.Minute + time.Second/2); return nil }
	tests := map[string]struct {
		outage           func(context.Context) error
		timeout          time.Duration
		wantDown, wantUp time.Duration
	}{
		"refuses":             {refuses, 0, 4 * time.Second, 4 * time.Second},
		"hangs":               {hangs, 0, 5 * time.Second, 4 * time.Second},
		"hangs a bit longer":  {hangs, 1020 * time.Millisecond, 5060 * time.Millisecond, 4 * time.Second}, // the second probe waits for two runs
		"ignores its context": {ignores, 0, 3050 * time.Millisecond, 62 * time.Second},                    // the first run of the outage has to end
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var run atomic.Pointer[func(context.Context) error]
				set := func(to func(context.Context) error) { run.Store(&to) }
				set(gives(nil))
				s := newReady(t, health.Config{}, health.Check{
					Name: "queue", Timeout: tc.timeout,
					Run: func(ctx context.Context) error { return (*run.Load())(ctx) },
				})
				until := func(ok bool) time.Duration {
					changed := time.Now()
					for i := range 60 {
						time.Sleep(time.Until(changed.Add(time.Duration(i+1) * 2 * time.Second)))
						if s.Ready(t.Context()).OK() == ok {
							return time.Since(changed)
						}
					}
					return 0
				}
				require.True(t, s.Ready(t.Context()).OK())
				set(tc.outage)
				require.Equal(t, tc.wantDown, until(false))
				set(gives(nil))
				require.Equal(t, tc.wantUp, until(true))
			})
		})
	}
}

// Who asks once in half a minute starts a run and what it takes to make sure.
func TestRareProber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var queue thing
		s := newReady(t, health.Config{}, queue.check("queue"))
		ask := func(after time.Duration) (string, int) {
			time.Sleep(after)
			before := queue.runs.Load()
			r := s.Ready(t.Context()).Details["queue"]
			time.Sleep(10 * time.Second)
			return standing(r), int(queue.runs.Load() - before)
		}
		requireAsk := func(after time.Duration, want string, wantRuns int) {
			t.Helper()
			got, runs := ask(after)
			require.Equal(t, want, got)
			require.Equal(t, wantRuns, runs)
		}
		requireAsk(0, "+", 1)
		queue.away.Store(true)
		requireAsk(20*time.Second, "+", 3)
		requireAsk(20*time.Second, "-", 1)
		queue.away.Store(false)
		requireAsk(20*time.Second, "-", 3)
		requireAsk(20*time.Second, "+", 1)

		queue.away.Store(true)
		requireAsk(time.Hour, "+", 3)
		requireAsk(time.Hour, "-", 1)
	})
}

// Nothing runs by itself once nobody may ask any more, and who waits for it is
// answered.
func TestNoFollowUpAfterTheEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cleanup  bool
		wantWait time.Duration // of who waits for the follow-up
	}{
		"cleanup": {true, 50 * time.Millisecond},
		"stop":    {false, 10 * time.Millisecond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := newStop(t)
				stop.Ready()
				var queue thing
				s := newService(t, health.Config{}, stop, queue.check("queue"))
				s.Ready(t.Context())
				time.Sleep(time.Second)
				queue.away.Store(true)
				s.Ready(t.Context())
				time.Sleep(950 * time.Millisecond)
				waited := make(chan time.Duration, 1)
				go func() {
					start := time.Now()
					s.Full(t.Context())
					waited <- time.Since(start)
				}()
				time.Sleep(10 * time.Millisecond)
				start := time.Now()
				if tc.cleanup {
					stop.Finish()
				} else {
					require.NoError(t, s.Stop(t.Context()))
				}
				require.Zero(t, time.Since(start))
				require.Equal(t, tc.wantWait, <-waited)
				time.Sleep(time.Minute)
				require.EqualValues(t, 2, queue.runs.Load())
			})
		})
	}
}
