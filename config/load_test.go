package config_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := load[shop](t, nil)
	require.NoError(t, err)
	require.Equal(t, shop{
		Name: "corner", Open: true, Attempts: 3, Slots: 7, Factor: 2, Wait: 1500 * time.Millisecond,
		Waits: []config.Millis{config.Millis(500 * time.Millisecond), config.Millis(time.Second)},
		Share: 0.5, Kind: "food", Shelves: []string{"bread", "milk"}, Env: config.Prod,
		Delays: map[string]config.Millis{"a": config.Millis(time.Second)}, Till: till{Limit: 1000},
	}, got)
}

func TestEverySettingIsRead(t *testing.T) {
	t.Parallel()
	got, err := load[shop](t, map[string]string{
		"SHOP_NAME": "a=b", "SHOP_KEY": "k\"\\\x00\xff", "SHOP_KEYS": "one,two", "SHOP_OPEN": "false",
		"SHOP_ATTEMPTS": "10", "SHOP_SLOTS": "255", "SHOP_FACTOR": "1.5", "SHOP_WAIT": "1m",
		"SHOP_WAITS": "1", "SHOP_SHARE": "0.25", "SHOP_KIND": "books", "SHOP_SHELVES": "x",
		"SHOP_PRICES": "bread:2,milk:1", "SHOP_MOODS": "ann:good,bob:bad", "APP_ENV": "dev",
		"SHOP_SINCE": "2024-01-02T03:04:05Z", "SHOP_DELAYS": "b:2", "SHOP_TILL_LIMIT": "-5", "OTHER": "x",
	})
	require.NoError(t, err)
	require.Equal(t, shop{
		Name: "a=b", Key: "k\"\\\x00\xff", Keys: []config.Secret{"one", "two"}, Attempts: 10, Slots: 255,
		Factor: 1.5, Wait: time.Minute, Waits: []config.Millis{config.Millis(time.Millisecond)}, Share: 0.25,
		Kind: "books", Shelves: []string{"x"}, Prices: map[string]int{"bread": 2, "milk": 1},
		Moods: map[string]string{"ann": "good", "bob": "bad"}, Env: config.Dev,
		Since:  time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		Delays: map[string]config.Millis{"b": config.Millis(2 * time.Millisecond)}, Till: till{Limit: -5},
	}, got)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const duration = "a duration such as 1500 (milliseconds), 30s or 5m, from 0s to 1m0s, for example SHOP_WAIT=1500"
	tests := map[string]struct{ name, value, want string }{
		"too small":           {"SHOP_ATTEMPTS", "0", `SHOP_ATTEMPTS="0": must be a whole number, from 1 to 10, for example SHOP_ATTEMPTS=3`},
		"negative":            {"SHOP_ATTEMPTS", "-1", `SHOP_ATTEMPTS="-1": must be a whole number, from 1 to 10, for example SHOP_ATTEMPTS=3`},
		"too large":           {"SHOP_ATTEMPTS", "11", `SHOP_ATTEMPTS="11": must be a whole number, from 1 to 10, for example SHOP_ATTEMPTS=3`},
		"no number":           {"SHOP_ATTEMPTS", "abc", `SHOP_ATTEMPTS="abc": must be a whole number, from 1 to 10, for example SHOP_ATTEMPTS=3`},
		"octal":               {"SHOP_ATTEMPTS", "010", `SHOP_ATTEMPTS="010": begins with 0, which would be read as octal: write it without, for example SHOP_ATTEMPTS=3`},
		"beyond the type":     {"SHOP_SLOTS", "256", `SHOP_SLOTS="256": must be a whole number, for example SHOP_SLOTS=7`},
		"empty":               {"SHOP_ATTEMPTS", "", `SHOP_ATTEMPTS: is set but empty: give it a whole number, from 1 to 10, or remove it, for example SHOP_ATTEMPTS=3`},
		"empty text":          {"SHOP_NAME", "", `SHOP_NAME: is set but empty: give it a text, or remove it, for example SHOP_NAME=corner`},
		"white space alone":   {"SHOP_NAME", " \t", `SHOP_NAME=" \t": is set but empty: give it a text, or remove it, for example SHOP_NAME=corner`},
		"newline at the end":  {"SHOP_NAME", "x\n", `SHOP_NAME="x\n": begins or ends with white space: remove it, for example SHOP_NAME=corner`},
		"secret with newline": {"SHOP_KEY", "hush\n", `SHOP_KEY="***": begins or ends with white space: remove it`},
		"bare percentage":     {"SHOP_SHARE", "50", `SHOP_SHARE="50": is above 1: write 50% or 0.5, for example SHOP_SHARE=50%`},
		"ratio beyond":        {"SHOP_SHARE", "150%", `SHOP_SHARE="150%": must be a ratio such as 0.5 or 50%, from 0 to 1, for example SHOP_SHARE=50%`},
		"ratio not a number":  {"SHOP_SHARE", "NaN", `SHOP_SHARE="NaN": must be a ratio such as 0.5 or 50%, from 0 to 1, for example SHOP_SHARE=50%`},
		"float not a number":  {"SHOP_FACTOR", "NaN", `SHOP_FACTOR="NaN": must be a number, at least 1, for example SHOP_FACTOR=2`},
		"duration":            {"SHOP_WAIT", "soon", `SHOP_WAIT="soon": must be ` + duration},
		"negative duration":   {"SHOP_WAIT", "-1s", `SHOP_WAIT="-1s": must be ` + duration},
		"long duration":       {"SHOP_WAIT", "60001", `SHOP_WAIT="60001": must be ` + duration},
		"overflow":            {"SHOP_WAIT", "9223372036854775807", `SHOP_WAIT="9223372036854775807": is beyond the longest duration, 2562047h47m16.854775807s, for example SHOP_WAIT=1500`},
		"boolean":             {"SHOP_OPEN", "yes", `SHOP_OPEN="yes": must be true or false, for example SHOP_OPEN=true`},
		"one of":              {"SHOP_KIND", "cars", `SHOP_KIND="cars": must be one of: food, books, for example SHOP_KIND=food`},
		"map":                 {"SHOP_PRICES", "bread", `SHOP_PRICES="bread": must be a comma-separated list of name:value, for example SHOP_PRICES=bread:2,milk:1`},
		"map of words":        {"SHOP_MOODS", "ann:good,bob:sad", `SHOP_MOODS="ann:good,bob:sad": must be a comma-separated list of name:value, each value one of: good, bad`},
		"stage":               {"APP_ENV", "production", `APP_ENV="production": must be one of: dev, test, prod, for example APP_ENV=prod`},
		"nested":              {"SHOP_TILL_LIMIT", "x", `SHOP_TILL_LIMIT="x": must be a whole number, for example SHOP_TILL_LIMIT=1000`},
		"its own decoder":     {"SHOP_SINCE", "noon", `SHOP_SINCE="noon": parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006", for example SHOP_SINCE=2024-01-02T03:04:05Z`},
		"misspelt":            {"SHOP_ATEMPTS", "5", `SHOP_ATEMPTS: is no setting: did you mean SHOP_ATTEMPTS?`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, []string{tt.want}, faults[shop](t, map[string]string{tt.name: tt.value}))
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	type retry struct {
		Attempts  int          `envconfig:"RETRY_MAX_ATTEMPTS" default:"3" min:"1" max:"10"`
		Threshold config.Ratio `envconfig:"CIRCUIT_BREAKER_FAILURE_THRESHOLD" default:"0.5"`
		User      string       `envconfig:"RETRY_USER" required:"true" example:"ann"`
	}
	env := config.Environment{
		Vars:     map[string]string{"RETRY_MAX_ATTEMPTS": "0", "RETRY_MAX_ATEMPTS": "5", "CIRCUIT_BREAKER_FAILURE_THRESHOLD": "50"},
		File:     map[string]string{"SHOP_KIND": "cars", "RETRY_MAX_ATTEMPTS": "1"},
		FileNote: "a .env file is here",
	}
	_, err := config.Load(env, config.SpecOf[shop](), config.SpecOf[retry]())
	require.EqualError(t, err, `5 settings are wrong:
  RETRY_MAX_ATTEMPTS="0": must be a whole number, from 1 to 10, for example RETRY_MAX_ATTEMPTS=3
  CIRCUIT_BREAKER_FAILURE_THRESHOLD="50": is above 1: write 50% or 0.5, for example CIRCUIT_BREAKER_FAILURE_THRESHOLD=0.5
  RETRY_USER: is required: give it a text, for example RETRY_USER=ann
  SHOP_KIND="cars": (in .env) must be one of: food, books, for example SHOP_KIND=food
  RETRY_MAX_ATEMPTS: is no setting: did you mean RETRY_MAX_ATTEMPTS?
a .env file is here`)
	first, ok := errors.AsType[config.Fault](err)
	require.True(t, ok)
	require.Equal(t, "RETRY_MAX_ATTEMPTS", first.Name)
}

// One spelling for each of several units: resilience acceptance 22.
func TestSameMeaning(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"60000", "60s", "1m"} {
		got, err := load[shop](t, map[string]string{"SHOP_WAIT": text})
		require.NoError(t, err, text)
		require.Equal(t, time.Minute, got.Wait, text)
	}
	for _, text := range []string{"0.5", "50%", "50 %", ".5"} {
		got, err := load[shop](t, map[string]string{"SHOP_SHARE": text})
		require.NoError(t, err, text)
		require.InDelta(t, 0.5, float64(got.Share), math.SmallestNonzeroFloat64, text)
	}
}

