package circuitbreaker

import (
	"encoding/json"
	"strings"
	"time"
)

// CircuitMetrics is what the contract that Holdfast keeps knows of a breaker,
// under its names; all times are UTC. [Metrics] says more.
type CircuitMetrics struct {
	CircuitName         string        `json:"circuitName"`
	State               string        `json:"state"`           // CLOSED, HALF_OPEN or OPEN
	TotalCalls          uint64        `json:"totalCalls"`      // that have ended, excluded ones among them
	SuccessfulCalls     uint64        `json:"successfulCalls"` // since the process started
	FailedCalls         uint64        `json:"failedCalls"`     // since the process started
	FailureRate         float64       `json:"failureRate"`     // of the window, 0 to 1
	LastFailureTime     *time.Time    `json:"lastFailureTime"` // nil is never
	LastSuccessTime     *time.Time    `json:"lastSuccessTime"` // nil is never
	StateTransitionTime time.Time     `json:"stateTransitionTime"`
	HalfOpenCallsCount  int           `json:"halfOpenCallsCount"` // trials let through and not given back
	NextAttemptTime     *time.Time    `json:"nextAttemptTime"`    // nil unless the breaker is open, for a known time
	Config              CircuitConfig `json:"config"`
}

// CircuitConfig is the configuration in [CircuitMetrics]. Durations are written
// as milliseconds.
type CircuitConfig struct {
	FailureThreshold  float64 `json:"failureThreshold"`
	Timeout           Millis  `json:"timeout"`
	ResetTimeout      Millis  `json:"resetTimeout"`
	HalfOpenMaxCalls  int     `json:"halfOpenMaxCalls"`
	MinimumThroughput int     `json:"minimumThroughput"`
	SlidingWindowSize Millis  `json:"slidingWindowSize"`
}

// Millis is a duration that is written to JSON as whole milliseconds.
type Millis time.Duration

// MarshalJSON implements [json.Marshaler].
func (m Millis) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(m).Milliseconds()) }

// AllCircuitMetrics returns the record of every breaker, sorted by name.
func (s *Service) AllCircuitMetrics() []CircuitMetrics {
	all := make([]CircuitMetrics, 0)
	for _, b := range s.breakers() {
		all = append(all, contractual(b.Metrics()))
	}
	return all
}

func contractual(m Metrics) CircuitMetrics {
	return CircuitMetrics{
		CircuitName: m.Name, State: strings.ReplaceAll(strings.ToUpper(m.State.String()), "-", "_"),
		TotalCalls: m.Calls, SuccessfulCalls: m.Successes, FailedCalls: m.Failures, FailureRate: m.FailureRate,
		LastFailureTime: known(m.LastFailure), LastSuccessTime: known(m.LastSuccess),
		StateTransitionTime: m.Since.UTC(), HalfOpenCallsCount: m.Trials, NextAttemptTime: known(m.Until),
		Config: CircuitConfig{
			FailureThreshold: float64(m.Config.FailureThreshold), Timeout: Millis(m.Config.Timeout),
			ResetTimeout: Millis(m.Config.ResetTimeout), HalfOpenMaxCalls: m.Config.HalfOpenMaxCalls,
			MinimumThroughput: m.Config.MinThroughput, SlidingWindowSize: Millis(m.Config.SlidingWindow),
		},
	}
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
