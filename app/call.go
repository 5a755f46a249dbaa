package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/interceptors"
)

// call is a typed route compiled: it turns a request into an attempt and the
// attempt's result into an answer. The pipeline of interceptors runs it.
type call[In, Out any] struct {
	route    *route
	plan     *plan
	encoder  *encoder
	rules    *rules
	buffers  *buffers
	run      func(context.Context, *In) (*Out, error)
	recovery func(context.Context, *In, error) (*Out, error)
}

var _ interceptors.Call = (*call[struct{}, struct{}])(nil)

//nolint:ireturn // one type per pair of In and Out, behind the interface of interceptors
func compileCall[In, Out any](c *compiler, r *route, run func(context.Context, *In) (*Out, error),
	recovery func(context.Context, *In, error) (*Out, error),
) interceptors.Call {
	return &call[In, Out]{
		route:    r,
		plan:     compilePlan(c, r),
		encoder:  compileEncoder(c, r),
		rules:    c.rules,
		buffers:  c.buffers,
		run:      run,
		recovery: recovery,
	}
}

// attempt holds In by value: what was bound stays as it was, and where the
// handler may run more than once each run gets a shallow copy.
type attempt[In, Out any] struct {
	call   *call[In, Out]
	values context.Context //nolint:containedctx // what the guards added; nil where they added nothing
	keep   bool            // in may be needed again: for a retry, a hedge or the fallback
	in     In
}

// Prepare asks the guards, binds and validates.
//
//nolint:ireturn // as interceptors.Call says
func (k *call[In, Out]) Prepare(ctx context.Context, c echo.Context) (interceptors.Attempt, error) {
	a := &attempt[In, Out]{call: k}
	if len(k.route.guards) > 0 {
		values, err := k.route.guard(ctx, c)
		if err != nil {
			return nil, err
		}
		if values != ctx {
			a.values = values
		}
	}
	if err := k.plan.bind(c, &a.in, k.buffers); err != nil {
		return nil, err
	}
	if k.plan.validate {
		if err := k.rules.check(&a.in); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Keep is told by interceptors where Do may be asked again.
func (a *attempt[In, Out]) Keep() { a.keep = true }

// Do runs the handler once.
func (a *attempt[In, Out]) Do(ctx context.Context) (any, error) {
	in := &a.in
	if a.keep {
		clone := a.in
		in = &clone
	}
	out, err := a.call.run(a.context(ctx), in)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// errNoFallback cannot happen: a route with EnableFallback and nothing to fall
// back on is refused at start.
var errNoFallback = errors.New("the route has no fallback")

// Fallback runs the route's fallback.
func (a *attempt[In, Out]) Fallback(ctx context.Context, cause error) (any, error) {
	if a.call.recovery == nil {
		return nil, errors.Join(errNoFallback, cause)
	}
	clone := a.in
	out, err := a.call.recovery(a.context(ctx), &clone, cause)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// context adds to the context of one run what the guards set.
func (a *attempt[In, Out]) context(ctx context.Context) context.Context {
	if a.values == nil {
		return ctx
	}
	return guardedContext{Context: ctx, values: a.values}
}

// Write encodes what Do, Fallback or Policy.FallbackResponse gave. Status is
// that of a fallback answer, or 0.
func (k *call[In, Out]) Write(c echo.Context, result any, status int) error {
	switch out := result.(type) {
	case *Out:
		return k.encoder.write(c, out, out == nil, status)
	case Out: // a FallbackResponse given as a value
		return k.encoder.write(c, &out, false, status)
	default:
		return fmt.Errorf("%s gave %T where %s is written", k.route.name, result, reflect.TypeFor[*Out]())
	}
}
