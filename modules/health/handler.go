package health

import (
	"context"
	"encoding/json"
	"net/http"
)

// endpoint is one question and the paths it is asked under: those of
// Kubernetes and those of NestJS applications.
type endpoint struct {
	kind  string
	paths []string
	ask   func(context.Context, *Service) Report
}

func endpoints() []endpoint {
	return []endpoint{
		{"liveness", []string{"/livez", "/health/live"}, func(_ context.Context, s *Service) Report { return s.Live() }},
		{"readiness", []string{"/readyz", "/health/ready"}, func(ctx context.Context, s *Service) Report { return s.Ready(ctx) }},
		{"startup", []string{"/startupz", "/health/startup"}, func(_ context.Context, s *Service) Report { return s.Started() }},
		{"detailed", []string{"/health", "/health/status"}, func(ctx context.Context, s *Service) Report { return s.Full(ctx) }},
	}
}

// Paths returns the paths that Handler and DetailedHandler answer, for whoever
// mounts them.
func Paths() []string {
	var paths []string
	for _, e := range endpoints() {
		paths = append(paths, e.paths...)
	}
	return paths
}

// Handler answers GET and HEAD on Paths with 200 or 503 and the public form of
// the report: which check is up, and nothing about why. It is fit for a port
// that anybody can reach.
func (s *Service) Handler() http.Handler { return s.handler(Report.Public) }

// DetailedHandler answers like Handler with the whole report, error texts
// included, credentials removed. It belongs on the admin listener.
func (s *Service) DetailedHandler() http.Handler {
	return s.handler(func(r Report) Report { return r })
}

func (s *Service) handler(form func(Report) Report) http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		serve := func(w http.ResponseWriter, r *http.Request) {
			write(w, e.kind, form(e.ask(r.Context(), s)))
		}
		for _, path := range e.paths {
			mux.HandleFunc("GET "+path, serve) // and HEAD, by the rules of ServeMux
		}
	}
	return mux
}

// write sends a report. The server drops the body of a HEAD response.
func write(w http.ResponseWriter, kind string, report Report) {
	body, err := json.Marshal(report)
	if err != nil {
		http.Error(w, "health report cannot be written", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Health-Check-Type", kind)
	status := http.StatusOK
	if !report.OK() {
		status = http.StatusServiceUnavailable
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a probe that hung up needs no answer
}
