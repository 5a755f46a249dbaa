package stoptest_test

import (
	"database/sql"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // makes the database that the migration does not fit

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// starting is a command for a program that is not expected to become ready.
func starting(t *testing.T, settings ...string) stoptest.Command {
	t.Helper()
	c := defaults(command(t, settings...))
	env := map[string]string{
		"APP_ENV": "test", "LOG_FORMAT": "json", "HTTP_ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0",
		"APP_START_TIMEOUT": "30s",
	}
	maps.Copy(env, c.Env)
	c.Env = env
	return c
}

// neverReady checks that a program has not said anywhere that it is ready.
func neverReady(t *testing.T, p *stoptest.Process, seen stoptest.Seen) {
	t.Helper()
	require.True(t, seen.LastReady.IsZero(), "it said that it is ready")
	require.Empty(t, seen.Dead)
	for _, l := range p.Lines("listening") {
		require.NotEqual(t, "http", l.Text("server"), "it served")
	}
	require.NotContains(t, p.Stderr(), "panic")
	require.NotContains(t, p.Stderr(), "goroutine ")
}

// complaints are the lines of the log that say what is wrong.
func complaints(p *stoptest.Process) (found []string) {
	for line := range strings.Lines(p.Stderr()) {
		if !strings.Contains(line, `"level":"INFO"`) && !strings.Contains(line, `"level":"DEBUG"`) {
			found = append(found, line)
		}
	}
	return found
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	taken := listen(t)
	tests := map[string]struct {
		settings func(t *testing.T) []string
		want     string
	}{
		"port in use": {
			func(*testing.T) []string { return []string{"HTTP_ADDR=" + taken} },
			"listen on " + taken + ": address already in use; set HTTP_ADDR",
		},
		"admin port in use": {
			func(*testing.T) []string { return []string{"ADMIN_ADDR=" + taken} },
			"listen on " + taken + ": address already in use; set ADMIN_ADDR",
		},
		"database away": {
			func(*testing.T) []string {
				return []string{"DATABASE_URL=postgres://nobody@127.0.0.1:1/none", "DB_CONNECT_TIMEOUT_MS=2000"}
			},
			"DATABASE_URL",
		},
		"bad migration": {
			func(t *testing.T) []string { t.Helper(); return []string{"DATABASE_URL=file:" + occupied(t)} },
			"00001_scratch.sql",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range either(1, 5) {
				p := stoptest.Start(t, starting(t, tt.settings(t)...))
				code := p.Wait(30 * time.Second) // APP_START_TIMEOUT
				require.Equal(t, 1, code, p.Stderr())
				neverReady(t, p, stoptest.Seen{})
				said := complaints(p)
				require.Len(t, said, 1, p.Stderr())
				require.Contains(t, said[0], tt.want)
				require.Contains(t, said[0], `"msg":"start failed"`)
			}
		})
	}
}

// A program that is told to stop before it is ready says so, and was never ready.
func TestSignalSoonAfterTheStart(t *testing.T) {
	t.Parallel()
	runs := either(4, 20)
	for run := range runs {
		delay := 50*time.Millisecond + time.Duration(run)*950*time.Millisecond/time.Duration(runs-1)
		t.Run(fmt.Sprint(delay.Round(time.Millisecond)), func(t *testing.T) {
			t.Parallel()
			p := stoptest.Start(t, starting(t, "SCRATCH_START_TAKES=10m"))
			after(t, delay)
			signalled := p.Terminate()
			require.Equal(t, 143, p.Wait(limit), p.Stderr())
			t.Logf("SIGTERM %s after the start: gone after %s", delay, p.EndedAt().Sub(signalled))
			neverReady(t, p, stoptest.Seen{})
			require.LessOrEqual(t, len(p.Lines("signal during the start: stopping what has started")), 1)
		})
	}
}

// occupied is a database that has a table of the name that the migration creates.
func occupied(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "occupied.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "CREATE TABLE scratch (name TEXT)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return path
}

// listen takes a port until the end of the test.
func listen(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
