package interceptors

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// UseResilience returns the middleware that runs raw echo handlers in the
// pipeline of a policy, which is compiled once under the given name. The error,
// as of resilience.Runner.Compile, names all faults of the policy.
//
// Each attempt gets its own request, with a body that starts at the beginning,
// and its own response; only the last response is sent. Middleware inside runs
// once per attempt. What an attempt puts into the echo.Context with Set stays for
// the next one.
//
// A request is repeated if its method is GET, HEAD or OPTIONS or the policy says
// Idempotent, its body fits MaxRequestBuffer, and nothing of the response was
// sent: by Flush, Hijack, a status of 1xx, or more than MaxResponseBuffer bytes.
// A handler that answers with a status of 400 or more by itself, without
// returning an error, counts by that status; if that was the last attempt, its
// answer is the answer.
//
// With TimeoutMode Hard the handler gets an echo.Context of its own, which it may
// keep when it is left behind; contexts of the application's own type are not
// passed on to it.
func UseResilience(runner *resilience.Runner, name string, policy resilience.Policy) (echo.MiddlewareFunc, error) {
	route, err := newRawRoute(runner, name, policy)
	if err != nil {
		return nil, err
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return route.serve(c, next) }
	}, nil
}

type rawRoute struct {
	policy    resilience.Policy    // effective
	buffered  *resilience.Pipeline // nil where every answer is a stream
	streaming *resilience.Pipeline
}

func newRawRoute(runner *resilience.Runner, name string, policy resilience.Policy) (*rawRoute, error) {
	if policy.Streaming {
		streaming, err := runner.Compile(name, policy)
		if err != nil {
			return nil, err
		}
		return &rawRoute{policy: streaming.Policy(), streaming: streaming}, nil
	}
	buffered, err := runner.Compile(name, policy)
	if err != nil {
		return nil, err
	}
	effective := buffered.Policy()
	if effective.EnableFallback && effective.FallbackResponse == nil {
		return nil, resilience.Fault{
			Route: name, Field: "EnableFallback",
			Problem: "a raw route has no fallback function",
			Fix:     "Set FallbackResponse, or make it a typed route",
		}
	}
	streaming, err := runner.Compile(name+".stream", streamPolicy(name, policy))
	if err != nil {
		return nil, err
	}
	return &rawRoute{policy: effective, buffered: buffered, streaming: streaming}, nil
}

// streamPolicy leaves of a policy what can be kept for a stream: its breaker.
// The slot of the bulkhead is taken from the pipeline of the route.
func streamPolicy(name string, p resilience.Policy) resilience.Policy {
	return resilience.Policy{
		Name:                 cmp.Or(p.Name, name),
		EnableCircuitBreaker: p.EnableCircuitBreaker,
		Breaker:              p.Breaker,
		Streaming:            true,
		Off:                  p.Off,
	}
}

func (route *rawRoute) serve(c echo.Context, next echo.HandlerFunc) error {
	if route.buffered == nil {
		return route.stream(c, next)
	}
	admission, err := route.buffered.Enter(c.Request().Context())
	if err != nil {
		return err
	}
	defer admission.Leave()
	if wantsStream(c.Request()) {
		return route.stream(c, next)
	}
	kept := onceBody(c.Request())
	if route.policy.EnableRetry {
		if kept, err = keepBody(c.Request(), route.policy.MaxRequestBuffer); err != nil {
			return err
		}
	}
	attempts := newRawAttempts(route, c, next, kept)
	defer attempts.end(nil)
	result := admission.Run(attempts)
	return route.answer(c, attempts, result)
}

// answer sends what came of the attempts, or returns the error.
func (route *rawRoute) answer(c echo.Context, attempts *rawAttempts, result resilience.Result) error {
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
	return c.JSON(route.policy.FallbackStatus, result.Value)
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
	return r.Method == http.MethodConnect || r.Header.Get(echo.HeaderUpgrade) != "" ||
		strings.Contains(r.Header.Get(echo.HeaderAccept), "text/event-stream")
}
