package admin

import (
	"encoding/json"
	"net/http"
)

// Route is one route of the application, as /routes shows it.
type Route struct {
	Name       string   `json:"name"`
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Module     string   `json:"module"`
	Source     string   `json:"source"` // file:line
	Tags       []string `json:"tags,omitempty"`
	In         string   `json:"in,omitempty"`
	Out        string   `json:"out,omitempty"`
	Guards     int      `json:"guards"`
	Resilience []string `json:"resilience"` // "breaker", "timeout 5s"; what is off is left out
}

// Routes is the endpoint /routes, a JSON array in the order given.
func Routes(routes []Route) Endpoint {
	if routes == nil {
		routes = []Route{}
	}
	body, err := json.MarshalIndent(routes, "", "  ")
	body = append(body, '\n')
	return Endpoint{Path: "/routes", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET is possible here", http.StatusMethodNotAllowed)
			return
		}
		if err != nil { // strings and numbers always encode
			http.Error(w, "the routes cannot be shown", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // nobody is left to tell
	})}
}
