package stoptest

import (
	"cmp"
	"context"
	"os"
	"syscall"
	"testing"
	"time"
)

// Trial is one start and one stop of a program under load.
type Trial struct {
	// Command is the program, started by Serve.
	Command Command
	// Load is what is sent, from the moment the program is ready until it has gone. Its Pick is set by Run.
	Load LoadConfig
	// Aware sends requests only while the program says that it is ready, as a load balancer does. Otherwise they go on to the
	// very end.
	Aware bool
	// Begin is called when the program is ready and the load begins, for example to send requests that never end. nil does
	// nothing.
	Begin func(p *Process, l *Load)
	// Before is how long the load lasts before the signal.
	Before time.Duration
	// Signal ends the program. nil is SIGTERM.
	Signal os.Signal
	// Within bounds the time from the signal to the end of the program: more fails the test.
	Within time.Duration
	// Slack is how long before the last dial that worked the listener counts as closing: that dial and a request may have been
	// in the kernel's queue together, and on a busy machine a request is read a while after it was sent. 0 is 10 ms.
	Slack time.Duration
	// Every is how often the program is looked at; see WatchConfig.
	Every time.Duration
}

// Run runs the trial. What keeps it from coming to its end fails the test; what came of it is in the outcome.
func (t Trial) Run(tb testing.TB) *Outcome {
	tb.Helper()
	p := Serve(tb, t.Command)
	t.Load.Pick = To(p.URL())
	if t.Aware {
		b := NewBalancer(0)
		defer b.Close()
		if err := b.Add(tb.Context(), p.URL(), p.AdminURL()); err != nil {
			tb.Fatalf("wait for %s to be ready: %v", p, err)
		}
		t.Load.Pick = b.Pick
	}
	watch := NewWatch(WatchConfig{URL: p.URL(), AdminURL: p.AdminURL(), Every: t.Every})
	defer watch.Stop()
	load, err := NewLoad(t.Load)
	if err != nil {
		tb.Fatalf("start the load: %v", err)
	}
	defer load.drop() // where the test fails below
	if t.Begin != nil {
		t.Begin(p, load)
	}
	pass(tb.Context(), t.Before)
	o := &Outcome{Process: p, Slack: cmp.Or(t.Slack, 10*time.Millisecond)}
	o.Signalled = p.Signal(cmp.Or[os.Signal](t.Signal, syscall.SIGTERM))
	o.Code = p.Wait(t.Within)
	o.Exited = p.EndedAt()
	o.Requests, o.Seen = load.Stop(), watch.Stop()
	return o
}

// pass lets time pass.
func pass(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