type checked struct {
	Low  int           `envconfig:"CHECKED_LOW" default:"1"`
	High int           `envconfig:"CHECKED_HIGH" default:"5"`
	Key  config.Secret `envconfig:"CHECKED_KEY" default:"long enough"`
	Must string        `envconfig:"CHECKED_MUST" required:"true"`
}

func (c checked) Validate() error {
	var errs []error
	if c.Low > c.High {
		errs = append(errs, config.Fault{Name: "CHECKED_LOW", Problem: fmt.Sprintf("is above CHECKED_HIGH (%d)", c.High)})
	}
	if c.High < 0 {
		errs = append(errs, config.Fault{Name: "CHECKED_HIGH", Problem: "is negative"})
	}
	if len(c.Key) < 6 {
		errs = append(errs, fmt.Errorf("key %q is too short", c.Key.Reveal()),
			config.Fault{Name: "CHECKED_KEY", Value: c.Key.Reveal(), Problem: "is too short: " + c.Key.Reveal()})
	}
	return fmt.Errorf("checked: %w", errors.Join(errs...))
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		vars map[string]string
		want []string
	}{
		"asked": {
			map[string]string{"CHECKED_LOW": "9", "CHECKED_HIGH": "-1"},
			[]string{`CHECKED_LOW: is above CHECKED_HIGH (-1)`, `CHECKED_HIGH: is negative`},
		},
		"a wrong value is judged by its default": {
			map[string]string{"CHECKED_LOW": "9", "CHECKED_HIGH": "x"},
			[]string{`CHECKED_HIGH="x": must be a whole number, for example CHECKED_HIGH=5`, `CHECKED_LOW: is above CHECKED_HIGH (5)`},
		},
		"what is reported is not reported again": {
			map[string]string{"CHECKED_LOW": "x", "CHECKED_HIGH": "0"},
			[]string{`CHECKED_LOW="x": must be a whole number, for example CHECKED_LOW=1`},
		},
		"not asked where something is missing": {
			map[string]string{"CHECKED_LOW": "9", "CHECKED_MUST": ""},
			[]string{`CHECKED_MUST: is set but empty: give it a text, or remove it`},
		},
		"secrets are hidden": {
			map[string]string{"CHECKED_KEY": "hush"},
			[]string{`key "***" is too short`, `CHECKED_KEY="***": is too short: ***`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, ok := tt.vars["CHECKED_MUST"]; !ok {
				tt.vars["CHECKED_MUST"] = "x"
			}
			require.Equal(t, tt.want, faults[checked](t, tt.vars))
		})
	}
}

