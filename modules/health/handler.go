package health

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/shutdown"
)

// answerFor is how long the bytes of an answer are sent again while nothing has
// changed but the time of day.
const answerFor = 100 * time.Millisecond

// question is what can be asked, and the paths it is asked under: those of
// Kubernetes and those of NestJS applications.
type question struct {
	kind   string
	paths  []string
	ask    func(*Service, context.Context) // nil asks no check
	report func(*Service, shutdown.State) Report
}

func questions() []question {
	return []question{
		{"liveness", []string{"/livez", "/health/live"}, nil, (*Service).live},
		{"readiness", []string{"/readyz", "/health/ready"}, (*Service).askReady, (*Service).readiness},
		{"startup", []string{"/startupz", "/health/startup"}, nil, (*Service).startup},
		{"detailed", []string{"/health", "/health/status"}, (*Service).askAll, (*Service).full},
	}
}

// Paths returns the paths that Handler and DetailedHandler answer, for whoever
// mounts them.
func Paths() []string {
	var paths []string
	for _, q := range questions() {
		paths = append(paths, q.paths...)
	}
	return paths
}

// Handler answers GET and HEAD on Paths with 200 or 503 and the public form of
// the report: which check is up, and nothing about why. It is fit for a port
// that anybody can reach. Other methods get 405, other paths 404.
func (s *Service) Handler() http.Handler { return s.handler(Report.Public) }

// DetailedHandler answers like Handler with the whole report, error texts
// included, credentials and data source names of the usual forms removed. It
// belongs on the admin listener.
func (s *Service) DetailedHandler() http.Handler {
	return s.handler(func(r Report) Report { return r })
}

func (s *Service) handler(form func(Report) Report) http.Handler {
	endpoints := make(map[string]*endpoint)
	for _, q := range questions() {
		e := &endpoint{question: q, service: s, form: form}
		for _, path := range q.paths {
			endpoints[path] = e
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, ok := endpoints[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			notAllowed(w)
		default:
			e.serve(w, r)
		}
	})
}

func notAllowed(w http.ResponseWriter) {
	w.Header().Set("Allow", "GET, HEAD")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusMethodNotAllowed)
	_, _ = w.Write([]byte(`{"type":"about:blank","title":"Method Not Allowed","status":405}` + "\n"))
}

// endpoint answers one question in one form.
type endpoint struct {
	question

	service *Service
	form    func(Report) Report
	last    atomic.Pointer[page]
}

// page is an answer in bytes, and what it holds for.
type page struct {
	state   shutdown.State
	results uint64
	made    time.Time

	status int
	header http.Header
	body   []byte
}

func (e *endpoint) serve(w http.ResponseWriter, r *http.Request) {
	if e.ask != nil {
		e.ask(e.service, r.Context())
	}
	p := e.page()
	maps.Copy(w.Header(), p.header)
	w.WriteHeader(p.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.body) // a probe that hung up needs no answer
	}
}

// page returns the answer of now. The state of the process is looked at last:
// whatever took its time before, no answer says ready when that is over.
func (e *endpoint) page() *page {
	s := e.service
	for {
		state, results := s.stop.State(), s.results.Load()
		p := e.last.Load()
		if p != nil && p.holds(state, results) {
			return p
		}
		p = e.render(state)
		p.state, p.results, p.made = state, results, time.Now()
		e.last.Store(p)
		if s.stop.State() == state {
			return p
		}
	}
}

func (p *page) holds(state shutdown.State, results uint64) bool {
	return p.state == state && p.results == results && time.Since(p.made) < answerFor
}

func (e *endpoint) render(state shutdown.State) *page {
	report := e.report(e.service, state)
	status := http.StatusServiceUnavailable
	if report.OK() {
		status = http.StatusOK
	}
	body, err := json.Marshal(e.form(report))
	if err != nil { // which it cannot be
		status, body = http.StatusInternalServerError, []byte(`{"status":"error"}`)
	}
	body = append(body, '\n')
	return &page{status: status, body: body, header: http.Header{
		"Content-Type":           {"application/json; charset=utf-8"},
		"Content-Length":         {strconv.Itoa(len(body))},
		"Cache-Control":          {"no-cache, no-store, must-revalidate"},
		"X-Content-Type-Options": {"nosniff"},
		"X-Health-Check-Type":    {e.kind},
	}}
}
