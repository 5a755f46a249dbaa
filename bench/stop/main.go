// Command stop compares what a stop loses: a Holdfast app beside servers that are stopped as the documents of their
// libraries say. Each is a process of its own that gets SIGTERM in the middle of a load, five times, each time at another
// moment of it; package stoptest sends the load and counts.
//
// The load is the same for all: 200 requests a second, half of them over kept connections, a fifth of which take a second
// and a twentieth of which are streams of a second. It goes on until the process has gone. Every server is stopped under two
// kinds of clients: those of the first table know nothing of readiness, those of the second look at it every 250 ms and send
// nothing to a server that is not ready. The columns:
//
//	held        not sent, because the server was not ready
//	sent        answered + 5xx + lost + refused
//	answered    a whole answer below 500
//	5xx         a whole answer of 500 and above
//	lost        sent, and no answer or a part of one
//	while open  of the 5xx and lost: sent while the listener was open; the others were in the moment of the close or later
//	refused     no connection; nothing was sent
//	unknowing   of those refused: before readiness turned or one look after that, so that no client could have known
//	warned      the time from the turn of readiness to the close of the listener, median
//	exit        the code
//	took        from the signal to the end of the process, median
//
// A 5xx after the close is a request that came over a connection from before, and was turned away in form: with 503 and
// Connection: close.
//
// A third table is about a request that never ends, and a second SIGTERM one second after the first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/bench/stop/subject"
)

func main() {
	if order, ok, err := subject.Parse(os.Args[1:]); ok {
		os.Exit(serveOrder(order, err))
	}
	p := thorough()
	flag.IntVar(&p.runs, "runs", p.runs, "`stops` of each server")
	flag.IntVar(&p.rate, "rate", p.rate, "`requests` a second")
	flag.DurationVar(&p.look, "look", p.look, "`time` between two looks of a client at readiness")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := report(ctx, os.Stdout, os.Stderr, p); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
		os.Exit(1)
	}
}

// serveOrder is this process as a server. It returns the exit code.
func serveOrder(order subject.Order, err error) int {
	code := 1
	if err == nil {
		subject.EndWithParent()
		code, err = serve(order)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code
}

// results are the three tables.
type results struct {
	blind, aware []*tally
	seconds      []second
}

// report measures and writes the tables to out, and what it is about to progress.
func report(ctx context.Context, out, progress io.Writer, p plan) error {
	if err := p.validate(); err != nil {
		return err
	}
	began := time.Now()
	r, err := measure(ctx, progress, p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s, %d cores; %d stops of each server per table at %d requests a second; %s in all\n\n"+
		"Clients that know nothing of readiness:\n\n%s\nClients that look at readiness every %s:\n\n%s\n"+
		"A request hangs, and SIGTERM comes again a second after the first:\n\n%s",
		runtime.Version(), runtime.GOMAXPROCS(0), p.runs, p.rate, time.Since(began).Round(time.Second),
		tallies(r.blind), p.look, tallies(r.aware), secondSignals(r.seconds, p.hangs))
	return errors.Join(err, r.sound())
}

// measure stops the servers by turns, so that a machine that slows down slows all of them.
func measure(ctx context.Context, progress io.Writer, p plan) (r results, err error) {
	dir, err := os.MkdirTemp("", "stop")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := build(dir, p.servers); err != nil { //nolint:contextcheck // go build ends by itself
		return r, err
	}
	for _, s := range p.servers {
		r.blind, r.aware = append(r.blind, &tally{server: s}), append(r.aware, &tally{server: s})
	}
	for run := range p.runs {
		for i, s := range p.servers {
			_, _ = fmt.Fprintf(progress, "run %d of %d: %s\n", run+1, p.runs, s.name)
			blind, aware, err := p.pair(ctx, s, run)
			if err != nil {
				return r, err
			}
			r.blind[i].add(blind, p.look)
			r.aware[i].add(aware, p.look)
		}
	}
	for _, s := range p.servers {
		_, _ = fmt.Fprintf(progress, "second signal: %s\n", s.name)
		twice, err := p.twice(ctx, s)
		if err != nil {
			return r, err
		}
		r.seconds = append(r.seconds, twice)
	}
	return r, nil
}

// sound is an error where the figures say nothing.
func (r results) sound() error {
	var faults []error
	for _, t := range append(r.blind, r.aware...) {
		if t.skipped > 0 {
			faults = append(faults, fmt.Errorf("%s: %d requests were not sent: this machine does not carry the load", t.server.name, t.skipped))
		}
		if t.wrong > 0 {
			faults = append(faults, fmt.Errorf("%s: %d answers of 4xx: it is not asked for what it serves", t.server.name, t.wrong))
		}
	}
	return errors.Join(faults...)
}
