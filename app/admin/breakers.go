package admin

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// longestControl bounds for how long a breaker can be taken out of its own hands.
const longestControl = 31 * 24 * time.Hour

// hold as a Control's For is until somebody says auto or reset.
const hold = "hold"

// Control is what is sent to change a breaker.
type Control struct {
	// For is how long: a Go duration ("5m"), milliseconds (300000), or "hold".
	// Left out: open, for the breaker's reset time; close and bypass, as hold.
	For Span `json:"for"`
	// Reason goes to the log and to who looks at the breaker: at most 256 bytes.
	Reason string `json:"reason"`
}

// Span is a length of time in JSON: "5m", "300000", 300000 or "hold".
type Span time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (s *Span) UnmarshalJSON(text []byte) error {
	var given string
	if json.Unmarshal(text, &given) != nil {
		given = string(text)
	}
	if given == hold {
		*s = Span(circuitbreaker.Hold)
		return nil
	}
	var d config.Millis
	if err := d.Decode(given); err != nil || d.Duration() <= 0 || d.Duration() > longestControl {
		return fmt.Errorf("for: %q is no time above 0 and up to %s: write 5m, or hold", given, longestControl)
	}
	*s = Span(d.Duration())
	return nil
}

// String is as UnmarshalJSON reads it, or "default" where nothing was given.
func (s Span) String() string {
	switch time.Duration(s) {
	case 0:
		return "default"
	case circuitbreaker.Hold:
		return hold
	default:
		return time.Duration(s).String()
	}
}

// Breaker is a circuit breaker as /breakers shows it: the contract's record, and
// what is known besides.
type Breaker struct {
	circuitbreaker.CircuitMetrics

	Excluded      uint64     `json:"excludedCalls"`
	Rejected      uint64     `json:"rejectedCalls"`
	Slow          uint64     `json:"slowCalls"`
	Control       string     `json:"control"`                // auto, open, closed or bypass
	ControlUntil  *time.Time `json:"controlUntil,omitempty"` // none: until auto or reset
	ControlReason string     `json:"controlReason,omitempty"`
	LastError     string     `json:"lastError,omitempty"`
}

// Breakers are the endpoints of the circuit breakers:
//
//	GET  /breakers                 all, by name
//	GET  /breakers/{name}          one
//	POST /breakers/{name}/{verb}   reset, open, close, bypass or auto, with a Control
//
// A name is one segment of the path, escaped. Every change is one event in the log.
func Breakers(service *circuitbreaker.Service, log *slog.Logger) []Endpoint {
	b := breakers{service: service, log: log.With(slog.String("module", "admin"))}
	return []Endpoint{
		{Path: "/breakers", Handler: reading(b.all)},
		{Path: "/breakers/{name}", Handler: reading(b.one)},
		{Path: "/breakers/{name}/{verb}", Handler: writing(b.control)},
	}
}

type breakers struct {
	service *circuitbreaker.Service
	log     *slog.Logger
}

func (b breakers) all(w http.ResponseWriter, _ *http.Request) {
	list := []Breaker{}
	for _, m := range b.service.AllCircuitMetrics() {
		list = append(list, b.view(m))
	}
	show(w, list)
}

func (b breakers) one(w http.ResponseWriter, r *http.Request) {
	b.show(w, r.PathValue("name"))
}

func (b breakers) show(w http.ResponseWriter, name string) {
	for _, m := range b.service.AllCircuitMetrics() {
		if m.CircuitName == name {
			show(w, b.view(m))
			return
		}
	}
	refuse(w, http.StatusNotFound, "there is no breaker %q", name)
}

// view adds to the contract's record what it does not hold.
func (b breakers) view(m circuitbreaker.CircuitMetrics) Breaker {
	view := Breaker{CircuitMetrics: m}
	own, ok := b.service.Metrics(m.CircuitName)
	if !ok { // gone in between
		return view
	}
	view.Excluded, view.Rejected, view.Slow = own.Excluded, own.Rejected, own.SlowCalls
	view.Control, view.ControlReason = own.Control.String(), own.ControlReason
	if !own.ControlUntil.IsZero() {
		view.ControlUntil = &own.ControlUntil
	}
	if own.LastError != nil {
		view.LastError = own.LastError.Error()
	}
	return view
}

// control changes a breaker and says so in the log.
func (b breakers) control(w http.ResponseWriter, r *http.Request, in Control) {
	name, verb := r.PathValue("name"), r.PathValue("verb")
	change, timed := b.verb(verb)
	switch {
	case change == nil:
		refuse(w, http.StatusNotFound, "there is no verb %q: use reset, open, close, bypass or auto", verb)
	case in.For != 0 && !timed:
		refuse(w, http.StatusBadRequest, "for: %s takes no time", verb)
	case len(in.Reason) > maxReason:
		refuse(w, http.StatusBadRequest, "reason: at most %d bytes", maxReason)
	case !change(name, in.Reason, time.Duration(in.For)):
		refuse(w, http.StatusNotFound, "there is no breaker %q", name)
	default:
		b.log.InfoContext(r.Context(), "breaker changed by an operator",
			slog.String("breaker", name), slog.String("verb", verb), slog.String("who", r.RemoteAddr),
			slog.String("for", in.For.String()), slog.String("reason", in.Reason))
		b.show(w, name)
	}
}

// verb is what a verb does, and whether it takes a time; nil for an unknown one.
func (b breakers) verb(verb string) (change func(name, reason string, d time.Duration) bool, timed bool) {
	s := b.service
	switch verb {
	case "open":
		return s.ForceOpen, true
	case "close":
		return s.ForceClose, true
	case "bypass":
		return s.Bypass, true
	case "auto":
		return func(name, reason string, _ time.Duration) bool { return s.Auto(name, reason) }, false
	case "reset":
		return func(name, _ string, _ time.Duration) bool { return s.Reset(name) }, false
	default:
		return nil, false
	}
}
