package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/shutdown"
)

// Exit codes of Run and Main, beside 128+n for signal n.
const (
	exitOK       = 0
	exitFailed   = 1
	exitSettings = 2
)

// secondSignal is how long after the first signal another one is taken for a
// copy of it: a terminal and a supervisor may each send one.
const secondSignal = 500 * time.Millisecond

// listen registers for the signals that end the process. Both kinds fit into
// the channel twice, so that none is lost while nobody reads it.
func listen() (signals <-chan os.Signal, release func()) {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	return ch, func() { signal.Stop(ch) }
}

// Run starts the application, waits for a reason to stop, stops it, and
// returns the exit code for the process:
//
//	0      stopped cleanly: after SIGTERM or SIGINT, or the end of ctx, or after
//	       shutdown.Service.Request or fx.Shutdowner, during the start as well
//	1      the start failed, a server failed, or the stop did not end in order
//	128+n  signal n came during the start, which was rolled back, or a second
//	       one during the stop, 500 ms after the first or later
//	n      fx.ExitCode(n) was asked for, and the stop was clean
//
// Where SHUTDOWN_FORCE_TIMEOUT is over, Run returns at once, whatever hangs:
// the caller is expected to exit.
func (a *App) Run(ctx context.Context) int {
	signals, release := listen()
	defer release()
	return a.run(ctx, signals)
}

func (a *App) run(ctx context.Context, signals <-chan os.Signal) int {
	if code, ok := a.runStart(ctx, signals); !ok {
		return code
	}
	began := time.Time{}
	select {
	case sig := <-signals:
		began = time.Now()
		a.request("signal " + sig.String()) //nolint:contextcheck // the stop outlives whoever asks for it
	case <-a.parts.Stop.Requested():
	case <-ctx.Done():
		a.request("the context of Run has ended") //nolint:contextcheck // the stop outlives whoever asks for it
	}
	return a.runStop(ctx, signals, began)
}

// runStart is false with the exit code where the start did not come to its end.
func (a *App) runStart(ctx context.Context, signals <-chan os.Signal) (code int, ok bool) {
	phase, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	started := make(chan error, 1)
	go func() { started <- a.Start(phase) }() // left behind only where the process is to exit
	select {
	case err := <-started:
		switch {
		case err == nil:
			return exitOK, true
		case a.hooks.obeyed && a.rolledBack() && a.parts.serveErr() == nil:
			return int(a.exit.code.Load()), false
		}
		return a.startFailed(ctx, err), false
	case <-a.parts.Stop.Forced():
		return a.forced(ctx), false
	case sig := <-signals:
		abort(&aborted{"signal " + sig.String()})
		a.request("signal " + sig.String()) //nolint:contextcheck // the stop outlives whoever asks for it
		return a.rollBack(ctx, signals, started, sig), false
	}
}

func (a *App) startFailed(ctx context.Context, err error) int {
	lastWords(func() { a.parts.Log.ErrorContext(ctx, "start failed", slog.String("error", err.Error())) })
	return exitFailed
}

// rolledBack tells whether what had started was stopped in order. Cleanup tasks may
// have failed: their modules may never have started.
func (a *App) rolledBack() bool {
	r := a.parts.Stop.Report()
	return r.DrainCompleted && !r.Forced && !slices.ContainsFunc(r.Tasks, func(t shutdown.TaskReport) bool {
		return t.Kind == "step" && t.Result != shutdown.ResultOK
	})
}

// rollBack waits for a start that was aborted. Where the start had come to its
// end all the same, it is a stop like any other.
func (a *App) rollBack(ctx context.Context, signals <-chan os.Signal, started <-chan error, first os.Signal) int {
	began := time.Now()
	lastWords(func() {
		a.parts.Log.WarnContext(ctx, "signal during the start: stopping what has started", slog.String("signal", first.String()))
	})
	for {
		select {
		case err := <-started:
			switch {
			case err == nil:
				return cmp.Or(a.runStop(ctx, signals, began), exitCode(first))
			case !a.rolledBack():
				a.startFailed(ctx, err)
			}
			return exitCode(first)
		case sig := <-signals:
			if time.Since(began) >= secondSignal {
				return a.second(ctx, sig)
			}
		case <-a.parts.Stop.Forced():
			return a.forced(ctx)
		}
	}
}

// runStop stops the application. began is when the first signal came, if one did.
func (a *App) runStop(ctx context.Context, signals <-chan os.Signal, began time.Time) int {
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(context.WithoutCancel(ctx)) }() // left behind only where the process is to exit
	for {
		select {
		case err := <-stopped:
			if err = errors.Join(err, a.parts.serveErr()); err != nil {
				return exitFailed
			}
			return int(a.exit.code.Load())
		case sig := <-signals:
			if began.IsZero() {
				began = time.Now()
				continue
			}
			if time.Since(began) >= secondSignal {
				return a.second(ctx, sig)
			}
		case <-a.parts.Stop.Forced():
			return a.forced(ctx)
		}
	}
}

func (a *App) second(ctx context.Context, sig os.Signal) int {
	lastWords(func() {
		a.parts.Log.ErrorContext(ctx, "second signal: exiting at once", slog.String("signal", sig.String()))
	})
	return exitCode(sig)
}

// lastWords logs where nothing may be held up by a log that hangs: it gets
// 100 ms, and its goroutine ends with the process. A log that panics is no reason
// to stop out of order.
func lastWords(log func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		log()
	}()
	patience := time.NewTimer(100 * time.Millisecond)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	}
}

// forced says what did not end in time, and gives the exit code.
func (a *App) forced(ctx context.Context) int {
	lastWords(func() { a.report(ctx, shutdown.ErrForced) })
	return exitFailed
}

// exitCode is what a shell reports for a process that a signal ended.
func exitCode(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return exitFailed
}
