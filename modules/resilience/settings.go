package resilience

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// SettingInfo describes a setting that can be laid over a policy, by
// RESILIENCE_<ROUTE>_<SETTING>, RESILIENCE_<GROUP>_<SETTING> or [Runner.Set].
type SettingInfo struct {
	Name     string // TIMEOUT
	Field    string // of Policy
	Allowed  string // what may be written, in words
	Desc     string // what it sets, in one sentence
	Inherits string // the variable that holds where nothing sets it, or ""
	AtStart  bool   // cannot be changed at run time
}

// setting is one row of the table from which overrides, changes at run time,
// what holds, error texts and documentation are made.
type setting struct {
	SettingInfo

	apply func(p *Policy, text string) error
	show  func(p *Policy) string
}

// breaks reports whether the setting is one of the breaker, which several routes
// may share: then it answers to the breaker's name, too.
func (s *setting) breaks() bool { return strings.HasPrefix(s.Field, "Breaker.") }

// Settings returns every setting there is, in the order of [Policy].
func Settings() []SettingInfo {
	var all []SettingInfo
	for _, s := range table() {
		all = append(all, s.SettingInfo)
	}
	return all
}

// table returns all rows.
func table() []setting {
	return slices.Concat(strategySettings(), limitSettings(), retrySettings(), breakerSettings(), bufferSettings())
}

func strategySettings() []setting {
	mode := func(p *Policy) *Mode { return &p.TimeoutMode }
	return []setting{
		timeout(),
		of("ATTEMPT_TIMEOUT", "AttemptTimeout", "", "Longest time of one attempt, 0 is none", duration, func(p *Policy) *time.Duration { return &p.AttemptTimeout }),
		atStart(of("TIMEOUT_MODE", "TimeoutMode", "", "Whether a call that outlives its deadline is waited for", named(Soft, Hard), mode)),
		toggle("CIRCUIT_BREAKER", "EnableCircuitBreaker", Breaker, func(p *Policy) *bool { return &p.EnableCircuitBreaker }),
		toggle("RETRY", "EnableRetry", Retry, func(p *Policy) *bool { return &p.EnableRetry }),
		toggle("FALLBACK", "EnableFallback", Fallback, func(p *Policy) *bool { return &p.EnableFallback }),
		of("HEDGE_DELAY", "Hedge.Delay", "", "How long an attempt runs before another one joins it", duration, func(p *Policy) *time.Duration { return &p.Hedge.Delay }),
		of("HEDGE_MAX", "Hedge.Max", "", "How many attempts may join the first, 0 is no hedging", count, func(p *Policy) *int { return &p.Hedge.Max }),
	}
}

func limitSettings() []setting {
	return []setting{
		of("MAX_CONCURRENT", "MaxConcurrent", "", "Calls that may run at once, 0 is no bound", count, func(p *Policy) *int { return &p.MaxConcurrent }),
		of("MAX_QUEUE", "MaxQueue", "", "Calls that may wait for a slot, 0 is none", count, func(p *Policy) *int { return &p.MaxQueue }),
		of("QUEUE_TIMEOUT", "QueueTimeout", "", "Longest wait for a slot, 0 is until the deadline", duration, func(p *Policy) *time.Duration { return &p.QueueTimeout }),
		of("ADAPTIVE", "Adaptive", "", "Whether the bound moves by how long calls take", onOff, func(p *Policy) *bool { return &p.Adaptive }),
		of("PRIORITY", "Priority", "", "Whom a full queue and an overloaded process refuse last", named(Low, Normal, High, Critical), func(p *Policy) *bulkhead.Priority { return &p.Priority }),
	}
}

