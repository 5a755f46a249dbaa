// Command simulator measures what the simulated Autotask takes over loopback: requests per second, how long one of them takes
// in the middle and at its worst hundredth, how long a start is, and how much memory the process holds.
//
// The simulator runs as a process of its own, with its limits lifted. Load comes from this process, over connections that are
// kept, each of which sends its next request when it has its answer: what is measured is both of them on one machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/bench/markdown"
)

func main() {
	sizes := flag.String("tickets", "1203,1000000", "sizes of the tenant, separated by commas")
	window := flag.Duration("window", 3*time.Second, "how long each request is repeated")
	connections := flag.Int("connections", 16, "`number` of connections")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *sizes, *connections, *window); err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

// run measures each size and writes two tables.
func run(ctx context.Context, out io.Writer, sizes string, connections int, window time.Duration) error {
	dir, err := os.MkdirTemp("", "simulator")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "autotasksim")
	if err := build(ctx, binary); err != nil {
		return err
	}
	speed := [][]string{{"tickets", "request", "requests/s", "p50", "p99"}, {"-:", "-", "-:", "-:", "-:"}}
	memory := [][]string{{"tickets", "start", "RSS after the start", "RSS after the load", "most ever, strained"}, {"-:", "-:", "-:", "-:", "-:"}}
	for size := range strings.SplitSeq(sizes, ",") {
		tickets, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("size of the tenant: %w", err)
		}
		lines, line, err := measure(ctx, binary, tickets, connections, window)
		if err != nil {
			return fmt.Errorf("%d tickets: %w", tickets, err)
		}
		speed, memory = append(speed, lines...), append(memory, line)
	}
	_, err = fmt.Fprintf(out, "%s, %d cores, %d connections, %s for each request\n\n%s\n%s", runtime.Version(), runtime.NumCPU(),
		connections, window, markdown.Table(speed), markdown.Table(memory))
	return err
}

// build compiles the simulator as it is shipped.
func build(ctx context.Context, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/holdfast-go/holdfast/cmd/autotasksim") //nolint:gosec // our own package
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building autotasksim: %w", err)
	}
	return nil
}

// measure starts a tenant and puts each load on it in turn.
func measure(ctx context.Context, binary string, tickets, connections int, window time.Duration) (speed [][]string, memory []string, err error) {
	began := time.Now()
	c, err := start(ctx, binary, tickets)
	if err != nil {
		return nil, nil, err
	}
	defer c.stop()
	took, before := time.Since(began), c.memoryMB("VmRSS")
	for _, l := range loads(tickets) {
		if _, err := l.run(ctx, c, connections, window/10); err != nil { // warm-up
			return nil, nil, fmt.Errorf("%s: %w", l.name, err)
		}
		r, err := l.run(ctx, c, connections, window)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", l.name, err)
		}
		speed = append(speed, []string{
			strconv.Itoa(tickets), l.name, fmt.Sprintf("%.0f", r.perSecond), duration(r.p50), duration(r.p99),
		})
	}
	after := c.memoryMB("VmRSS")
	if err := c.strain(ctx, tickets); err != nil {
		return nil, nil, fmt.Errorf("strain: %w", err)
	}
	return speed, []string{strconv.Itoa(tickets), duration(took), before, after, c.memoryMB("VmHWM")}, nil
}

// duration shows three digits.
func duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	default:
		return d.Round(time.Microsecond).String()
	}
}
