package simulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/object"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

const controlPrefix = "/__sim/"

// maxOrder is the most that the body of an order may have: a plan of faults is the longest.
const maxOrder = 1 << 20 // bytes

// Help is the manual of the running simulator in plain text, also served at /__sim/.
//
//go:embed help.txt
var Help string

// isControl reports whether a path is one of the control calls, not of the API.
func isControl(path string) bool {
	return strings.HasPrefix(path, controlPrefix) || path == strings.TrimSuffix(controlPrefix, "/")
}

// newControl returns the control calls. They need no credentials and are counted nowhere.
func newControl(s *Simulator) http.Handler {
	mux := newCalls()
	tell(mux, "state", s.state)
	tell(mux, "stats", s.Stats)
	tell(mux, "requests", s.Requests)
	tell(mux, "violations", s.Violations)
	tell(mux, "deliveries", func() []Delivery { return append([]Delivery{}, s.Deliveries()...) })
	tell(mux, "notices", func() []Notice { return append([]Notice{}, s.Notices()...) })
	tell(mux, "faults", s.faultState)
	handle(mux, s, "reset", s.orderReset)
	handle(mux, s, "snapshot", s.orderSnapshot)
	handle(mux, s, "restore", s.orderRestore)
	handle(mux, s, "clock", s.orderClock)
	handle(mux, s, "outage", s.orderOutage)
	handle(mux, s, "latency", s.orderLatency)
	handle(mux, s, "threshold/external", s.orderExternal)
	handle(mux, s, "threshold/foreign", s.orderForeign)
	handleBody(mux, s, "faults", s.orderFaults)
	handle(mux, s, "zone", s.orderZone)
	handle(mux, s, "rights", s.orderRights)
	handle(mux, s, "webhooks", s.orderWebhooks)
	mux.add(http.MethodPost, "webhooks/wait", s.orderWait)
	return mux.ServeMux
}

// calls are the control calls by their paths.
type calls struct {
	*http.ServeMux

	methods map[string][]string // of each path
}

// newCalls returns the manual, and a sentence about it for whatever is no call.
func newCalls() *calls {
	c := &calls{http.NewServeMux(), map[string][]string{}}
	for _, path := range []string{strings.TrimSuffix(controlPrefix, "/"), controlPrefix} {
		c.methods[path] = []string{http.MethodGet}
		c.HandleFunc(path, c.refuse)
	}
	manual := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, Help)
	}
	c.HandleFunc("GET /__sim", manual)
	c.HandleFunc("GET /__sim/{$}", manual)
	return c
}

func (c *calls) add(method, name string, serve http.HandlerFunc) {
	c.methods[controlPrefix+name] = append(c.methods[controlPrefix+name], method)
	c.HandleFunc(method+" "+controlPrefix+name, serve)
}

// refuse answers what is no control call, or not by this method.
func (c *calls) refuse(w http.ResponseWriter, r *http.Request) {
	methods := strings.Join(c.methods[r.URL.Path], ", ")
	if methods == "" {
		text := fmt.Sprintf("there is no control call %q; GET %s lists them all", wire.Clip(r.URL.Path, keptText), controlPrefix)
		http.Error(w, text, http.StatusNotFound)
		return
	}
	w.Header().Set("Allow", methods)
	text := fmt.Sprintf("%s takes %s; GET %s has an example of each call", r.URL.Path, methods, controlPrefix)
	http.Error(w, text, http.StatusMethodNotAllowed)
}

// state is what can be set by control calls, and each of them answers it.
type state struct {
	Now            time.Time   `json:"now"`
	Outage         Outage      `json:"outage"`
	Latency        string      `json:"latency"`
	Rolling        int         `json:"rolling"`
	ForeignPerHour int         `json:"foreignPerHour"`
	Zone           int         `json:"zone"`
	Zones          []int       `json:"zones"`
	Faults         fault.Plan  `json:"faults"`
	Webhooks       Disturbance `json:"webhooks"`
	Snapshots      []string    `json:"snapshots"`
}

func (s *Simulator) state() state {
	outage, latency, _ := s.weather.now()
	plan, _ := s.injector.Plan()
	st := state{
		Now: s.Now(), Outage: outage, Latency: latency.String(), Rolling: s.rolling(),
		Zone: s.zones.current(), Zones: s.zones.list, Faults: plan,
	}
	s.orders.set(func(o *ordered) {
		st.ForeignPerHour, st.Webhooks = o.foreign, o.disturbance
		st.Snapshots = slices.AppendSeq([]string{}, maps.Keys(o.snapshots))
	})
	slices.Sort(st.Snapshots)
	return st
}

// faultState is the plan, how many requests fitted each of its rules, and how many of them it has hit.
type faultState struct {
	fault.Plan

	Met []int `json:"met"`
	Hit []int `json:"hit"`
}

func (s *Simulator) faultState() faultState {
	p, met := s.injector.Plan()
	return faultState{p, met, s.injector.Hits()}
}

// tell serves what is to be seen.
func tell[T any](mux *calls, name string, see func() T) {
	mux.add(http.MethodGet, name, func(w http.ResponseWriter, _ *http.Request) { reply(w, see()) })
}

// handle serves one order: a POST with a JSON object of known members, answered by the state or by 400 and a
// sentence.
func handle[T any](mux *calls, s *Simulator, name string, run func(T) error) {
	handleBody(mux, s, name, func(body []byte) error {
		order, err := unmarshal[T](body)
		if err != nil {
			return err
		}
		return run(order)
	})
}

func handleBody(mux *calls, s *Simulator, name string, run func(body []byte) error) {
	mux.add(http.MethodPost, name, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOrder))
		if err == nil {
			err = run(body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(w, s.state())
	})
}

// unmarshal reads one JSON object of known members. What has no members may also be nothing.
func unmarshal[T any](body []byte) (v T, err error) {
	if _, none := any(v).(struct{}); none && len(bytes.TrimSpace(body)) == 0 {
		return v, nil
	}
	if err := object.Read(body, &v); err != nil {
		return v, fmt.Errorf("%w; GET %s has an example of each call", err, controlPrefix)
	}
	return v, nil
}

func reply(w http.ResponseWriter, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(append(body, '\n'))
}
