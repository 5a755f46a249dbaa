package stoptest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// of tells whether a request asked for one of the paths.
func of(paths ...string) func(stoptest.Request) bool {
	return func(r stoptest.Request) bool { return slices.Contains(paths, r.Kind) }
}

func notOf(paths ...string) func(stoptest.Request) bool {
	return func(r stoptest.Request) bool { return !slices.Contains(paths, r.Kind) }
}

// last is the line of the log that every stop ends with. Where the stop was forced, others may still write.
func last(t *testing.T, p *stoptest.Process) stoptest.Line {
	t.Helper()
	reports, lines := p.Lines("stopped"), p.Lines("")
	require.Len(t, reports, 1, p.Stderr())
	if reports[0]["force_shutdown_triggered"] == false {
		require.Equal(t, "stopped", lines[len(lines)-1].Text("msg"), p.Stderr())
	}
	return reports[0]
}

func TestRequestsThatNeverEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path     string
		wantFate stoptest.Fate
	}{
		"those that listen are told, and answered": {"/obedient", stoptest.Answered},
		"those that do not are cut":                {"/deaf", stoptest.Lost},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := stoptest.Trial{
				Command: command(t),
				Load: stoptest.LoadConfig{
					Rate: either(50, 200), Kept: 0.5, Mix: []stoptest.Kind{{Share: 4, Path: "/fast"}, {Share: 1, Path: "/slow?ms=300"}},
				},
				Begin:  func(_ *stoptest.Process, l *stoptest.Load) { l.Send(5, stoptest.Kind{Path: tt.path}) },
				Before: 500 * time.Millisecond,
				Within: limit,
				Slack:  either(300*time.Millisecond, 0),
			}.Run(t)
			others, stuck := out.Only(notOf(tt.path)), out.Only(of(tt.path))
			t.Logf("bar A3, the others\n%s", others)
			require.NoError(t, others.Served())
			require.Len(t, stuck.All, 5)
			for _, r := range stuck.All {
				require.Equal(t, tt.wantFate, r.Fate)
				if r.Fate == stoptest.Answered {
					require.Equal(t, 503, r.Status)
					require.True(t, r.Close)
				}
			}
			require.NoError(t, out.Ended(1, either(limit, 5*time.Second)))
			require.Greater(t, out.Took(), 2*time.Second)
			require.EqualValues(t, 5, last(t, out.Process)["cut"])
			cut := out.Process.Lines("work cut at the end of the drain")
			require.Len(t, cut, 1)
			require.Len(t, cut[0]["unfinished_requests"], 5)
		})
	}
}

// Everything hangs that can: the process is gone all the same, and says what held it.
func TestEverythingHangs(t *testing.T) {
	t.Parallel()
	out := stoptest.Trial{
		Command: command(t, "SHUTDOWN_TASK_TIMEOUT=10m", "SCRATCH_HANG_TASK=true", "SCRATCH_HANG_HOOK=true"),
		Begin: func(p *stoptest.Process, l *stoptest.Load) {
			l.Send(2, stoptest.Kind{Path: "/deaf"})
			l.Send(1, stoptest.Kind{Path: "/stream?ms=600000"})
			dialSocket(t, p, "/deaf-socket")
			steal(t, p)
		},
		Before: 300 * time.Millisecond,
		Within: limit,
	}.Run(t)
	t.Logf("everything hangs, force timeout 4s\n%s", out)
	require.Equal(t, 1, out.Code)
	require.Greater(t, out.Took(), 4*time.Second-500*time.Millisecond)
	if full() {
		require.NoError(t, out.Ended(1, 4*time.Second+500*time.Millisecond))
	}
	end := last(t, out.Process)
	require.Equal(t, true, end["force_shutdown_triggered"])
	require.Equal(t, "ERROR", end.Text("level"))
	for key, want := range map[string][]string{
		"unfinished_requests": {"/deaf", "/deaf", "/deaf-socket"},
		"unfinished_streams":  {"deaf-socket"},
		"unfinished_tasks":    {"flush"},
	} {
		require.Equal(t, want, culprits(end, key), key)
	}
	require.Len(t, culprits(end, "unfinished_steps"), 1)
}

// The same for the last thing that may hang: a stop hook, which comes after the tasks.
func TestHookHangs(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t, "SHUTDOWN_HEALTH_GRACE_PERIOD=0", "SHUTDOWN_TASK_TIMEOUT=10m", "SCRATCH_HANG_HOOK=true"))
	signalled := p.Terminate()
	require.Equal(t, 1, p.Wait(limit))
	took := p.EndedAt().Sub(signalled)
	t.Logf("a hook hangs, force timeout 4s: gone after %s", took)
	require.Greater(t, took, 4*time.Second-500*time.Millisecond)
	require.Less(t, took, either(limit, 4*time.Second+500*time.Millisecond))
	hung := culprits(last(t, p), "unfinished_steps")
	require.Len(t, hung, 1)
	require.Regexp(t, `^OnStop hook of .*hooks\.go:`, hung[0])
}

// A hook and a task that hang are left behind where there is time for the others.
func TestTheOthersAreStopped(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(
		t, "SHUTDOWN_HEALTH_GRACE_PERIOD=0", "SHUTDOWN_TASK_TIMEOUT=200ms", "SCRATCH_HANG_TASK=true", "SCRATCH_HANG_HOOK=true",
		"SHUTDOWN_FORCE_TIMEOUT=1m",
	))
	p.Terminate()
	require.Equal(t, 1, p.Wait(limit))
	require.Len(t, p.Lines("first hook stopped"), 1)
	require.Empty(t, p.Lines("last hook stopped"))
	end := last(t, p)
	require.Equal(t, false, end["force_shutdown_triggered"])
	require.Equal(t, []string{"flush"}, culprits(end, "unfinished_tasks"))
	require.Len(t, culprits(end, "unfinished_steps"), 1)
}

// culprits are the names, sorted, that a line of the log lists under a key as "name (age)".
func culprits(l stoptest.Line, key string) (found []string) {
	list, _ := l[key].([]any)
	for _, entry := range list {
		text, _ := entry.(string)
		name, _, _ := strings.Cut(text, " (")
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}
