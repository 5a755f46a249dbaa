package interceptors

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Attempt is what a Call prepares: something that can be done, more than once if
// the policy says so, without touching the echo.Context it came from.
//
// It may have one method more:
//
//	Keep() // before the first Do: what it got must last for more than one Do, and for the Fallback
type Attempt = resilience.Attempt

// Call is a typed route as echo sees it. Its methods are called on the
// goroutine of the request, at most once each.
type Call interface {
	// Prepare runs the guards, binds and validates. ctx carries the deadline of
	// the route. Its error is the answer: it is never retried, replaced by a
	// fallback or counted. The Attempt must not keep c: it may outlive it.
	Prepare(ctx context.Context, c echo.Context) (Attempt, error)
	// Write encodes what the attempt or the fallback gave. status is 0 for the
	// route's own, or the status of a fallback answer.
	Write(c echo.Context, value any, status int) error
}

// Headers of the answer of a route with a policy.
const (
	HeaderFallback = "X-Resilience-Fallback" // "true" where a fallback gave the answer
	HeaderAttempts = "X-Resilience-Attempts" // number of attempts where there was more than one
)

// Typed returns the handler of a typed route: it compiles the policy once and
// runs call in its pipeline. Nothing is written before the pipeline has ended, so
// nothing is buffered, every attempt can be repeated, and one that overstays a
// hard timeout can be left behind. The error, as of resilience.Runner.Compile,
// names all faults of the policy.
func Typed(
	runner *resilience.Runner, name string, policy resilience.Policy, call Call, opts ...Option,
) (echo.HandlerFunc, error) {
	pipeline, err := runner.Compile(name, policy)
	if err != nil {
		return nil, err
	}
	policy = pipeline.Policy()
	t := &typed{
		pipeline: pipeline, call: call, deadline: newOptions(opts).deadline,
		patience: patience(policy.Timeout), fallbackStatus: policy.FallbackStatus,
	}
	return t.serve, nil
}

type typed struct {
	pipeline       *resilience.Pipeline
	call           Call
	deadline       deadlineHeader
	patience       patience
	fallbackStatus int
}

func (t *typed) serve(c echo.Context) error {
	admission, err := t.deadline.enter(t.pipeline, c.Request())
	if err != nil {
		return err
	}
	defer admission.Leave()
	t.patience.extend(c, admission.Policy().Timeout)
	attempt, err := t.call.Prepare(admission.Context(), c)
	if err != nil {
		return err
	}
	if repeats(admission.Policy()) {
		if k, ok := attempt.(interface{ Keep() }); ok {
			k.Keep()
		}
	}
	result := admission.Run(attempt)
	reraise(result.Err)
	if result.Attempts > 1 || result.Fallback { // rare: what follows is not free
		mark(c.Response().Header(), result)
	}
	if result.Err != nil {
		return result.Err
	}
	status := 0
	if result.Fallback {
		status = t.fallbackStatus
	}
	return t.call.Write(c, result.Value, status)
}

// repeats tells whether an attempt may be needed after its first Do has begun.
func repeats(p *resilience.Policy) bool {
	return p.EnableRetry || p.EnableFallback || p.Hedge.Max > 0
}

// mark tells the client how its answer came about.
func mark(h http.Header, result resilience.Result) {
	if result.Attempts > 1 {
		h.Set(HeaderAttempts, strconv.Itoa(result.Attempts))
	}
	if result.Fallback && result.Err == nil {
		h.Set(HeaderFallback, "true")
		h.Set(echo.HeaderCacheControl, "no-store")
	}
}
