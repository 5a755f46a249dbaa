package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/shutdown"
)

// errHookGoexit is how a hook ends that called runtime.Goexit, as a failing test does.
var errHookGoexit = errors.New("ended its goroutine without returning")

// hooks is the fx.Lifecycle that every constructor of the application is given.
// fx bounds start and stop as a whole, and its rollback runs with the context
// that made the start fail; so fx gets a context that never ends, and each hook
// gets one of the phase:
//
//	OnStart   ends with the start: its timeout, a signal, the caller's context
//	OnStop    ends with the caller's context, and after SHUTDOWN_TASK_TIMEOUT
//
// A hook that does not return when its context has ended is left behind after
// SHUTDOWN_CANCEL_GRACE, so that the hooks below it are stopped all the same.
//
// Where an OnStart hook fails, the stop sequence runs before fx rolls back: the
// cleanup tasks of what has started come before its OnStop hooks, as at any stop.
type hooks struct {
	inner    fx.Lifecycle
	patience time.Duration     // SHUTDOWN_CANCEL_GRACE
	process  *shutdown.Service // nil until the application is built

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
	l.add("OnStart hook of "+where, "OnStop hook of "+where, h)
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

// onStart runs an OnStart hook, and the stop sequence where it fails.
func (l *hooks) onStart(ctx context.Context, name string, start func(context.Context) error) error {
	phase, cancel := l.start.join(ctx)
	defer cancel()
	err := l.bounded(phase, name, start)
	if err == nil {
		return nil
	}
	reason := "the start failed"
	if phase.Err() != nil {
		reason = context.Cause(phase).Error()
	}
	l.process.Request(reason)                    //nolint:contextcheck // the stop outlives whoever asks for it
	return errors.Join(err, l.process.Wait(ctx)) // fx gave a context that never ends
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
	timer := time.NewTimer(l.patience)
	defer timer.Stop()
	select {
	case err := <-result:
		return named(name, err)
	case <-timer.C:
		return fmt.Errorf("%s: did not return when its time was over: %w", name, context.Cause(ctx))
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
