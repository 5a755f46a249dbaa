package admin

import (
	"net/http"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Route is one route of the application, as /routes shows it.
type Route struct {
	Name       string               `json:"name"`
	Method     string               `json:"method"`
	Path       string               `json:"path"`
	Module     string               `json:"module"`
	Source     string               `json:"source"` // file:line
	Tags       []string             `json:"tags,omitempty"`
	In         string               `json:"in,omitempty"`
	Out        string               `json:"out,omitempty"`
	Guards     int                  `json:"guards"`
	Resilience []string             `json:"resilience"`         // "breaker", "timeout 5s"; what is off is left out
	Settings   []resilience.Setting `json:"settings,omitempty"` // each with its value and where that was set
}

// Routes is the endpoint GET /routes: a JSON array of what list gives, in its
// order. It is asked each time, since settings change while the process runs.
func Routes(list func() []Route) Endpoint {
	return Endpoint{Path: "/routes", Handler: reading(func(w http.ResponseWriter, _ *http.Request) {
		show(w, all(list()))
	})}
}