func TestValidateOfNothingWrong(t *testing.T) {
	t.Parallel()
	_, err := load[pointer](t, nil)
	require.NoError(t, err)
	_, err = load[pointer](t, map[string]string{"POINTER_SIZE": "2"})
	require.ErrorContains(t, err, "two is no good")
}

type pointer struct {
	Size int `envconfig:"POINTER_SIZE" default:"1"`
}

func (p *pointer) Validate() error {
	if p.Size == 2 {
		return errors.New("two is no good")
	}
	return nil
}

func TestValues(t *testing.T) {
	t.Parallel()
	type other struct {
		Env  config.Stage `envconfig:"APP_ENV" default:"prod" desc:"What the process runs for."`
		Size int          `envconfig:"OTHER_SIZE" default:"2"`
	}
	env := config.Environment{
		Vars: map[string]string{"SHOP_KEY": "hush", "SHOP_WAIT": "2s", "SHOP_COLOUR": "red", "HTTP_PROXY": "x", "FOO": "y"},
		File: map[string]string{"SHOP_WAIT": "3s", "SHOP_KIND": "books", "SHOP_ROOF": "flat"},
	}
	values, err := config.Load(env, config.SpecOf[shop](), config.SpecOf[other](), config.SpecOf[shop]())
	require.NoError(t, err)

	byName := make(map[string]config.Value)
	for _, v := range values.All() {
		require.NotContains(t, byName, v.Name, "listed twice")
		byName[v.Name] = v
	}
	require.Len(t, byName, 19)
	require.Equal(t, "config_test", byName["APP_ENV"].Owner)
	require.Equal(t, "***", byName["SHOP_KEY"].Value)
	require.Equal(t, config.Env, byName["SHOP_KEY"].Source)
	require.Empty(t, byName["SHOP_KEYS"].Value)
	require.Equal(t, "2s", byName["SHOP_WAIT"].Value)
	require.Equal(t, config.Env, byName["SHOP_WAIT"].Source)
	require.Equal(t, config.File, byName["SHOP_KIND"].Source)
	require.Equal(t, config.Default, byName["SHOP_NAME"].Source)
	require.Equal(t, config.Field{
		Name: "SHOP_WAIT", Type: "duration", Default: "1500", Desc: "Wait between calls.",
		Allowed: "a duration such as 1500 (milliseconds), 30s or 5m, from 0s to 1m0s",
	}, byName["SHOP_WAIT"].Field)
	require.Equal(t, []string{"SHOP_COLOUR", "SHOP_ROOF"}, values.Unknown())

	_, err = config.Get[checked](values)
	require.ErrorContains(t, err, "config.Provide[config_test.checked]")
}

