package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/bench/keptalive"
)

// child is a server in a process of its own. It ends when its standard input closes, so none outlives this program.
type child struct {
	cmd    *exec.Cmd
	ask    io.WriteCloser
	answer *bufio.Reader
	addr   string
}

// start runs this program again as the server named, and returns after its first 200.
func start(ctx context.Context, name string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	command := append(onOneCore(), self, "serve", name)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // this program itself
	cmd.Env = append(os.Environ(), "BENCH_ADDR="+addr, "GOMAXPROCS=1")
	return run(ctx, cmd, addr, loads()[0].request)
}

// onOneCore is the command that keeps a server on one core, where there is one and more than one core: a server that is moved
// between cores pays for cold caches.
func onOneCore() []string {
	taskset, err := exec.LookPath("taskset")
	if err != nil || runtime.NumCPU() == 1 {
		return nil
	}
	return []string{taskset, "-c", "1"}
}

// startTicketdesk runs the reference service, built before, on a SQLite file in dir. Autotask is not asked at start.
func startTicketdesk(ctx context.Context, binary, dir string) (*child, error) {
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "APP_ENV=test", "HTTP_ADDR="+addr, "ADMIN_ADDR=127.0.0.1:0", "LOG_LEVEL=error",
		"AUTOTASK_USERNAME=api@example.com", "AUTOTASK_INTEGRATION_CODE=BENCH", "AUTOTASK_SECRET=bench-only")
	return run(ctx, cmd, addr, []byte("GET /livez HTTP/1.1\r\nHost: bench\r\n\r\n"))
}

// run starts a server and returns after its first 200 to the request.
func run(ctx context.Context, cmd *exec.Cmd, addr string, request []byte) (*child, error) {
	cmd.Stderr = os.Stderr
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, ask: ask, answer: bufio.NewReader(out), addr: addr}
	if err := firstAnswer(ctx, addr, request); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// firstAnswer asks until the server answers, for ten seconds at most.
func firstAnswer(ctx context.Context, addr string, request []byte) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		conn, err := keptalive.Dial(ctx, addr)
		if err == nil {
			err = conn.Ask(request)
			conn.Close()
		}
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(500 * time.Microsecond) //nolint:forbidigo // another process: nothing to wait on
	}
}

// stop ends the child: ours ends with the pipe, another by a kill.
func (c *child) stop() {
	_ = c.ask.Close()
	if len(c.cmd.Args) == 1 {
		_ = c.cmd.Process.Kill()
	}
	_ = c.cmd.Wait()
}

// cpu asks the child what the operating system booked to it so far.
func (c *child) cpu() (time.Duration, error) {
	if _, err := fmt.Fprintln(c.ask, "cpu"); err != nil {
		return 0, err
	}
	line, err := c.answer.ReadString('\n')
	if err != nil {
		return 0, err
	}
	var cpu time.Duration
	_, err = fmt.Sscan(line, (*int64)(&cpu))
	return cpu, err
}

// residentKB is the memory that the child holds, where /proc tells, else 0.
func (c *child) residentKB() int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	for line := range strings.Lines(string(text)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb
		}
	}
	return 0
}

// cpuPerRequest puts load on the child for a window and divides its CPU time by the answers.
func (c *child) cpuPerRequest(ctx context.Context, load load, window time.Duration) (time.Duration, error) {
	before, err := c.cpu()
	if err != nil {
		return 0, err
	}
	answers, err := load.run(ctx, c.addr, window)
	if err != nil {
		return 0, err
	}
	after, err := c.cpu()
	if err != nil {
		return 0, err
	}
	return (after - before) / time.Duration(max(answers, 1)), nil
}

// report tells the parent our CPU time whenever it asks, until it closes the pipe.
func report() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var ru syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
		fmt.Println(ru.Utime.Nano() + ru.Stime.Nano())
	}
}
