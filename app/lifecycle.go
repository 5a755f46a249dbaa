package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/shutdown"
)

var (
	// errHookGoexit is how a hook ends that called runtime.Goexit, as a failing test does.
	errHookGoexit = errors.New("ended its goroutine without returning")
	errLeftBehind = errors.New("did not return when its time was over")
)

// leastPatience is how long an OnStart hook whose context has ended may at least
// take to return: one that obeys is not left behind.
const leastPatience = 50 * time.Millisecond

// aborted is the cause with which a start ends that was told to: by a signal, or
// by a request to stop.
type aborted struct{ reason string }

func (e *aborted) Error() string { return e.reason }

// hooks is the fx.Lifecycle that every constructor of the application is given.
// fx bounds start and stop as a whole, and its rollback runs with the context
// that made the start fail; so fx gets a context that never ends, and each hook
// gets one of the phase:
//
//	OnStart   ends with the start: its timeout, a signal, a request to stop, the
//	          caller's context; one that has not begun then does not run
//	OnStop    ends with the caller's context, and after SHUTDOWN_TASK_TIMEOUT
//
// A hook that does not return when its context has ended is left behind after
// SHUTDOWN_CANCEL_GRACE, 50 ms at least, so that the hooks below it are stopped
// all the same.
//
// Where an OnStart hook fails, the stop sequence runs before fx rolls back: the
// cleanup tasks come before the OnStop hooks of what has started, as at any stop.
// The tasks of what has not started run too, for what was accepted runs: a task
// must bear that its module never started. What they fail with is a warning in
// the log, and no part of the error of the start.
type hooks struct {
	inner    fx.Lifecycle
	patience time.Duration     // SHUTDOWN_CANCEL_GRACE
	process  *shutdown.Service // nil until the application is built
	release  func()            // of the stop, which is held while the start runs
	obeyed   bool              // the start ended because it was told to, and for nothing else

	making string         // the constructor that fx calls now
	places map[string]int // how many hooks each place has appended

	start, stop phase
}

// phase is the context of the start, or that of the stop. A rollback is no
// part of either: its OnStop hooks run on, whatever made the start fail.
type phase struct {
	merge atomic.Pointer[func(context.Context) (context.Context, context.CancelFunc)]
}

// enter makes the hooks of the phase that run from now on end with ctx too.
func (p *phase) enter(ctx context.Context) {
	merge := func(hook context.Context) (context.Context, context.CancelFunc) {
		merged, cancel := context.WithCancelCause(hook)
		if ctx.Err() != nil {
			cancel(context.Cause(ctx)) // at once: AfterFunc takes its time
		}
		stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
		return merged, func() { stop(); cancel(nil) }
	}
	p.merge.Store(&merge)
}

// join is the context for one hook of the phase.
func (p *phase) join(ctx context.Context) (context.Context, context.CancelFunc) {
	if merge := p.merge.Load(); merge != nil {
		return (*merge)(ctx)
	}
	return ctx, func() {}
}

// Append implements fx.Lifecycle.
func (l *hooks) Append(h fx.Hook) {
	where, _ := caller(1)
	if pc, _, _, ok := runtime.Caller(1); ok && l.making != "" && strings.HasPrefix(runtime.FuncForPC(pc).Name(), fxPath+".") {
		where = l.making // fx.OnStart and fx.OnStop of fx.Annotate are appended by fx itself
	}
	where = l.distinct(where)
	l.add("OnStart hook of "+where, "OnStop hook of "+where, h)
}

// distinct numbers the hooks of one place, such as a constructor that is called
// for each of several values.
func (l *hooks) distinct(where string) string {
	if l.places == nil {
		l.places = map[string]int{}
	}
	l.places[where]++
	if n := l.places[where]; n > 1 {
		return fmt.Sprintf("%s (%d)", where, n)
	}
	return where
}

// add is Append with the names that errors and reports begin with.
func (l *hooks) add(onStart, onStop string, h fx.Hook) {
	if start := h.OnStart; start != nil {
		h.OnStart = func(ctx context.Context) error { return l.onStart(ctx, onStart, start) }
	}
	if stop := h.OnStop; stop != nil {
		h.OnStop = func(ctx context.Context) error {
			ctx, cancel := l.stop.join(ctx)
			defer cancel()
			return named(onStop, l.process.Step(ctx, onStop, stop))
		}
	}
	l.inner.Append(h)
}

// onStart runs an OnStart hook unless the start is over, and the stop sequence
// where it fails or has not run.
func (l *hooks) onStart(ctx context.Context, name string, start func(context.Context) error) error {
	phase, cancel := l.start.join(ctx)
	defer cancel()
	if cause := l.over(phase); cause != nil {
		return l.fail(ctx, cause, fmt.Errorf("%s: not run: %w", name, cause))
	}
	if err := l.bounded(phase, name, start); err != nil {
		return l.fail(ctx, l.over(phase), err)
	}
	return nil
}

// over is why nothing may start any more, or nil. It knows of a request at once:
// a hook may have made it.
func (l *hooks) over(phase context.Context) error {
	if phase.Err() != nil {
		return context.Cause(phase)
	}
	select {
	case <-l.process.Requested():
		return l.requested()
	default:
		return nil
	}
}

func (l *hooks) requested() error { return &aborted{"a stop was requested: " + l.process.Reason()} }

// fail runs the stop sequence. cause is why the start was over, where it was.
func (l *hooks) fail(ctx context.Context, cause, err error) error {
	reason := "the start failed"
	if cause != nil {
		reason = cause.Error()
	}
	l.obeyed = obeyed(cause, err)
	l.process.Request(reason) //nolint:contextcheck // the stop outlives whoever asks for it
	l.release()
	return errors.Join(err, withoutTasks(l.process.Wait(ctx))) // fx gave a context that never ends
}

// obeyed tells whether a hook failed only because the start was told to end.
func obeyed(cause, err error) bool {
	if _, told := errors.AsType[*aborted](cause); !told || errors.Is(err, errLeftBehind) {
		return false
	}
	return errors.Is(err, cause) || errors.Is(err, context.Canceled) || errors.Is(err, shutdown.ErrShuttingDown)
}

// withoutTasks leaves out what tasks and phase hooks failed with.
func withoutTasks(err error) error {
	all, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok {
		return err
	}
	return errors.Join(slices.DeleteFunc(slices.Clone(all.Unwrap()), func(err error) bool {
		return errors.Is(err, shutdown.ErrTask)
	})...)
}

// bounded runs a hook until it returns, or until patience after its context ended.
func (l *hooks) bounded(ctx context.Context, name string, hook func(context.Context) error) error {
	result := make(chan error, 1)
	go guarded(ctx, hook, result) // left behind only where the hook ignores its context
	select {
	case err := <-result:
		return named(name, err)
	case <-ctx.Done():
	}
	timer := time.NewTimer(max(l.patience, leastPatience))
	defer timer.Stop()
	select {
	case err := <-result:
		return named(name, err)
	case <-timer.C:
		return fmt.Errorf("%s: %w: %w", name, errLeftBehind, context.Cause(ctx))
	}
}

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// guarded sends exactly one result, also when the hook panics or ends its goroutine.
func guarded(ctx context.Context, hook func(context.Context) error, result chan<- error) {
	err := errHookGoexit
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		result <- err
	}()
	err = hook(ctx)
}
