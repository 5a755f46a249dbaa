package fault_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	kind := func(more fault.Rule) fault.Rule {
		more.Kind = fault.Latency
		if more.Duration == 0 {
			more.Duration = fault.Duration(time.Second)
		}
		return more
	}
	token := func(path string) fault.Rule { return fault.Rule{Kind: fault.ExpiredToken, Path: path} }
	page := func(more fault.Rule) fault.Rule {
		more.Kind = fault.HTMLPage
		return more
	}
	whole := fault.Rule{
		Entity: "tickets", Method: "patch", Path: "/V1.0", After: 1, Times: 2, Chance: 1,
		Duration: fault.Duration(10 * time.Minute),
	}
	const (
		noKind = " is none of latency, reset_before, reset_after, half_body, slow_body, html, empty_500, " +
			"lock_contention, expired_token, execution_timeout, unauthorized"
		noEntity = " is not the name of an entity as in its path, like Tickets or TicketNotes"
		noMethod = " is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
	)
	tests := map[string]struct {
		rule fault.Rule
		want string // behind "rule 1: "
	}{
		"every field":    {kind(whole), ""},
		"page":           {page(fault.Rule{Status: 504}), ""},
		"threshold":      {kind(fault.Rule{Entity: "thresholdinformation"}), ""},
		"child":          {kind(fault.Rule{Entity: "TicketNotes"}), ""},
		"no kind":        {fault.Rule{}, `kind: ""` + noKind},
		"unknown kind":   {fault.Rule{Kind: "Latency"}, `kind: "Latency"` + noKind},
		"singular":       {kind(fault.Rule{Entity: "Ticket"}), `entity: "Ticket"` + noEntity},
		"free path":      {kind(fault.Rule{Entity: "zoneInformation"}), `entity: "zoneInformation"` + noEntity},
		"method":         {kind(fault.Rule{Method: "GETT"}), `method: "GETT"` + noMethod},
		"long path":      {kind(fault.Rule{Path: strings.Repeat("x", 2049)}), "path: 2049 bytes are more than 2048"},
		"after":          {kind(fault.Rule{After: -1}), "after: -1 is negative"},
		"times":          {kind(fault.Rule{Times: -1}), "times: -1 is negative"},
		"chance above":   {kind(fault.Rule{Chance: 1.01}), "chance: 1.01 is not between 0 and 1"},
		"chance below":   {kind(fault.Rule{Chance: -0.5}), "chance: -0.5 is not between 0 and 1"},
		"chance nan":     {kind(fault.Rule{Chance: math.NaN()}), "chance: NaN is not between 0 and 1"},
		"duration long":  {kind(fault.Rule{Duration: 2 * whole.Duration}), "duration: 20m0s is not between 0 and 10m0s"},
		"duration short": {kind(fault.Rule{Duration: -1}), "duration: -1ns is not between 0 and 10m0s"},
		"needs duration": {fault.Rule{Kind: fault.Latency}, `duration: latency needs one, for example "2s"`},
		"slow duration":  {fault.Rule{Kind: fault.SlowBody}, `duration: slow_body needs one, for example "2s"`},
		"token, end":     {token("/Tickets$"), "path: expired_token meets paths that end in /query/next alone"},
		"token, no end":  {token("/Tickets"), ""},
		"token, its end": {token("/Query/Next$"), ""},
		"token, longer":  {token("/Tickets/Query/Next$"), ""},
		"token, shorter": {token("next$"), ""},
		"no duration":    {page(fault.Rule{Duration: 1}), "duration: only latency and slow_body have one"},
		"status":         {page(fault.Rule{Status: 500}), "status: 500 is none of 502, 503, 504"},
		"no status":      {kind(fault.Rule{Status: 503}), "status: only html has one"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := fault.Plan{Rules: []fault.Rule{tc.rule}}.Validate()
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, "rule 1: "+tc.want)
		})
	}
}

func TestValidateNamesAllAtOnce(t *testing.T) {
	t.Parallel()
	err := fault.Plan{Rules: []fault.Rule{
		{Kind: fault.ResetBefore}, {Kind: "rain", After: -1}, {Kind: fault.HTMLPage, Times: -2},
	}}.Validate()
	require.ErrorContains(t, err, `rule 2: kind: "rain" is none of`)
	require.ErrorContains(t, err, "rule 2: after: -1 is negative")
	require.ErrorContains(t, err, "rule 3: times: -2 is negative")
	require.NotContains(t, err.Error(), "rule 1")
	require.NoError(t, fault.Plan{}.Validate())
}

func TestValidateBoundsTheRules(t *testing.T) {
	t.Parallel()
	p := fault.Plan{Rules: make([]fault.Rule, 100)}
	for i := range p.Rules {
		p.Rules[i].Kind = fault.ResetBefore
	}
	require.NoError(t, p.Validate())
	p.Rules = append(p.Rules, fault.Rule{Kind: fault.ResetBefore})
	require.EqualError(t, p.Validate(), "rules: 101 are more than 100")
}

