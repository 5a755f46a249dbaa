package app

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// checkPolicy refuses what a policy cannot mean on this route, and tells the
// policy what it cannot know itself: whether the method is safe to repeat.
func (c *compiler) checkPolicy(r *route) {
	p := &r.policy
	p.Safe = safe(r.method)
	p.Endpoint = r.title()
	if p.Group == "" {
		p.Group, _, _ = strings.Cut(r.name, ".")
	}
	if p.EnableRetry && !p.Safe && !p.Idempotent {
		c.fault(r, r.title()+" is retried but is not idempotent: a second try could do its work twice",
			"set Idempotent: true if repeating does no harm, or drop EnableRetry (Off: resilience.Retry where the group has it)")
		p.EnableRetry = false // told; not again by the runner
	}
	if p.Streaming && r.raw == nil {
		c.fault(r, r.title()+" is typed and Streaming: a typed route writes its answer at the end", "declare it with app.Raw, or drop Streaming")
	}
	c.checkFallback(r)
}

// safe methods change nothing by their definition (RFC 9110, 9.2.1). PUT and
// DELETE are idempotent there as well, but handlers often are not.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func (c *compiler) checkFallback(r *route) {
	p := &r.policy
	switch {
	case !p.EnableFallback && r.fallback && p.Off&resilience.Fallback == 0:
		c.fault(r, r.title()+" has a Fallback that is never asked", "set EnableFallback: true in its policy")
	case !p.EnableFallback:
	case r.fallback:
		p.FallbackResponse = nil // the route's own function wins over a group's value
	case p.FallbackResponse == nil:
		c.fault(r, r.title()+" has EnableFallback and nothing to fall back on", "add .Fallback(func(ctx, in, cause) (out, error)), or a FallbackResponse to its policy")
	case r.raw == nil && !fits(p.FallbackResponse, r.out):
		c.fault(r, fmt.Sprintf("%s answers with *%s, but its FallbackResponse is a %T", r.title(), r.out, p.FallbackResponse),
			fmt.Sprintf("give it a *%s", r.out))
	}
}

func fits(value any, out reflect.Type) bool {
	t := reflect.TypeOf(value)
	if t == reflect.PointerTo(out) {
		return !reflect.ValueOf(value).IsNil()
	}
	return t == out
}

// strategies lists what is on, in the order in which it lies around the handler.
func (r RouteInfo) strategies() []string {
	on := describePolicy(r.Policy)
	if r.Throttle != "" {
		on = slices.Insert(on, 0, "throttle "+r.Throttle)
	}
	return on
}

// describePolicy lists what a policy switches on.
func describePolicy(p resilience.Policy) []string {
	var on []string
	add := func(enabled bool, format string, args ...any) {
		if enabled {
			on = append(on, fmt.Sprintf(format, args...))
		}
	}
	add(p.Streaming, "streaming")
	add(p.Timeout > 0, "timeout %s (%s)", p.Timeout, p.TimeoutMode)
	add(p.Priority != resilience.Normal, "%s priority", p.Priority)
	add(p.Adaptive, "adaptive limit")
	add(p.MaxConcurrent > 0, "at most %d at once", p.MaxConcurrent)
	add(p.MaxQueue > 0, "queue of %d%s", p.MaxQueue, waiting(p.QueueTimeout))
	add(p.EnableFallback, "fallback")
	add(p.EnableRetry, "retry, %d attempts", p.Retry.MaxAttempts)
	add(p.Hedge.Max > 0, "hedge, %d after %s", p.Hedge.Max, p.Hedge.Delay)
	add(p.EnableCircuitBreaker, "breaker")
	add(p.AttemptTimeout > 0, "attempt timeout %s", p.AttemptTimeout)
	return on
}

func waiting(longest time.Duration) string {
	if longest <= 0 {
		return ""
	}
	return " for " + longest.String()
}
