package admin

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/shed"
)

// Limited is what /limits shows.
type Limited struct {
	Bulkheads  []resilience.LimitMetrics `json:"bulkheads"`
	RateLimits []RateLimit               `json:"rateLimits"`
	Shedding   Shedding                  `json:"shedding"`
}

// Shedding is load shedding as /limits shows it.
type Shedding struct {
	Enabled    bool                         `json:"enabled"`
	InFlight   int                          `json:"inFlight"`
	CPU        float64                      `json:"cpu"`        // share of the processors
	Delay      float64                      `json:"delay"`      // of goroutines, in milliseconds
	CPULevel   float64                      `json:"cpuLevel"`   // 0 to 3: how many priorities are refused
	DelayLevel float64                      `json:"delayLevel"` // the same
	Refused    map[string]map[string]uint64 `json:"refused"`    // by reason, by priority
}

// RateLimit is a limiter as /limits shows it.
type RateLimit struct {
	Name    string `json:"name"`
	Limit   string `json:"limit"` // "100/1m"
	Keys    uint64 `json:"keys"`  // known
	Allowed uint64 `json:"allowed"`
	Limited uint64 `json:"limited"`
}

// Limits is the endpoint of everything that bounds calls: GET /limits.
func Limits(runner *resilience.Runner, shedder *shed.Shedder, limiters []*ratelimit.Limiter) Endpoint {
	return Endpoint{Path: "/limits", Handler: reading(func(w http.ResponseWriter, _ *http.Request) {
		view := Limited{Bulkheads: all(runner.Limits()), RateLimits: []RateLimit{}, Shedding: shedding(shedder)}
		for _, l := range limiters {
			view.RateLimits = append(view.RateLimits, rateLimit(l))
		}
		show(w, view)
	})}
}

func shedding(s *shed.Shedder) Shedding {
	stats := s.Stats()
	view := Shedding{
		Enabled: s.Enabled(), InFlight: stats.InFlight,
		CPU: stats.CPU, CPULevel: stats.CPULevel,
		Delay: float64(stats.Delay) / float64(time.Millisecond), DelayLevel: stats.DelayLevel,
		Refused: map[string]map[string]uint64{},
	}
	for reason, counts := range stats.Refused {
		view.Refused[reason] = map[string]uint64{}
		for priority, n := range counts {
			view.Refused[reason][priority.String()] = n
		}
	}
	return view
}

// rateLimit reads the numbers of a limiter from its metrics.
func rateLimit(l *ratelimit.Limiter) RateLimit {
	view := RateLimit{Name: l.Name(), Limit: l.Limit().String()}
	registry := prometheus.NewRegistry()
	if registry.Register(l) != nil { // a new registry refuses none
		return view
	}
	families, _ := registry.Gather() // what could be had, if not all
	for _, f := range families {
		for _, m := range f.GetMetric() {
			outcome := ""
			for _, label := range m.GetLabel() {
				if label.GetName() == "outcome" {
					outcome = label.GetValue()
				}
			}
			view.add(f.GetName(), outcome, uint64(m.GetGauge().GetValue()+m.GetCounter().GetValue()))
		}
	}
	return view
}

func (r *RateLimit) add(metric, outcome string, n uint64) {
	switch {
	case metric == "ratelimit_keys":
		r.Keys = n
	case outcome == "allowed":
		r.Allowed = n
	case outcome == "limited":
		r.Limited = n
	}
}