func TestParse(t *testing.T) {
	t.Parallel()
	p, err := fault.Parse([]byte(`{"seed":18446744073709551615,"rules":[
		{"kind":"slow_body","entity":"Tickets","method":"GET","path":"/query","after":1,"times":2,"chance":0.25,
		 "duration":"1m30s"},
		{"kind":"html","status":502}
	]}`))
	require.NoError(t, err)
	require.Equal(t, fault.Plan{Seed: math.MaxUint64, Rules: []fault.Rule{
		{
			Kind: fault.SlowBody, Entity: "Tickets", Method: "GET", Path: "/query", After: 1, Times: 2, Chance: 0.25,
			Duration: fault.Duration(90 * time.Second),
		},
		{Kind: fault.HTMLPage, Status: 502},
	}}, p)
	p, err = fault.Parse([]byte(`{"rules":[{"kind":"html","chance":null}]}`))
	require.NoError(t, err)
	require.Zero(t, p.Rules[0].Chance, "left out")
	for _, none := range []string{`{}`, `{"rules":[]}`, `{"rules":null}`} {
		p, err := fault.Parse([]byte(none))
		require.NoError(t, err, none)
		require.Empty(t, p.Rules)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const members = "after, chance, duration, entity, kind, method, path, status, times"
	rule := func(text string) string { return `{"rules":[` + text + `]}` }
	tests := map[string]struct{ text, want string }{
		"nothing":         {" ", "nothing is not a JSON object"},
		"null":            {"null", "null is not a JSON object"},
		"broken":          {`{"rules":[`, "not a JSON object: unexpected end of JSON input"},
		"trailing":        {`{} {}`, "not a JSON object: invalid character '{' after top-level value"},
		"member":          {`{"rule":[]}`, `unknown member "rule"; known are rules, seed`},
		"other case":      {`{"Rules":[]}`, `unknown member "Rules"; known are rules, seed`},
		"member of rule":  {rule(`{"kind":"html"},{"kin":0}`), `rule 2: unknown member "kin"; known are ` + members},
		"null rule":       {rule("null"), "rule 1: null is not a JSON object"},
		"type":            {rule(`{"kind":"html","after":"1"}`), "rule 1: after: string does not fit here"},
		"fraction":        {rule(`{"kind":"html","after":1.5}`), "rule 1: after: number 1.5 does not fit here"},
		"seed":            {`{"seed":-1}`, "seed: number -1 does not fit here"},
		"rules":           {`{"rules":{}}`, "rules: object does not fit here"},
		"duration number": {rule(`{"kind":"latency","duration":250}`), "rule 1: duration: number does not fit here"},
		"duration text": {
			rule(`{"kind":"latency","duration":"250"}`),
			`rule 1: duration: "250" is not a duration like "250ms", "1.5s" or "2m"`,
		},
		"array":               {`[]`, "array is not a JSON object"},
		"no chance":           {rule(`{"kind":"html","chance":0}`), "rule 1: chance: 0 is no request at all; leave it out for every one, or leave out the rule"},
		"no chance, exponent": {rule(`{"kind":"html","chance":-0e1}`), "rule 1: chance: 0 is no request at all; leave it out for every one, or leave out the rule"},
		"invalid":             {rule(`{"kind":"html","times":-1}`), "rule 1: times: -1 is negative"},
		"many":                {rule(strings.Repeat("0,", 100) + "0"), "rules: 101 are more than 100"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := fault.Parse([]byte(tc.text))
			require.EqualError(t, err, tc.want)
			require.Equal(t, fault.Plan{}, p)
		})
	}
}

// The script in the package's documentation is a plan.
func TestTheWorkedScript(t *testing.T) {
	t.Parallel()
	_, err := fault.Parse([]byte(`{
	  "seed": 7,
	  "rules": [
	    {"kind": "reset_after", "entity": "Tickets", "method": "POST", "path": "/Tickets$", "after": 1, "times": 1},
	    {"kind": "html", "entity": "Tickets", "path": "/query", "times": 1, "status": 503},
	    {"kind": "latency", "entity": "Companies", "method": "GET", "chance": 0.1, "duration": "1s"}
	  ]
	}`))
	require.NoError(t, err)
}

// FuzzParse wants of any text an error or a valid plan that JSON writes and reads again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"seed":7,"rules":[{"kind":"latency","entity":"Tickets","chance":0.5,"duration":"250ms"}]}`))
	f.Add([]byte(`{"rules":[{"kind":"html","status":504}]}`))
	f.Add([]byte(`{"rules":[{"kind":"rain","after":-1,"times":1e3,"path":"\ud800"}]}`))
	f.Add([]byte(`{"rules":[null,{},[]],"seed":1.5}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := fault.Parse(data)
		if err != nil {
			require.NotEmpty(t, err.Error())
			require.Equal(t, fault.Plan{}, p)
			return
		}
		require.NoError(t, p.Validate())
		text, err := json.Marshal(p)
		require.NoError(t, err)
		again, err := fault.Parse(text)
		require.NoError(t, err, "%s", text)
		require.Equal(t, p, again)
	})
}
