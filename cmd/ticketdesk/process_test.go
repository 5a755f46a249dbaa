package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program at work. It is killed with its test if it still runs then.
type process struct {
	t        *testing.T
	dir      string // where it runs
	cmd      *exec.Cmd
	out, err output
	ended    chan struct{}
}

// launch runs a program with nothing in its environment but vars, in an empty folder.
func launch(t *testing.T, vars map[string]string, name string, args ...string) *process {
	t.Helper()
	p := &process{t: t, dir: t.TempDir(), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), program(t, name), args...) //nolint:gosec // the program is ours
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = p.dir, &p.out, &p.err, []string{}
	for name, value := range vars {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // its exit code is asked for later
	}()
	t.Cleanup(func() {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("kill %s: %v", name, err)
		}
		<-p.ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s%s", name, p.out.String(), p.err.String())
		}
	})
	return p
}

// run is launch for a program that ends by itself.
func run(t *testing.T, vars map[string]string, name string, args ...string) (code int, out, err string) {
	t.Helper()
	p := launch(t, vars, name, args...)
	code = p.wait(time.Minute)
	return code, p.out.String(), p.err.String()
}

// wait returns the exit code.
func (p *process) wait(within time.Duration) int {
	p.t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		p.t.Fatalf("%s still runs after %s", p.cmd.Path, within)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) terminate() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// event is a line of a log.
type event map[string]any

func (e event) text(key string) string {
	text, _ := e[key].(string)
	return text
}

// events are the lines of the log so far that have a message.
func (p *process) events(msg string) (found []event) {
	for line := range strings.Lines(p.err.String()) {
		var e event
		if json.Unmarshal([]byte(line), &e) == nil && e.text("msg") == msg {
			found = append(found, e)
		}
	}
	return found
}

// event waits for a line of the log with a message and a value.
func (p *process) event(msg, key, value string) (found event) {
	p.t.Helper()
	waitFor(p.t, 30*time.Second, "the log to say "+msg, func() bool {
		for _, e := range p.events(msg) {
			if key == "" || e.text(key) == value {
				found = e
				return true
			}
		}
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended before it said %q:\n%s", p.cmd.Path, msg, p.err.String())
		default:
		}
		return false
	})
	return found
}

// output may be read while it is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
