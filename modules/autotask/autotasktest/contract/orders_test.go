package contract_test

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

// order makes a control call, which answers the state.
func (at *tenant) order(name string, body object) object {
	at.t.Helper()
	return at.post(at.origin+"/__sim/"+name, body, anonymous).is(http.StatusOK).object()
}

// told is what a control call tells.
func (at *tenant) told(name string, into any) {
	at.t.Helper()
	at.get(at.origin+"/__sim/"+name, anonymous).is(http.StatusOK).into(into)
}

// advance moves the clock of the simulation.
func (at *tenant) advance(d time.Duration) {
	at.t.Helper()
	at.order("clock", object{"advance": d.String()})
}

// now is the time inside the simulation.
func (at *tenant) now() time.Time {
	at.t.Helper()
	var state struct {
		Now time.Time `json:"now"`
	}
	at.told("state", &state)
	require.False(at.t, state.Now.IsZero())
	return state.Now
}

// moved puts the tenant into another zone; false is a simulator that has only one.
func (at *tenant) moved() bool {
	at.t.Helper()
	a := at.post(at.origin+"/__sim/zone", object{"zone": 14}, anonymous)
	if a.status == http.StatusBadRequest {
		at.t.Log("left out: a tenant that moves, which needs zones 5 and 14: AUTOTASK_SIMULATOR_ZONES=5,14")
		return false
	}
	a.is(http.StatusOK)
	return true
}

// violation is a misuse of the protocol that the simulator has seen.
type violation struct {
	Rule string `json:"rule"`
}

func (at *tenant) violations() (found []violation) {
	at.t.Helper()
	at.told("violations", &found)
	return found
}

// stats are the simulator's own counts.
type stats struct {
	Requests      int64          `json:"requests"`
	Rolling       int            `json:"rolling"`
	MaxConcurrent map[string]int `json:"maxConcurrent"`
	Threads       int64          `json:"threadViolations"`
	Duplicates    []struct {
		Entity     string `json:"entity"`
		ExternalID string `json:"externalID"`
		Records    int    `json:"records"`
	} `json:"duplicates"`
}

func (at *tenant) stats() (s stats) {
	at.t.Helper()
	at.told("stats", &s)
	return s
}

// faults begins a plan of faults.
func (at *tenant) faults(rules ...object) {
	at.t.Helper()
	if rules == nil {
		rules = []object{}
	}
	at.order("faults", object{"seed": 1, "rules": rules})
}

// until asks again and again until done says yes, for ten seconds.
func (at *tenant) until(what string, done func() bool) {
	at.t.Helper()
	tick, limit := time.NewTicker(2*time.Millisecond), time.NewTimer(10*time.Second)
	defer tick.Stop()
	defer limit.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-limit.C:
			require.Failf(at.t, "waited in vain", "for %s", what)
		}
	}
}

// asJSON is v as text.
func (at *tenant) asJSON(v any) string {
	at.t.Helper()
	encoded, err := json.Marshal(v)
	require.NoError(at.t, err)
	return string(encoded)
}
