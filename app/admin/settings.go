package admin

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Change is what is sent to change a setting of a route.
type Change struct {
	// Setting is its name as in variables, in any case: "timeout", "MAX_CONCURRENT".
	Setting string `json:"setting"`
	// Value is written as in a variable: "2s", "off", "10".
	Value string `json:"value"`
	// Unset takes an earlier change back: what the environment or the code says
	// holds again. Value is empty then.
	Unset bool `json:"unset"`
	// Reason goes to the log: at most 256 bytes.
	Reason string `json:"reason"`
}

// Settings is the endpoint POST /routes/{name}/settings, which takes a Change and
// gives all settings of the route. The name may be that of a group as well, for
// all its routes; then it gives none. It holds until the process ends or Unset, for
// calls that begin from now on. A value that the policy cannot have is refused
// and changes nothing. Every change is one event in the log.
func Settings(runner *resilience.Runner, log *slog.Logger) Endpoint {
	s := settings{runner: runner, log: log.With(slog.String("module", "admin"))}
	return Endpoint{Path: "/routes/{name}/settings", Handler: writing(s.change)}
}

type settings struct {
	runner *resilience.Runner
	log    *slog.Logger
}

func (s settings) change(w http.ResponseWriter, r *http.Request, in Change) {
	name := r.PathValue("name")
	if err := s.apply(name, in); err != nil { //nolint:contextcheck // what is set outlives the request
		status := http.StatusBadRequest
		if errors.Is(err, resilience.ErrUnknownRoute) {
			status = http.StatusNotFound
		}
		refuse(w, status, "%v", err)
		return
	}
	s.log.InfoContext(r.Context(), "setting changed by an operator",
		slog.String("route", name), slog.String("setting", in.Setting), slog.String("value", in.Value),
		slog.Bool("unset", in.Unset), slog.String("who", r.RemoteAddr), slog.String("reason", in.Reason))
	now, _ := s.runner.Settings(name)
	show(w, all(now))
}

func (s settings) apply(name string, in Change) error {
	switch {
	case in.Setting == "":
		return errors.New("setting: which one?")
	case in.Unset && in.Value != "":
		return errors.New("value: leave it out, or unset")
	case len(in.Reason) > maxReason:
		return fmt.Errorf("reason: at most %d bytes", maxReason)
	case in.Unset:
		return s.runner.Unset(name, in.Setting, in.Reason) //nolint:wrapcheck // it says everything
	default:
		return s.runner.Set(name, in.Setting, in.Value, in.Reason) //nolint:wrapcheck // it says everything
	}
}