func TestSharedVariableMustAgree(t *testing.T) {
	t.Parallel()
	type one struct {
		Size int `envconfig:"SIZE" default:"2"`
	}
	type two struct {
		Size int `envconfig:"SIZE" default:"3"`
	}
	_, err := config.Load(config.Environment{}, config.SpecOf[one](), config.SpecOf[two]())
	require.ErrorContains(t, err, `SIZE: is declared differently by config_test (integer, default "2") and config_test (integer, default "3")`)
}

func TestWrongSpecs(t *testing.T) {
	t.Parallel()
	type badType struct {
		Hook func() `envconfig:"HOOK"`
	}
	type badList struct {
		Waits []time.Duration `envconfig:"WAITS"`
	}
	type badBound struct {
		Size int `envconfig:"SIZE" min:"small"`
	}
	type badText struct {
		Name string `envconfig:"NAME" max:"3"`
	}
	type badDefault struct {
		Size int `envconfig:"SIZE" default:"9" max:"5"`
	}
	type twice struct {
		A int `envconfig:"SIZE"`
		B int `envconfig:"SIZE"`
	}
	type hidden struct {
		size int `envconfig:"SIZE"`
	}
	type holder struct {
		till till
	}
	tests := map[string]struct {
		spec config.Spec
		want string
	}{
		"type":       {config.SpecOf[badType](), "HOOK: field Hook of config_test.badType: a func() cannot be read from text"},
		"list":       {config.SpecOf[badList](), "WAITS: field Waits of config_test.badList: a []time.Duration cannot be read from text"},
		"bound":      {config.SpecOf[badBound](), `SIZE: field Size of config_test.badBound: min "small"`},
		"text":       {config.SpecOf[badText](), "NAME: field Name of config_test.badText: a string has no max"},
		"default":    {config.SpecOf[badDefault](), `SIZE="9": has a wrong default: it must be a whole number, at most 5`},
		"twice":      {config.SpecOf[twice](), "SIZE: is the name of two fields of config_test.twice"},
		"unexported": {config.SpecOf[hidden](), "SIZE: field size of config_test.hidden must be exported"},
		"nested":     {config.SpecOf[holder](), "SHOP_TILL_LIMIT: field Limit of config_test.till must be exported, and the struct that holds it"},
		"no struct":  {config.SpecOf[int](), "int is no struct"},
	}
	_, _ = hidden{}.size, holder{}.till
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Environment{}, tt.spec)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestMisspelt(t *testing.T) {
	t.Parallel()
	type settings struct {
		Threshold float64 `envconfig:"CIRCUIT_BREAKER_FAILURE_THRESHOLD" default:"1"`
		Env       string  `envconfig:"APP_ENV" default:"x"`
		Level     string  `envconfig:"LOG_LEVEL" default:"x"`
		Addr      string  `envconfig:"HTTP_ADDR" default:"x"`
		Database  string  `envconfig:"DATABASE_URL" default:"x"`
	}
	tests := map[string]struct {
		near    string
		unknown bool
	}{
		"CIRCUIT_BREAKER_FAILURE_TRESHOLD":  {near: "CIRCUIT_BREAKER_FAILURE_THRESHOLD"},
		"CIRCUIT_BREAKER_THRESHOLD":         {near: "CIRCUIT_BREAKER_FAILURE_THRESHOLD"}, // 8 of 33 letters missing
		"circuit_breaker_failure_threshold": {near: "CIRCUIT_BREAKER_FAILURE_THRESHOLD"},
		"CIRCIUT_BREAKER_FAILURE_THRESHOLD": {near: "CIRCUIT_BREAKER_FAILURE_THRESHOLD"}, // another first word, but long
		"CIRCUIT_BREAKER":                   {unknown: true},
		"APP_EVN":                           {near: "APP_ENV"},
		"APP_KEY":                           {unknown: true},
		"LOG_FORMAT":                        {unknown: true},
		"LOG_LEVLES":                        {near: "LOG_LEVEL"},
		"HTTP_PROXY":                        {},
		"HTTP_PORT":                         {unknown: true},
		"LOG_LEVELS":                        {near: "LOG_LEVEL"},
		"DATABSE_URL":                       {near: "DATABASE_URL"}, // would start on SQLite
		"DATABASE_ULR":                      {near: "DATABASE_URL"},
		"DATABASE_PORT":                     {unknown: true}, // what Kubernetes sets for a Service named database
		"DATABASE_USER":                     {unknown: true},
		"AP_ENV":                            {},
		"PATH":                              {},
		"RESILIENCE_ORDERS_TIMEOUT":         {},
		"":                                  {},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := config.Environment{Vars: map[string]string{name: "hush"}}
			values, err := config.Load(env, config.SpecOf[settings](), config.Reserve("app", "RESILIENCE_"))
			if tt.near != "" {
				require.ErrorContains(t, err, name+": is no setting: did you mean "+tt.near+"?")
				require.NotContains(t, err.Error(), "hush", "it may be a secret under a wrong name")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.unknown, len(values.Unknown()) == 1)
		})
	}
}

