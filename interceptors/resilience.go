package interceptors

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// UseResilience returns the middleware that runs raw echo handlers in the
// pipeline of a policy, which is compiled once under the given name. The error,
// as of resilience.Runner.Compile, names all faults of the policy.
//
// Each attempt gets its own request, with a body that starts at the beginning,
// and its own response; only the last response is sent. Middleware inside runs
// once per attempt. Where there may be a second attempt, what the first one puts
// into the echo.Context with Set, or does to the header, is not there for it;
// what the last one Set is there for middleware outside.
//
// A request is repeated if its method is GET, HEAD or OPTIONS or the policy says
// Idempotent, its body fits MaxRequestBuffer, and nothing of the response was
// sent: by Flush, Hijack, a status of 1xx, or more than MaxResponseBuffer bytes.
// A handler that answers with a status of 400 or more by itself, without
// returning an error, counts by that status; if that was the last attempt, its
// answer is the answer.
//
// With EnableRetry or TimeoutMode Hard the handler gets an echo.Context of its
// own, which with Hard it may keep when it is left behind; contexts of the
// application's own type are not passed on to it.
func UseResilience(
	runner *resilience.Runner, name string, policy resilience.Policy, opts ...Option,
) (echo.MiddlewareFunc, error) {
	route, err := newRawRoute(runner, name, policy)
	if err != nil {
		return nil, err
	}
	route.deadline = newOptions(opts).deadline
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return route.serve(c, next) }
	}, nil
}

type rawRoute struct {
	deadline  deadlineHeader
	patience  patience
	breaker   bool                 // of streams: they had one at start
	buffered  *resilience.Pipeline // nil where every answer is a stream
	streaming *resilience.Pipeline
}

func newRawRoute(runner *resilience.Runner, name string, policy resilience.Policy) (*rawRoute, error) {
	if policy.Streaming {
		streaming, err := runner.Compile(name, policy)
		if err != nil {
			return nil, err
		}
		return &rawRoute{streaming: streaming}, nil
	}
	buffered, err := runner.Compile(name, policy)
	if err != nil {
		return nil, err
	}
	effective := buffered.Policy()
	if err := checkRaw(name, effective); err != nil {
		return nil, err
	}
	streaming, err := compileStream(runner, name, policy, effective)
	if err != nil {
		return nil, err
	}
	return &rawRoute{
		patience: patience(effective.Timeout), breaker: streaming.Policy().EnableCircuitBreaker,
		buffered: buffered, streaming: streaming,
	}, nil
}

// checkRaw refuses what a raw route cannot have.
func checkRaw(name string, p resilience.Policy) error {
	var faults []error
	if p.EnableFallback && p.FallbackResponse == nil {
		faults = append(faults, resilience.Fault{
			Route: name, Field: "EnableFallback",
			Problem: "a raw route has no fallback function",
			Fix:     "Set FallbackResponse, or make it a typed route",
		})
	}
	if p.Hedge.Max > 0 {
		faults = append(faults, resilience.Fault{
			Route: name, Field: "Hedge",
			Problem: "a raw route cannot be hedged: two handlers would write one response",
			Fix:     "Leave out Hedge, or make it a typed route",
		})
	}
	return errors.Join(faults...)
}

// compileStream leaves of a policy what can be kept for a stream: its breaker.
// The slot of the bulkhead is taken from the pipeline of the route.
//
// The breaker is given as it was declared, and so changes with that of the route.
// Where variables come in between, one of the group that no stream can have, or
// one of the route for a breaker of another name, it is that of the start.
func compileStream(
	runner *resilience.Runner, name string, declared, effective resilience.Policy,
) (*resilience.Pipeline, error) {
	own := name + ".stream"
	policy := resilience.Policy{
		Name:                 cmp.Or(declared.Name, name),
		Group:                effective.Group,
		EnableCircuitBreaker: effective.EnableCircuitBreaker,
		Breaker:              declared.Breaker,
		Streaming:            true,
		Off:                  declared.Off,
	}
	if streaming, err := runner.Compile(own, policy); err == nil {
		return streaming, nil
	}
	policy.Group = own
	if streaming, err := runner.Compile(own, policy); err == nil {
		return streaming, nil
	}
	policy.Breaker = effective.Breaker
	return runner.Compile(own, policy)
}

func (route *rawRoute) serve(c echo.Context, next echo.HandlerFunc) error {
	if route.buffered == nil {
		return route.stream(c, next)
	}
	stream := wantsStream(c.Request())
	admission, err := route.enter(c.Request(), stream)
	if err != nil {
		return err
	}
	defer admission.Leave()
	policy := admission.Policy()
	switch {
	case stream && route.breaker && !policy.EnableCircuitBreaker: // switched off at run time
		return watched(c, c.Request().Context(), newGate(), next)
	case stream:
		return route.stream(c, next)
	}
	route.patience.extend(c, policy.Timeout)
	kept := onceBody(c.Request())
	if policy.EnableRetry {
		if kept, err = keepBody(c.Request(), policy.MaxRequestBuffer); err != nil {
			return err
		}
	}
	attempts := newRawAttempts(policy, c, next, kept)
	defer attempts.end(nil)
	return answerRaw(c, attempts, admission.Run(attempts))
}

// enter takes the route's slot. A stream gets it without a deadline.
func (route *rawRoute) enter(r *http.Request, stream bool) (*resilience.Admission, error) {
	if stream {
		return route.deadline.enterStream(route.buffered, r)
	}
	return route.deadline.enter(route.buffered, r)
}

// answerRaw sends what came of the attempts, or returns the error.
func answerRaw(c echo.Context, attempts *rawAttempts, result resilience.Result) error {
	response := chosen(result)
	attempts.end(response)
	reraise(result.Err)
	if response != nil {
		mark(response.Header(), result) // too late where it has begun, and harmless
		return response.send()
	}
	if !c.Response().Committed {
		mark(c.Response().Header(), result)
	}
	if result.Err != nil {
		return plain(result.Err)
	}
	return c.JSON(attempts.policy.FallbackStatus, result.Value)
}

// chosen returns the response of the attempt that is the answer, or nil.
func chosen(result resilience.Result) *buffer {
	if answered, ok := errors.AsType[*answeredError](result.Err); ok {
		return answered.response
	}
	if response, ok := result.Value.(*buffer); ok && result.Err == nil {
		return response
	}
	return nil
}

// wantsStream reports whether the answer must not be held back: upgrades,
// tunnels and server-sent events.
func wantsStream(r *http.Request) bool {
	return r.Method == http.MethodConnect || r.Header.Get(echo.HeaderUpgrade) != "" || acceptsEvents(r)
}