func retrySettings() []setting {
	return []setting{
		above0(of("MAX_ATTEMPTS", "Retry.MaxAttempts", "RETRY_MAX_ATTEMPTS", "Calls in all, the first included", count, func(p *Policy) *int { return &p.Retry.MaxAttempts })),
		above0(of("BASE_DELAY", "Retry.BaseDelay", "RETRY_BASE_DELAY", "Delay after the first failure", duration, func(p *Policy) *time.Duration { return &p.Retry.BaseDelay })),
		above0(of("MAX_DELAY", "Retry.MaxDelay", "RETRY_MAX_DELAY", "Longest delay", duration, func(p *Policy) *time.Duration { return &p.Retry.MaxDelay })),
		of("MAX_DURATION", "Retry.MaxDuration", "", "Time after which no attempt begins, 0 is no bound", duration, func(p *Policy) *time.Duration { return &p.Retry.MaxDuration }),
		of("BACKOFF", "Retry.Backoff", "RETRY_BACKOFF", "How delays grow", text[retry.Backoff], func(p *Policy) *retry.Backoff { return &p.Retry.Backoff }),
		above0(of("BACKOFF_MULTIPLIER", "Retry.Multiplier", "RETRY_BACKOFF_MULTIPLIER", "Growth from one delay to the next", factor, func(p *Policy) *float64 { return &p.Retry.Multiplier })),
		of("JITTER_MODE", "Retry.JitterMode", "RETRY_JITTER_MODE", "How delays are spread", text[retry.JitterMode], func(p *Policy) *retry.JitterMode { return &p.Retry.JitterMode }),
		above0(of("JITTER_RANGE", "Retry.JitterRange", "RETRY_JITTER_RANGE", "Share of a delay by which mode range spreads it", factor, func(p *Policy) *float64 { return &p.Retry.JitterRange })),
		of("RETRY_ON_STATUS", "RetryOnStatus", "", "Statuses worth a retry", statuses, func(p *Policy) *[]int { return &p.RetryOnStatus }),
	}
}

func breakerSettings() []setting {
	return []setting{
		above0(of("FAILURE_THRESHOLD", "Breaker.FailureThreshold", "CIRCUIT_BREAKER_FAILURE_THRESHOLD", "Share of failed calls that opens the breaker", ratio, func(p *Policy) *config.Ratio { return &p.Breaker.FailureThreshold })),
		above0(of("RESET_TIMEOUT", "Breaker.ResetTimeout", "CIRCUIT_BREAKER_RESET_TIMEOUT", "Time the breaker stays open before it tries again", duration, func(p *Policy) *time.Duration { return &p.Breaker.ResetTimeout })),
		above0(of("HALF_OPEN_MAX_CALLS", "Breaker.HalfOpenMaxCalls", "CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", "Trials let through half-open", count, func(p *Policy) *int { return &p.Breaker.HalfOpenMaxCalls })),
		above0(of("MIN_THROUGHPUT", "Breaker.MinThroughput", "CIRCUIT_BREAKER_MIN_THROUGHPUT", "Calls the window must hold before the breaker may open", count, func(p *Policy) *int { return &p.Breaker.MinThroughput })),
		above0(of("SLIDING_WINDOW", "Breaker.SlidingWindow", "CIRCUIT_BREAKER_SLIDING_WINDOW", "Time a finished call counts", duration, func(p *Policy) *time.Duration { return &p.Breaker.SlidingWindow })),
		of("CONSECUTIVE_FAILURES", "Breaker.ConsecutiveFailures", "CIRCUIT_BREAKER_CONSECUTIVE_FAILURES", "Failures in a row that open the breaker", count, func(p *Policy) *int { return &p.Breaker.ConsecutiveFailures }),
		of("SLOW_CALL_DURATION", "Breaker.SlowCallDuration", "CIRCUIT_BREAKER_SLOW_CALL_DURATION", "Time beyond which a call is slow", duration, func(p *Policy) *time.Duration { return &p.Breaker.SlowCallDuration }),
		above0(of("SLOW_CALL_THRESHOLD", "Breaker.SlowCallThreshold", "CIRCUIT_BREAKER_SLOW_CALL_THRESHOLD", "Share of slow calls that opens the breaker", ratio, func(p *Policy) *config.Ratio { return &p.Breaker.SlowCallThreshold })),
		above0(of("RESET_GROWTH", "Breaker.ResetGrowth", "CIRCUIT_BREAKER_RESET_GROWTH", "Growth of the time open while trials keep failing", factor, func(p *Policy) *float64 { return &p.Breaker.ResetGrowth })),
		above0(of("MAX_RESET_TIMEOUT", "Breaker.MaxResetTimeout", "CIRCUIT_BREAKER_MAX_RESET_TIMEOUT", "Longest time open that growth leads to", duration, func(p *Policy) *time.Duration { return &p.Breaker.MaxResetTimeout })),
		of("RESET_JITTER", "Breaker.ResetJitter", "CIRCUIT_BREAKER_RESET_JITTER", "Share by which the time open is spread", ratio, func(p *Policy) *config.Ratio { return &p.Breaker.ResetJitter }),
		of("BREAKER_MODE", "Breaker.Mode", "CIRCUIT_BREAKER_MODE", "How the breaker decides: window or adaptive", text[circuitbreaker.Mode], func(p *Policy) *circuitbreaker.Mode { return &p.Breaker.Mode }),
		above0(of("ADAPTIVE_K", "Breaker.AdaptiveK", "CIRCUIT_BREAKER_ADAPTIVE_K", "Calls let through per accepted call in adaptive mode", factor, func(p *Policy) *float64 { return &p.Breaker.AdaptiveK })),
	}
}

