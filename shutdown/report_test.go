package shutdown_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// oneOfEach stops a service in which work is drained, cut and refused, a stream
// stays, a hook and a step run, and one task of two fails.
func oneOfEach(t *testing.T) *shutdown.Service {
	t.Helper()
	s := newService(t, shutdown.DefaultConfig(),
		shutdown.Task{Name: "flush", Priority: 80, Run: func(context.Context) error { time.Sleep(2 * time.Second); return nil }},
		shutdown.Task{Name: "pool", Priority: 10, Run: func(context.Context) error { return errors.New("still in use") }},
	)
	s.Ready()
	require.NoError(t, s.OnPhase("server", shutdown.Draining, nothing))
	for name, took := range map[string]time.Duration{"short": 5 * time.Second, "drained": 15 * time.Second, "cut": 41 * time.Second, "stays": time.Hour} {
		work, ok := s.Track(name)
		require.True(t, ok)
		time.AfterFunc(took, work.Done)
	}
	stream, err := s.Stream(t.Context(), "chat", nil)
	require.NoError(t, err)
	time.AfterFunc(time.Hour, stream.Done)
	s.Request("SIGTERM")
	time.Sleep(20 * time.Second)
	_, ok := s.Track("late")
	require.False(t, ok)
	require.Error(t, s.Wait(t.Context()))
	require.NoError(t, s.Step(t.Context(), "OnStop", func(context.Context) error { time.Sleep(time.Second); return nil }))
	s.Finish()
	return s
}

func TestReportCountsAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := oneOfEach(t).Report()
		require.Equal(t, []int{4, 3, 1, 2, 1, 1}, []int{r.InFlightAtStart, r.InFlightAtDrain, r.Drained, r.Cut, r.InFlightAtEnd, r.Refused})
		require.Equal(t, []int{1, 1, 0, 0}, []int{r.StreamsAtStart, r.StreamsCut, r.WorkersAtStart, r.WorkersCut})
		require.Equal(t, []string{"server", "flush", "OnStop"}, r.StepsCompleted)
		require.Equal(t, []string{"pool"}, r.StepsFailed)
		require.False(t, r.DrainCompleted)
		require.False(t, r.Forced)
		require.Equal(t, 45*time.Second, r.Completed.Sub(r.Started))
		time.Sleep(time.Hour)
	})
}

// While the drain is on, the report tells how far it is.
func TestReportDuringTheDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		for _, took := range []time.Duration{15 * time.Second, 25 * time.Second} {
			work, ok := s.Track("work")
			require.True(t, ok)
			time.AfterFunc(took, work.Done)
		}
		s.Request("SIGTERM")
		time.Sleep(20 * time.Second)
		r := s.Report()
		require.Equal(t, []int{2, 1, 0}, []int{r.InFlightAtDrain, r.Drained, r.Cut})
		require.Equal(t, []shutdown.Unfinished{{Kind: "request", Name: "work", Age: 20 * time.Second}}, r.Unfinished)
		require.Equal(t, 20*time.Second, r.Took)
		require.Equal(t, shutdown.PhaseReport{Phase: shutdown.Draining, Took: 10 * time.Second}, r.Phases[1])
		require.False(t, r.DrainCompleted)
		require.NoError(t, s.Wait(t.Context()))
		s.Finish()
		require.True(t, s.Report().DrainCompleted)
		require.Equal(t, 2, s.Report().Drained)
	})
}

