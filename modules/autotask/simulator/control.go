package simulator

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const controlPrefix = "/__sim/"

// Help is the manual of the running simulator in plain text, also served at /__sim/.
//
//go:embed help.txt
var Help string

// newControl returns the control calls. They need no credentials and are counted nowhere.
func newControl(s *Simulator) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /__sim/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, Help)
	})
	mux.HandleFunc("GET /__sim/stats", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Stats()) })
	mux.HandleFunc("GET /__sim/requests", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Requests()) })
	mux.HandleFunc("GET /__sim/state", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.state()) })
	mux.HandleFunc("POST /__sim/reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		reply(w, s.state())
	})
	handle(mux, s, "clock", s.moveClock)
	handle(mux, s, "outage", s.orderOutage)
	handle(mux, s, "latency", s.orderLatency)
	handle(mux, s, "threshold/external", s.orderExternal)
	return mux
}

// state is what can be set by control calls, and each of them answers it.
type state struct {
	Now     time.Time `json:"now"`
	Outage  Outage    `json:"outage"`
	Latency string    `json:"latency"`
	Rolling int       `json:"rolling"`
}

func (s *Simulator) state() state {
	outage, latency, _ := s.weather.now()
	return state{Now: s.Now(), Outage: outage, Latency: latency.String(), Rolling: s.gate.rolling(s.Now())}
}

type clockOrder struct {
	Advance string `json:"advance"`
}

func (s *Simulator) moveClock(o clockOrder) error {
	d, err := time.ParseDuration(o.Advance)
	if err != nil || d <= 0 {
		return fmt.Errorf(`"advance": %q is not a duration above 0; for example {"advance": "61m"}`, o.Advance)
	}
	s.Advance(d)
	return nil
}

type outageOrder struct {
	Mode Outage `json:"mode"`
}

func (s *Simulator) orderOutage(o outageOrder) error {
	if !o.Mode.Valid() {
		return fmt.Errorf(`"mode": %q is not one of reset, unavailable, hang, off; for example {"mode": "reset"}`, o.Mode)
	}
	s.SetOutage(o.Mode)
	return nil
}

type latencyOrder struct {
	Latency string `json:"latency"`
}

func (s *Simulator) orderLatency(o latencyOrder) error {
	d, err := time.ParseDuration(o.Latency)
	if err != nil || d < 0 {
		return fmt.Errorf(`"latency": %q is not a duration; for example {"latency": "250ms"}`, o.Latency)
	}
	s.Latency(d)
	return nil
}

type externalOrder struct {
	Requests int `json:"requests"`
}

func (s *Simulator) orderExternal(o externalOrder) error {
	if o.Requests < 1 || o.Requests > maxExternal {
		return fmt.Errorf(`"requests": %d is not from 1 to %d; for example {"requests": 9000}`, o.Requests, maxExternal)
	}
	s.AddExternal(o.Requests)
	return nil
}

// handle serves one order: a POST with a JSON object of known members, answered by the state or by 400 and a sentence.
func handle[T any](mux *http.ServeMux, s *Simulator, name string, run func(T) error) {
	mux.HandleFunc("POST "+controlPrefix+name, func(w http.ResponseWriter, r *http.Request) {
		var order T
		err := readOrder(http.MaxBytesReader(w, r.Body, 64<<10), &order)
		if err == nil {
			err = run(order)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(w, s.state())
	})
}

func readOrder(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body is not the JSON object that is expected: %w; GET %s tells each", err, controlPrefix)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body holds more than one JSON value")
	}
	return nil
}

func reply(w http.ResponseWriter, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentJSON)
	_, _ = w.Write(append(body, '\n'))
}
