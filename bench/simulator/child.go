package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/bench/keptalive"
)

// child is a running autotasksim.
type child struct {
	cmd  *exec.Cmd
	addr string
	log  *tail
	sent atomic.Int64 // requests
}

// start runs the simulator with no limit that a load could meet, and returns after its first answer.
func start(ctx context.Context, binary string, tickets int) (*child, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &child{addr: listener.Addr().String(), log: &tail{}}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	c.cmd = exec.CommandContext(ctx, binary, "-addr", c.addr, "-tickets", strconv.Itoa(tickets), //nolint:gosec // built by ourselves
		"-hourly-limit", strconv.Itoa(1<<40), "-usage-latency", "0", "-thread-limit", "100000")
	c.cmd.Env = append(os.Environ(), "SHUTDOWN_HEALTH_GRACE_PERIOD=0")
	c.cmd.Stderr = c.log
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err := c.firstAnswer(ctx); err != nil {
		c.stop()
		return nil, errors.Join(err, errors.New(c.log.String()))
	}
	return c, nil
}

// firstAnswer asks until the simulator answers, for five minutes at most: a large tenant takes its time.
func (c *child) firstAnswer(ctx context.Context) error {
	request := get("/atservicesrest/versioninformation")
	deadline := time.Now().Add(5 * time.Minute)
	for {
		conn, err := keptalive.Dial(ctx, c.addr)
		if err == nil {
			err = conn.Ask(request)
			conn.Close()
		}
		if err == nil || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // another process: nothing to wait on
	}
}

func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	_ = c.cmd.Wait()
}

// memoryMB is the memory that the child holds (VmRSS) or has ever held at once (VmHWM), where /proc tells.
func (c *child) memoryMB(line string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	for l := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(l, line+": %f kB", &kb); n == 1 {
			return fmt.Sprintf("%.0f MB", kb/1024)
		}
	}
	return "unknown"
}

// tail keeps what a process has written, as long as that is little.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len() < 64<<10 {
		t.text.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
