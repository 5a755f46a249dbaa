package stoptest_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

func TestProcess(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t))
	require.Zero(t, p.EndedAt())
	require.Len(t, p.Lines("listening"), 2)
	require.NotEmpty(t, p.Line("listening", "server", "http").Text("addr"))
	require.FileExists(t, p.Dir()+"/holdfast.db")
	require.Empty(t, p.Stdout())
	signalled := p.Signal(os.Kill)
	require.Equal(t, 137, p.Wait(limit), "as a shell says it")
	<-p.Ended()
	require.True(t, p.EndedAt().After(signalled))
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	c := command(t, "SHUTDOWN_DRAIN_TIMEOUT=soon")
	p := stoptest.Start(t, c)
	require.Equal(t, 2, p.Wait(limit))
	require.Contains(t, p.Stderr(), "SHUTDOWN_DRAIN_TIMEOUT")
}

func TestBuildTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, stoptest.Build(t.TempDir(), "./internal/nothing"), "internal/nothing")
}

// What would be wrong with the tool if it saw nothing wrong here: the program is told to let everything drop.
func TestAStopThatLosesRequestsIsSeen(t *testing.T) {
	t.Parallel()
	out := stoptest.Trial{
		Command: command(t, "SHUTDOWN_ENABLE_GRACEFUL=false"),
		Load:    stoptest.LoadConfig{Rate: 60, Kept: 0.5, Mix: mix("1500")},
		Before:  time.Second,
		Within:  limit,
	}.Run(t)
	require.ErrorContains(t, out.Served(), "failed that was sent while the listener was open")
	require.Error(t, out.Unbroken())
}
