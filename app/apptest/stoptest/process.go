package stoptest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Command says what is started.
type Command struct {
	// Path is the program, for example one that Build made.
	Path string
	// Args are its arguments.
	Args []string
	// Env is its whole environment: nothing is taken from that of the test. Serve adds what it needs.
	Env map[string]string
	// Dir is where it runs. Empty is a new folder, which goes with the test.
	Dir string
}

// Process is a program at work. It is killed with its test if it still runs then. Its methods may be called concurrently,
// those that fail the test only from the goroutine of the test.
type Process struct {
	tb       testing.TB
	dir      string
	cmd      *exec.Cmd
	out, err *output
	ended    chan struct{}
	endedAt  time.Time // valid when ended is closed

	url, admin string // after Ready
}

// Start starts a program with the environment of the command and nothing else. A program that cannot be started fails the
// test; where the test fails, what the program wrote is in its log.
func Start(tb testing.TB, c Command) *Process {
	tb.Helper()
	p := &Process{tb: tb, dir: c.Dir, out: newOutput(), err: newOutput(), ended: make(chan struct{})}
	if p.dir == "" {
		p.dir = tb.TempDir()
	}
	p.cmd = exec.CommandContext(tb.Context(), c.Path, c.Args...) //nolint:gosec // what runs is what the test names
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = p.dir, p.out, p.err, []string{}
	for name, value := range c.Env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatalf("start %s: %v", c.Path, err)
	}
	go func() { // the cleanup waits for it
		defer close(p.ended)
		_ = p.cmd.Wait() // Wait tells the exit code
		p.endedAt = time.Now()
	}()
	tb.Cleanup(p.kill)
	return p
}

// longestStart bounds the start of a program that Serve waits for.
const longestStart = time.Minute

// Serve is Start for a program of app.Main, and waits until it is ready. Unless the command says otherwise it runs with
// APP_ENV=test, LOG_FORMAT=json, and ports of its own on loopback, which URL and AdminURL tell.
func Serve(tb testing.TB, c Command) *Process {
	tb.Helper()
	env := map[string]string{
		"APP_ENV": "test", "LOG_FORMAT": "json", "HTTP_ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0",
	}
	maps.Copy(env, c.Env)
	c.Env = env
	p := Start(tb, c)
	p.Ready()
	return p
}

// kill ends the process if it still runs, and waits for it.
func (p *Process) kill() {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.tb.Errorf("kill %s: %v", p.cmd.Path, err)
	}
	<-p.ended
	if p.tb.Failed() {
		p.tb.Logf("%s wrote:\n%s%s", p.cmd.Path, p.out, p.err)
	}
}

// Dir is the folder it runs in.
func (p *Process) Dir() string { return p.dir }

// Stdout is what it has written to its standard output so far.
func (p *Process) Stdout() string { return p.out.String() }

// Stderr is what it has written to its standard error so far: the log.
func (p *Process) Stderr() string { return p.err.String() }

// Lines are the lines of its log so far that have the message; "" is all of them.
func (p *Process) Lines(msg string) []Line { return linesOf(p.err.String(), msg) }

// Line waits for a line of the log that has the message and, unless key is "", the value. It fails the test where the
// program ends without it, and after a minute.
func (p *Process) Line(msg, key, value string) Line {
	p.tb.Helper()
	limit := time.NewTimer(longestStart)
	defer limit.Stop()
	for ended := false; ; {
		text, more := p.err.snapshot()
		for _, l := range linesOf(text, msg) {
			if key == "" || l.Text(key) == value {
				return l
			}
		}
		if ended {
			p.tb.Fatalf("%s ended before it logged %q", p.cmd.Path, msg)
		}
		select {
		case <-more:
		case <-p.ended: // all that it wrote is there now: look once more
			ended = true
		case <-limit.C:
			p.tb.Fatalf("%s did not log %q within %s", p.cmd.Path, msg, longestStart)
		}
	}
}

// Ready waits until a program of app.Main says on its admin listener that it is ready. It needs LOG_FORMAT=json, and a level
// that shows the addresses.
func (p *Process) Ready() {
	p.tb.Helper()
	p.admin = "http://" + p.Line("listening", "server", "admin").Text("addr")
	p.url = "http://" + p.Line("listening", "server", "http").Text("addr")
	probe := newProber()
	WaitFor(p.tb, longestStart, p.cmd.Path+" to be ready", func() bool {
		status, _, err := probe.get(p.tb.Context(), p.admin+"/readyz")
		return err == nil && status == http.StatusOK
	})
}

// URL is where the routes are served, "http://127.0.0.1:40001". It is known when Ready has returned.
func (p *Process) URL() string { return p.url }

// AdminURL is where the operator's pages are served. It is known when Ready has returned.
func (p *Process) AdminURL() string { return p.admin }

// Signal sends a signal and returns the moment before that.
func (p *Process) Signal(sig os.Signal) time.Time {
	p.tb.Helper()
	at := time.Now()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.tb.Fatalf("signal %s: %v", p.cmd.Path, err)
	}
	return at
}

// Terminate sends SIGTERM and returns the moment before that.
func (p *Process) Terminate() time.Time {
	p.tb.Helper()
	return p.Signal(syscall.SIGTERM)
}

// Wait returns the exit code, 128+n where signal n has ended the program, as a shell says it. A program that still runs when
// within is over fails the test.
func (p *Process) Wait(within time.Duration) int {
	p.tb.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		p.tb.Fatalf("%s still runs after %s", p.cmd.Path, within)
	}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// EndedAt is when it ended; zero while it runs.
func (p *Process) EndedAt() time.Time {
	select {
	case <-p.ended:
		return p.endedAt
	default:
		return time.Time{}
	}
}

// String names the program and its number.
func (p *Process) String() string { return fmt.Sprintf("%s (%d)", p.cmd.Path, p.cmd.Process.Pid) }
