// Command compare measures what a Holdfast route costs beside the same route on plain echo v4.
//
// Each program runs as a process of its own on one core. Two programs at a time take turns: a window of load on the one, a
// window on the other, so that a machine that slows down slows both. A row is the median of the ratios of the pairs.
// What counts is the CPU time per request that the operating system booked to the server's process.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		exit(serve(os.Args[2]))
	}
	pairs := flag.Int("pairs", 9, "`windows` per program and request")
	window := flag.Duration("window", time.Second, "length of a window")
	starts := flag.Int("starts", 9, "starts to time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(compare(ctx, *pairs, *window, *starts))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func compare(ctx context.Context, pairs int, window time.Duration, starts int) error {
	fmt.Printf("%s, %d cores; %d pairs of windows of %s, 16 connections, server on one core\n\n", runtime.Version(), runtime.NumCPU(), pairs, window)
	fmt.Printf("%-20s %-5s %14s %14s %20s %14s\n", "program", "", "CPU/request", "echo's", "ratio (median)", "min..max")
	for _, name := range []string{"echo", "echo-timeouts", "typed", "annotated", "annotated-full-log"} {
		for _, load := range loads() {
			row, err := measure(ctx, name, load, pairs, window)
			if err != nil {
				return fmt.Errorf("%s %s: %w", name, load.name, err)
			}
			fmt.Printf("%-20s %-5s %14s %14s %20.2f %9.2f..%.2f\n", name, load.name, row.ours, row.echo, row.ratio, row.least, row.most)
		}
	}
	fmt.Println()
	for _, name := range []string{"echo", "annotated"} {
		if err := timeStarts(name, starts, func() (*child, error) { return start(ctx, name) }); err != nil {
			return fmt.Errorf("starting %s: %w", name, err)
		}
	}
	return timeTicketdesk(ctx, starts)
}

// timeTicketdesk builds the reference service and times its start with an existing database.
func timeTicketdesk(ctx context.Context, starts int) error {
	dir, err := os.MkdirTemp("", "ticketdesk")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "ticketdesk")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/holdfast-go/holdfast/cmd/ticketdesk") //nolint:gosec // our own package
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building ticketdesk: %w", err)
	}
	first, err := startTicketdesk(ctx, binary, dir) // makes the tables
	if err != nil {
		return fmt.Errorf("starting ticketdesk: %w", err)
	}
	first.stop()
	return timeStarts("ticketdesk", starts, func() (*child, error) { return startTicketdesk(ctx, binary, dir) })
}

// row is one line of the table.
type row struct {
	ours, echo         time.Duration // CPU per request, medians
	ratio, least, most float64
}

func measure(ctx context.Context, name string, load load, pairs int, window time.Duration) (row, error) {
	reference, err := start(ctx, "echo")
	if err != nil {
		return row{}, err
	}
	defer reference.stop()
	subject, err := start(ctx, name)
	if err != nil {
		return row{}, err
	}
	defer subject.stop()

	var ours, echo []time.Duration
	var ratios []float64
	for i := range pairs + 1 {
		a, err := subject.cpuPerRequest(ctx, load, window)
		if err != nil {
			return row{}, err
		}
		b, err := reference.cpuPerRequest(ctx, load, window)
		if err != nil {
			return row{}, err
		}
		if i == 0 {
			continue // warm-up
		}
		ours, echo, ratios = append(ours, a), append(echo, b), append(ratios, float64(a)/float64(b))
	}
	return row{median(ours), median(echo), median(ratios), slices.Min(ratios), slices.Max(ratios)}, nil
}

// timeStarts prints how long a program takes from its start to its first 200, and what it holds then.
func timeStarts(name string, n int, start func() (*child, error)) error {
	var took []time.Duration
	var rss []int64
	for range n {
		began := time.Now()
		p, err := start()
		if err != nil {
			return err
		}
		took = append(took, time.Since(began))
		rss = append(rss, p.residentKB())
		p.stop()
	}
	fmt.Printf("%-20s start to first 200: median %s (min %s); idle RSS %.1f MB\n",
		name, median(took).Round(100*time.Microsecond), slices.Min(took).Round(100*time.Microsecond), float64(median(rss))/1024)
	return nil
}

func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
