package simulator

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Outage is a way for the API to be gone.
type Outage string

// The outages. All of them also meet the zone lookup, none of them the control calls.
const (
	OutageOff         Outage = "off"         // OutageOff is no outage.
	OutageReset       Outage = "reset"       // OutageReset resets every connection before an answer.
	OutageUnavailable Outage = "unavailable" // OutageUnavailable answers 503 with the HTML page of a proxy.
	OutageHang        Outage = "hang"        // OutageHang answers nothing until it is over, then resets.
)

// Valid reports whether o is one of the four constants.
func (o Outage) Valid() bool {
	return slices.Contains([]Outage{OutageOff, OutageReset, OutageUnavailable, OutageHang}, o)
}

// Outage makes the API dark, every connection reset, or brings it back.
func (s *Simulator) Outage(on bool) {
	if on {
		s.SetOutage(OutageReset)
		return
	}
	s.SetOutage(OutageOff)
}

// SetOutage makes the API dark in the way of o, or brings it back with [OutageOff]. What is no valid Outage changes
// nothing. Requests that hang are released by any change.
func (s *Simulator) SetOutage(o Outage) {
	if o.Valid() {
		s.weather.setOutage(o)
	}
}

// Latency makes every authenticated request take d longer, its thread taken meanwhile; 0 is none. A request whose
// context ends meanwhile ends with it.
func (s *Simulator) Latency(d time.Duration) { s.weather.setLatency(max(d, 0)) }

// weather is what can be wrong with the network.
type weather struct {
	mu      sync.Mutex
	outage  Outage
	latency time.Duration
	changed chan struct{} // closed when the outage changes
}

func newWeather() *weather { return &weather{outage: OutageOff, changed: make(chan struct{})} }

func (w *weather) reset() {
	w.setOutage(OutageOff)
	w.setLatency(0)
}

func (w *weather) setOutage(o Outage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outage = o
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *weather) setLatency(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.latency = d
}

func (w *weather) now() (o Outage, latency time.Duration, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.outage, w.latency, w.changed
}

// dark answers a request in an outage; the second result is false when there is none.
func (w *weather) dark(ctx context.Context) (answer, bool) {
	const page = "<html><head><title>503 Service Unavailable</title></head>" +
		"<body><h1>Service Unavailable</h1><p>The service is temporarily unavailable.</p></body></html>"
	switch outage, _, changed := w.now(); outage {
	case OutageReset:
		return resetAnswer().because(causeDark), true
	case OutageUnavailable:
		return answer{http.StatusServiceUnavailable, "text/html; charset=utf-8", []byte(page), causeDark}, true
	case OutageHang:
		select {
		case <-changed:
		case <-ctx.Done():
		}
		return resetAnswer().because(causeDark), true
	case OutageOff:
		return answer{}, false
	default:
		return answer{}, false
	}
}

// wait takes the latency; false is a request that ended first.
func (w *weather) wait(ctx context.Context) bool {
	_, latency, _ := w.now()
	if latency == 0 {
		return true
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