func bufferSettings() []setting {
	return []setting{
		atStart(above0(of("FALLBACK_STATUS", "FallbackStatus", "", "Status of a fallback answer", count, func(p *Policy) *int { return &p.FallbackStatus }))),
		atStart(of("MAX_REQUEST_BUFFER", "MaxRequestBuffer", "", "Bytes of a request that are kept for a repetition", bytes, func(p *Policy) *int64 { return &p.MaxRequestBuffer })),
		atStart(of("MAX_RESPONSE_BUFFER", "MaxResponseBuffer", "", "Bytes of a response that are held back", bytes, func(p *Policy) *int64 { return &p.MaxResponseBuffer })),
	}
}

// kind says how a value of a type is written.
type kind[T any] struct {
	allowed string
	parse   func(text string) (T, error)
	show    func(v T) string
}

// of returns the row of a setting whose value is found by at.
func of[T any](name, field, inherits, desc string, how func() kind[T], at func(*Policy) *T) setting {
	k := how()
	return setting{
		SettingInfo: SettingInfo{Name: name, Field: field, Allowed: k.allowed, Desc: desc, Inherits: inherits},
		apply: func(p *Policy, text string) error {
			v, err := k.parse(text)
			if err == nil {
				*at(p) = v
			}
			return err
		},
		show: func(p *Policy) string { return k.show(*at(p)) },
	}
}

// above0 is a row where zero means to inherit, so that it cannot be written: what
// is written must hold.
func above0(s setting) setting {
	plain := s.apply
	s.apply = func(p *Policy, text string) error {
		if err := plain(p, text); err != nil {
			return err
		}
		if s.show(p) == s.show(&Policy{}) {
			return fmt.Errorf("must not be 0: without it, %s holds", cmp.Or(s.Inherits, "the default"))
		}
		return nil
	}
	return s
}

func atStart(s setting) setting {
	s.AtStart = true
	return s
}

// timeout is the row of Timeout, which may be none.
func timeout() setting {
	s := of("TIMEOUT", "Timeout", "REQUEST_TIMEOUT", "Total deadline of a call, none for none", duration, func(p *Policy) *time.Duration { return &p.Timeout })
	plain := s
	s.Allowed += ", or none"
	s.apply = func(p *Policy, text string) error {
		if text == "none" {
			p.Timeout = NoTimeout
			return nil
		}
		if err := plain.apply(p, text); err != nil {
			return err
		}
		if p.Timeout == 0 {
			return errors.New("must not be 0: write none for no deadline")
		}
		return nil
	}
	s.show = func(p *Policy) string {
		if p.Timeout == NoTimeout {
			return "none"
		}
		return plain.show(p)
	}
	return s
}

// toggle is the row of a strategy that can be switched.
func toggle(name, field string, bit Switch, at func(*Policy) *bool) setting {
	s := of(name, field, "", "Whether the strategy is on", onOff, at)
	plain := s.apply
	s.apply = func(p *Policy, text string) error {
		err := plain(p, text)
		if p.Off &^= bit; err == nil && !*at(p) {
			p.Off |= bit
		}
		return err
	}
	return s
}

func duration() kind[time.Duration] {
	return kind[time.Duration]{
		allowed: "a duration such as 1500 (milliseconds), 30s or 5m",
		parse: func(text string) (time.Duration, error) {
			var d config.Millis
			if err := d.Decode(text); err != nil {
				return 0, err //nolint:wrapcheck // the caller names the variable
			}
			if d < 0 {
				return 0, errors.New("must not be negative")
			}
			return d.Duration(), nil
		},
		show: time.Duration.String,
	}
}

func count() kind[int] {
	return kind[int]{
		allowed: "a whole number, 0 or more",
		parse: func(text string) (int, error) {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil || n < 0 {
				return 0, errors.New("must be a whole number, 0 or more")
			}
			return int(n), nil
		},
		show: strconv.Itoa,
	}
}

