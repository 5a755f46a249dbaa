package health

import "time"

// The values of Report.Status, as in NestJS terminus.
const (
	StatusOK           = "ok"
	StatusError        = "error"
	StatusShuttingDown = "shutting_down"
)

// The values of Result.Status.
const (
	Up   = "up"
	Down = "down"
)

// Report is the body of a health response, in the form of NestJS terminus.
type Report struct {
	Status   string            `json:"status"`             // StatusOK, StatusError or StatusShuttingDown
	Degraded bool              `json:"degraded,omitempty"` // an optional check is down, or a check is degraded
	State    string            `json:"state"`              // of the process: "ready", "grace", …
	Info     map[string]Result `json:"info"`               // the checks that are up
	Error    map[string]Result `json:"error"`              // the checks that are down
	Details  map[string]Result `json:"details"`            // all of them

	Timestamp     time.Time `json:"timestamp"`
	UptimeSeconds float64   `json:"uptime_seconds"` // since NewService
}

// Result is what is known of a check: by the thresholds, up or down, and what
// its last run found.
type Result struct {
	Status     string    `json:"status"`                // Up or Down
	Degraded   bool      `json:"degraded,omitempty"`    // up, but failing
	Failures   int       `json:"failures,omitempty"`    // failed runs in a row
	Message    string    `json:"message,omitempty"`     // why the last run failed, credentials removed
	Optional   bool      `json:"optional,omitempty"`    // it does not decide readiness
	DurationMS float64   `json:"duration_ms,omitempty"` // of the last run
	CheckedAt  time.Time `json:"checked_at,omitzero"`   // the end of the last run
}

// OK reports whether the response is 200; otherwise it is 503.
func (r Report) OK() bool { return r.Status == StatusOK }

// Public returns the report without anything that tells how the process is
// built: of each check its name, whether it is up, and "timeout" if it is down
// since it did not answer.
func (r Report) Public() Report {
	r.Degraded = false
	r.Info, r.Error, r.Details = public(r.Info), public(r.Error), public(r.Details)
	return r
}

func public(results map[string]Result) map[string]Result {
	bare := make(map[string]Result, len(results))
	for name, r := range results {
		b := Result{Status: r.Status}
		if r.Status == Down && r.Message == errTimeout.Error() {
			b.Message = r.Message
		}
		bare[name] = b
	}
	return bare
}

// enter adds the result of a check to a report.
func enter(r *Report, name string, res Result) {
	if !res.CheckedAt.IsZero() {
		res.CheckedAt = res.CheckedAt.UTC()
	}
	r.Details[name] = res
	r.Degraded = r.Degraded || res.Degraded || res.Status == Down && res.Optional
	if res.Status == Up {
		r.Info[name] = res
		return
	}
	r.Error[name] = res
	if !res.Optional && r.Status == StatusOK {
		r.Status = StatusError
	}
}
