package simulator

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
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
// nothing. Requests that hang are released by any change, and by [Simulator.Stop].
func (s *Simulator) SetOutage(o Outage) {
	if o.Valid() {
		s.weather.setOutage(o)
	}
}

// Latency makes every authenticated request take d longer, at most a day, its thread taken meanwhile; 0 is none. A
// request whose context ends meanwhile ends with it.
func (s *Simulator) Latency(d time.Duration) { s.weather.setLatency(min(max(d, 0), maxLatency)) }

const maxLatency = 24 * time.Hour

// weather is what can be wrong with the network.
type weather struct {
	room *pause.Room

	mu      sync.Mutex
	outage  Outage
	latency time.Duration
	changed chan struct{} // closed when the outage changes
}

func newWeather(room *pause.Room) *weather {
	return &weather{room: room, outage: OutageOff, changed: make(chan struct{})}
}

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
func (w *weather) dark(ctx context.Context) (wire.Answer, bool) {
	switch outage, _, changed := w.now(); outage {
	case OutageReset:
		return wire.Reset().Because(wire.Dark), true
	case OutageUnavailable:
		return wire.Page(http.StatusServiceUnavailable).Because(wire.Dark), true
	case OutageHang:
		w.room.Until(ctx, changed)
		return wire.Reset().Because(wire.Dark), true
	case OutageOff:
		return wire.Answer{}, false
	default:
		return wire.Answer{}, false
	}
}

// wait takes the latency and longer; false is a request that ended first.
func (w *weather) wait(ctx context.Context, longer time.Duration) bool {
	_, latency, _ := w.now()
	if latency += longer; latency <= 0 {
		return true
	}
	return w.room.Wait(ctx, latency, nil)
}
