package stoptest_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// The tests of this package stop the program in internal/scratch, built once and without cgo. With PROVE=full they run at
// their full length, one after the other, and insist on the bars; otherwise they are scaled down, and generous with times.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "stoptest")
	if err != nil {
		panic(err)
	}
	scratch = sync.OnceValues(func() (string, error) {
		return filepath.Join(dir, "scratch"), stoptest.Build(dir, "./internal/scratch")
	})
	if err := flag.Set("test.parallel", "4"); err != nil { // they wait for other processes; the command line may say otherwise
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code) //nolint:forbidigo // goleak leaves it to its cleanup
	}))
}

// scratch returns the path of the program, which the first test that asks waits for.
var scratch func() (string, error)

// limit bounds what is waited for, far above what it takes.
const limit = time.Minute

// full reports whether the bars run at their full length.
func full() bool { return os.Getenv("PROVE") == "full" } //nolint:forbidigo // how long a test runs is no setting of a program

// either is short, or long in a full run.
func either[T any](short, long T) T {
	if full() {
		return long
	}
	return short
}

// command is the scratch program with settings: NAME=value, those of the scaled-down stop first.
func command(t *testing.T, settings ...string) stoptest.Command {
	t.Helper()
	path, err := scratch()
	require.NoError(t, err)
	env := map[string]string{
		"ACCESS_LOG":                   "off",
		"SHUTDOWN_HEALTH_GRACE_PERIOD": "500ms",
		"SHUTDOWN_DRAIN_TIMEOUT":       "2s",
		"SHUTDOWN_CANCEL_GRACE":        "500ms",
		"SHUTDOWN_FORCE_TIMEOUT":       "4s",
		"SHUTDOWN_TASK_TIMEOUT":        "1s",
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		env[name] = value
	}
	maps.DeleteFunc(env, func(_, value string) bool { return value == "" })
	return stoptest.Command{Path: path, Env: env}
}

// defaults takes the clocks of the stop away from a command, so that those hold that are shipped.
func defaults(c stoptest.Command) stoptest.Command {
	maps.DeleteFunc(c.Env, func(name, _ string) bool { return strings.HasPrefix(name, "SHUTDOWN_") })
	return c
}