// The names are those of the contract, and durations are milliseconds.
func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body, err := json.Marshal(oneOfEach(t).Report())
		require.NoError(t, err)
		require.JSONEq(t, `{
			"reason": "SIGTERM", "state": "stopped",
			"shutdownInitiated": "2000-01-01T00:00:00Z", "shutdownCompleted": "2000-01-01T00:00:45Z", "totalDuration": 45000,
			"activeRequestsAtStart": 4, "activeRequestsAtEnd": 1, "drainCompleted": false, "forceShutdownTriggered": false,
			"cleanupStepsCompleted": ["server", "flush", "OnStop"], "cleanupStepsFailed": ["pool"],
			"activeRequestsAtDrain": 3, "drainedRequests": 1, "cutRequests": 2, "refusedRequests": 1,
			"streamsAtStart": 1, "streamsCut": 1, "workersAtStart": 0, "workersCut": 0,
			"phases": [{"phase": "grace", "duration": 10000}, {"phase": "draining", "duration": 32000}, {"phase": "cleanup", "duration": 3000}],
			"tasks": [
				{"kind": "hook", "name": "server", "phase": "draining", "result": "ok", "duration": 0},
				{"kind": "task", "name": "flush", "phase": "cleanup", "priority": 80, "result": "ok", "duration": 2000},
				{"kind": "task", "name": "pool", "phase": "cleanup", "priority": 10, "result": "failed", "duration": 0, "error": "still in use"},
				{"kind": "step", "name": "OnStop", "phase": "cleanup", "result": "ok", "duration": 1000}
			],
			"unfinished": [{"kind": "request", "name": "stays", "age": 45000}, {"kind": "stream", "name": "chat", "age": 45000}],
			"unfinishedCount": 2
		}`, inUTC(t, body))
		time.Sleep(time.Hour)
	})
}

// inUTC rewrites the two moments of a report.
func inUTC(t *testing.T, body []byte) string {
	t.Helper()
	var report map[string]any
	require.NoError(t, json.Unmarshal(body, &report))
	for _, key := range []string{"shutdownInitiated", "shutdownCompleted"} {
		text, ok := report[key].(string)
		require.True(t, ok)
		at, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		report[key] = at.UTC()
	}
	body, err := json.Marshal(report)
	require.NoError(t, err)
	return string(body)
}

func TestReportBeforeAStop(t *testing.T) {
	t.Parallel()
	s := newService(t, shutdown.DefaultConfig())
	for range 50 {
		_, ok := s.Track("work")
		require.True(t, ok)
	}
	body, err := json.Marshal(s.Report())
	require.NoError(t, err)
	var page struct {
		Initiated  *time.Time       `json:"shutdownInitiated"`
		Tasks      []map[string]any `json:"tasks"`
		Unfinished []map[string]any `json:"unfinished"`
		Count      int              `json:"unfinishedCount"`
	}
	require.NoError(t, json.Unmarshal(body, &page))
	require.Nil(t, page.Initiated)
	require.NotNil(t, page.Tasks, "empty, not null")
	require.Len(t, page.Unfinished, 20)
	require.Equal(t, 50, page.Count)
}

func TestReportAsLogLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log lines
		log.logger().LogAttrs(t.Context(), slog.LevelInfo, "stopped", oneOfEach(t).Report().LogAttrs()...)
		require.Equal(t, strings.Join([]string{
			"level=INFO msg=stopped reason=SIGTERM state=stopped total_duration=45s",
			"active_requests_at_start=4 active_requests_at_end=1 drain_completed=false force_shutdown_triggered=false",
			"drained=1 cut=2 refused=1 streams_at_start=1 streams_cut=1 workers_at_start=0 workers_cut=0",
			`steps_completed=3 steps_failed=[pool] phases.grace=10s phases.draining=32s phases.cleanup=3s`,
			`tasks="[server ok 0s flush ok 2s pool failed 0s: still in use OnStop ok 1s]"`,
			`unfinished_requests="[stays (45s)]" unfinished_streams="[chat (45s)]"` + "\n",
		}, " "), log.String())
		time.Sleep(time.Hour)
	})
}