func bytes() kind[int64] {
	return kind[int64]{
		allowed: "a number of bytes, 1 or more",
		parse: func(text string) (int64, error) {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 1 {
				return 0, errors.New("must be a number of bytes, 1 or more")
			}
			return n, nil
		},
		show: func(n int64) string { return strconv.FormatInt(n, 10) },
	}
}

func factor() kind[float64] {
	return kind[float64]{
		allowed: "a number such as 1.5",
		parse: func(text string) (float64, error) {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				return 0, errors.New("must be a number such as 1.5")
			}
			return v, nil
		},
		show: func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) },
	}
}

func ratio() kind[config.Ratio] {
	return kind[config.Ratio]{
		allowed: "a ratio such as 0.5 or 50%",
		parse: func(text string) (r config.Ratio, err error) {
			err = r.Decode(text)
			return r, err //nolint:wrapcheck // the caller names the variable
		},
		show: config.Ratio.String,
	}
}

func onOff() kind[bool] {
	return kind[bool]{
		allowed: "on or off",
		parse: func(text string) (bool, error) {
			switch text {
			case "on", "true":
				return true, nil
			case "off", "false":
				return false, nil
			default:
				return false, errors.New("must be on or off")
			}
		},
		show: func(on bool) string {
			if on {
				return "on"
			}
			return "off"
		},
	}
}

// named is a kind with a name for each of its values.
func named[T fmt.Stringer](values ...T) func() kind[T] {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.String()
	}
	allowed := "one of: " + strings.Join(names, ", ")
	return func() kind[T] {
		return kind[T]{
			allowed: allowed,
			parse: func(text string) (zero T, err error) {
				if i := slices.Index(names, text); i >= 0 {
					return values[i], nil
				}
				return zero, errors.New("must be " + allowed)
			},
			show: func(v T) string { return v.String() },
		}
	}
}

// text is a kind whose values are checked by the package they belong to.
func text[T ~string]() kind[T] {
	return kind[T]{
		allowed: "a name",
		parse: func(text string) (T, error) {
			if text == "" {
				return "", errors.New("must not be empty")
			}
			return T(text), nil
		},
		show: func(v T) string { return string(v) },
	}
}

func statuses() kind[[]int] {
	return kind[[]int]{
		allowed: "statuses such as 502,503,504",
		parse: func(text string) (codes []int, err error) {
			for word := range strings.SplitSeq(text, ",") {
				code, err := strconv.Atoi(strings.TrimSpace(word))
				if err != nil {
					return nil, errors.New("must be statuses such as 502,503,504")
				}
				codes = append(codes, code)
			}
			return codes, nil
		},
		show: func(codes []int) string {
			words := make([]string, len(codes))
			for i, code := range codes {
				words[i] = strconv.Itoa(code)
			}
			return strings.Join(words, ",")
		},
	}
}

// find returns the row of a name, written in any of the usual ways: TIMEOUT,
// timeout, attempt_timeout, attemptTimeout.
func find(rows []setting, name string) (*setting, bool) {
	fold := func(s string) string { return strings.ToUpper(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	i := slices.IndexFunc(rows, func(s setting) bool { return fold(s.Name) == fold(name) })
	if i < 0 {
		return nil, false
	}
	return &rows[i], true
}

// Setting is one setting of a pipeline, as it holds now.
type Setting struct {
	Name    string `json:"name"`    // TIMEOUT
	Value   string `json:"value"`   // as it would be written
	Source  string `json:"source"`  // "default", "code", a variable with where it was written, "run time" or "RESILIENCE=off"
	AtStart bool   `json:"atStart"` // cannot be changed at run time
}

// sourceCode is the source of what the code says.
const sourceCode = "code"

// Settings returns what holds for the route of that name and where each value
// comes from, in the order of [Settings], and whether there is such a route.
func (r *Runner) Settings(name string) ([]Setting, bool) {
	p, ok := r.Pipeline(name)
	if !ok {
		return nil, false
	}
	plan := p.plan.Load()
	all := make([]Setting, 0, len(r.table))
	for i := range r.table {
		row := &r.table[i]
		source := plan.sources[row.Name]
		if source == "" {
			source = sourceInCode(row, &p.declared)
		}
		all = append(all, Setting{Name: row.Name, Value: row.show(&plan.policy), Source: source, AtStart: row.AtStart})
	}
	return all, true
}

// sourceInCode tells what a policy sets itself from what it inherits.
func sourceInCode(row *setting, declared *Policy) string {
	if row.show(declared) != row.show(&Policy{}) {
		return sourceCode
	}
	return strings.TrimSpace("default " + row.Inherits)
}
