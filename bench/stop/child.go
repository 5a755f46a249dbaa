package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/bench/stop/subject"
)

// child is a server in a process of its own. It ends when its standard input closes, so none outlives this program.
type child struct {
	cmd        *exec.Cmd
	words      bytes.Buffer // its standard error, to be read when it has ended
	ended      chan struct{}
	endedAt    time.Time // valid when ended is closed
	url, admin string
}

// attempts is how often a start is tried: somebody may take a port between the look for it and the use of it.
const attempts = 3

// start runs a server and returns when it is ready. The child is to be ended.
func start(ctx context.Context, s server, grace time.Duration) (*child, error) {
	var faults []error
	for range attempts {
		c, err := try(ctx, s, grace)
		if err == nil {
			return c, nil
		}
		faults = append(faults, err)
	}
	return nil, fmt.Errorf("start %s: %w", s.name, errors.Join(faults...))
}

func try(ctx context.Context, s server, grace time.Duration) (*child, error) {
	addr, admin, err := freeAddresses(ctx)
	if err != nil {
		return nil, err
	}
	order := subject.Order{Name: s.name, Addr: addr, Admin: admin, Grace: grace}
	c := &child{ended: make(chan struct{}), url: "http://" + addr, admin: "http://" + addr}
	if s.admin {
		c.admin = "http://" + admin
	}
	c.cmd = exec.CommandContext(ctx, s.program, order.Args()...) //nolint:gosec // this program itself, or one that it has built
	c.cmd.Env, c.cmd.Stderr = []string{}, &c.words
	if _, err := c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { // end waits for it
		defer close(c.ended)
		_ = c.cmd.Wait() // code tells
		c.endedAt = time.Now()
	}()
	if err := c.ready(ctx); err != nil {
		c.end()
		return nil, fmt.Errorf("%w\n%s", err, &c.words)
	}
	return c, nil
}

// freeAddresses are two addresses on loopback that nobody listens on.
func freeAddresses(ctx context.Context) (one, other string, err error) {
	var lc net.ListenConfig
	a, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	b, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", errors.Join(err, a.Close())
	}
	return a.Addr().String(), b.Addr().String(), errors.Join(a.Close(), b.Close())
}

// longestStart bounds what a server may take to be ready.
const longestStart = 30 * time.Second

// ready asks until the server says that it is ready.
func (c *child) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, longestStart, fmt.Errorf("not ready within %s", longestStart))
	defer cancel()
	for {
		response, err := get(ctx, c.admin+"/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK && c.runs() {
				return nil
			}
		}
		select {
		case <-c.ended:
			return fmt.Errorf("ended with code %d before it was ready", c.code())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// get asks over a connection of its own, which the body closes.
func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

func (c *child) runs() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// terminate sends SIGTERM and returns the moment before that.
func (c *child) terminate() time.Time {
	at := time.Now()
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // one that has ended has a code that tells
	return at
}

// wait waits for the end of the process, and ends it where it takes longer than that.
func (c *child) wait(longest time.Duration) (inTime bool) {
	limit := time.NewTimer(longest)
	defer limit.Stop()
	select {
	case <-c.ended:
		return true
	case <-limit.C:
		c.end()
		return false
	}
}

// end kills the process if it still runs, and waits for it.
func (c *child) end() {
	_ = c.cmd.Process.Kill() // it may have ended
	<-c.ended
}

// code is what it has ended with: 128+n where signal n has ended it, as a shell says it.
func (c *child) code() int {
	if status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return c.cmd.ProcessState.ExitCode()
}