// Lists are empty, not null.
func TestReportAsLogLineWithoutFailures(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).LogAttrs(t.Context(), slog.LevelInfo, "stopped", shutdown.Report{}.LogAttrs()...)
	require.Contains(t, log.String(), `"steps_failed":[]`)
	require.Contains(t, log.String(), `"tasks":[]`)
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	ungraceful, short := shutdown.DefaultConfig(), shutdown.DefaultConfig()
	ungraceful.EnableGraceful = false
	short.HealthGracePeriod, short.DrainTimeout, short.CancelGrace, short.ForceTimeout = time.Second/2, 2*time.Second, time.Second/2, 4*time.Second
	tests := map[string]struct {
		cfg                           shutdown.Config
		unready                       bool
		grace, drain, cleanup, forced time.Duration
	}{
		"defaults":     {cfg: shutdown.DefaultConfig(), grace: 10 * time.Second, drain: 42 * time.Second, cleanup: 59 * time.Second, forced: time.Minute},
		"never served": {cfg: shutdown.DefaultConfig(), unready: true, drain: 32 * time.Second, cleanup: 59 * time.Second, forced: time.Minute},
		"ungraceful":   {cfg: ungraceful, drain: 2 * time.Second, cleanup: 59 * time.Second, forced: time.Minute},
		"short":        {cfg: short, grace: time.Second / 2, drain: 3 * time.Second, cleanup: 4*time.Second - 4*time.Second/60, forced: 4 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, tt.cfg)
				if !tt.unready {
					s.Ready()
				}
				require.Zero(t, s.Deadline(shutdown.Forced))
				t0 := time.Now()
				s.Request("test")
				for phase, want := range map[shutdown.State]time.Duration{
					shutdown.Grace: tt.grace, shutdown.Draining: tt.drain, shutdown.Cleanup: tt.cleanup, shutdown.Forced: tt.forced,
				} {
					require.Equal(t, want, s.Deadline(phase).Sub(t0), phase.String())
				}
				require.Zero(t, s.Deadline(shutdown.Ready))
				s.Finish()
			})
		})
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := oneOfEach(t)
		require.NoError(t, testutil.CollectAndCompare(s, strings.NewReader(`
# HELP shutdown_attached Streams and workers that a drain waits for.
# TYPE shutdown_attached gauge
shutdown_attached{kind="stream"} 1
shutdown_attached{kind="worker"} 0
# HELP shutdown_forced 1 where the force timeout was reached.
# TYPE shutdown_forced gauge
shutdown_forced 0
# HELP shutdown_in_flight Work in flight that a drain waits for.
# TYPE shutdown_in_flight gauge
shutdown_in_flight 1
# HELP shutdown_phase_duration_seconds Time that a phase took, or has taken so far.
# TYPE shutdown_phase_duration_seconds gauge
shutdown_phase_duration_seconds{phase="cleanup"} 3
shutdown_phase_duration_seconds{phase="draining"} 32
shutdown_phase_duration_seconds{phase="grace"} 10
# HELP shutdown_requests Work since new one was refused: drained ended in time, cut was cancelled, refused came too late.
# TYPE shutdown_requests gauge
shutdown_requests{outcome="cut"} 2
shutdown_requests{outcome="drained"} 1
shutdown_requests{outcome="refused"} 1
# HELP shutdown_state State of the process: 0 starting, 1 ready, 2 grace, 3 draining, 4 cleanup, 5 stopped, 6 forced.
# TYPE shutdown_state gauge
shutdown_state 5
# HELP shutdown_task_duration_seconds Time that a hook, cleanup task or step took, by its result.
# TYPE shutdown_task_duration_seconds gauge
shutdown_task_duration_seconds{phase="cleanup",result="failed",task="pool"} 0
shutdown_task_duration_seconds{phase="cleanup",result="ok",task="OnStop"} 1
shutdown_task_duration_seconds{phase="cleanup",result="ok",task="flush"} 2
shutdown_task_duration_seconds{phase="draining",result="ok",task="server"} 0
`)))
		time.Sleep(time.Hour)
	})
}

// Names that are taken twice, too many or no text do not break the metrics.
func TestMetricsAreBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, shutdown.DefaultConfig())
	for i := range 150 {
		require.NoError(t, s.RegisterCleanupTask(fmt.Sprintf("task %d \xff", i), nothing))
	}
	s.Request("test")
	require.NoError(t, s.Wait(t.Context()))
	for range 2 {
		require.NoError(t, s.Step(t.Context(), "OnStop", nothing))
	}
	s.Finish()
	require.Equal(t, 101, testutil.CollectAndCount(s, "shutdown_task_duration_seconds"))
}