func TestReservedNamesAreGivenToTheirOwner(t *testing.T) {
	t.Parallel()
	env := config.Environment{
		Vars: map[string]string{"RESILIENCE_B_TIMEOUT": " 2s", "RESILIENCE": "off", "SHOP_NAME": "x", "CHAOS_A": ""},
		File: map[string]string{"RESILIENCE_A_RETRY": "off", "RESILIENCE_B_TIMEOUT": "9s"},
	}
	values, err := config.Load(env, config.Reserve("resilience", "RESILIENCE_"), config.Reserve("chaos", "CHAOS_"))
	require.NoError(t, err)
	require.Equal(t, []config.Variable{
		{Name: "RESILIENCE_A_RETRY", Value: "off", Source: config.File},
		{Name: "RESILIENCE_B_TIMEOUT", Value: " 2s", Source: config.Env},
	}, values.Reserved("RESILIENCE_"))
	require.Equal(t, []config.Variable{{Name: "CHAOS_A", Source: config.Env}}, values.Reserved("CHAOS_"))
	require.Empty(t, values.Reserved("SHOP_"), "nobody reserved it")
}

func TestLongValueIsShortened(t *testing.T) {
	t.Parallel()
	line := faults[shop](t, map[string]string{"SHOP_ATTEMPTS": strings.Repeat("é", 1000)})[0]
	require.Contains(t, line, `="`+strings.Repeat("é", 80)+`…": must be`)
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"SHOP_WAIT", "SHOP_KEYS", "SHOP_PRICES", "SHOP_SINCE", "SHOP_ATEMPTS", "CHECKED_LOW", ""} {
		for _, value := range []string{"", "0", "60s", "50%", "a:b,c", "\x00\xff", "9223372036854775807"} {
			f.Add(name, value, "hush-hush")
		}
	}
	specs := []config.Spec{config.SpecOf[shop](), config.SpecOf[checked]()}
	f.Fuzz(func(t *testing.T, name, value, secret string) {
		secret = "<<" + secret + ">>" // nothing that could stand in a message by chance
		vars := map[string]string{name: value, "SHOP_KEY": secret, "SHOP_KEYS": secret, "CHECKED_KEY": secret, "CHECKED_MUST": "x"}
		values, err := config.Load(config.Environment{Vars: vars}, specs...)
		text := fmt.Sprint(err)
		if err == nil {
			text = fmt.Sprintf("%+v %#v", values.All(), values.All())
		}
		if strings.Contains(value, secret) || strings.Contains(name, secret) {
			return
		}
		require.NotContains(t, text, secret)
	})
}

func BenchmarkLoad(b *testing.B) {
	specs := []config.Spec{config.SpecOf[shop]()}
	env := config.Environment{Vars: map[string]string{"SHOP_WAIT": "2s", "SHOP_KIND": "books"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := config.Load(env, specs...); err != nil {
			b.Fatal(err)
		}
	}
}
