package admin

import (
	"net/http"

	"github.com/holdfast-go/holdfast/shutdown"
)

// Shutdown shows where the process stands on its way out: GET /shutdown. It
// answers until the process exits.
func Shutdown(stop *shutdown.Service) Endpoint {
	return Endpoint{Path: "/shutdown", Handler: reading(func(w http.ResponseWriter, _ *http.Request) {
		show(w, stop.Report())
	})}
}
