package resilience_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	group := resilience.Policy{
		Name: "crm", EnableCircuitBreaker: true, EnableRetry: true, Timeout: 5 * time.Second, MaxConcurrent: 10,
		RetryOnStatus: []int{502}, Retry: retry.Policy{MaxAttempts: 2, BaseDelay: time.Second},
		Breaker: circuitbreaker.Config{MinThroughput: 5}, FallbackResponse: "later", MaxRequestBuffer: 1,
	}
	tests := map[string]struct {
		route resilience.Policy
		want  func(p *resilience.Policy)
	}{
		"nothing of its own": {resilience.Policy{}, func(*resilience.Policy) {}},
		"switches are OR-ed": {resilience.Policy{EnableFallback: true}, func(p *resilience.Policy) { p.EnableFallback = true }},
		"numbers win": {
			resilience.Policy{Timeout: time.Second, MaxConcurrent: 1, Retry: retry.Policy{MaxAttempts: 4}},
			func(p *resilience.Policy) { p.Timeout, p.MaxConcurrent, p.Retry.MaxAttempts = time.Second, 1, 4 },
		},
		"no timeout": {
			resilience.Policy{Timeout: resilience.NoTimeout},
			func(p *resilience.Policy) { p.Timeout = resilience.NoTimeout },
		},
		"off removes": {
			resilience.Policy{Off: resilience.Breaker | resilience.Retry},
			func(p *resilience.Policy) {
				p.EnableCircuitBreaker, p.EnableRetry, p.Off = false, false, resilience.Breaker|resilience.Retry
			},
		},
		"declarations": {
			resilience.Policy{Idempotent: true, Safe: true, Streaming: true, TimeoutMode: resilience.Hard},
			func(p *resilience.Policy) {
				p.Idempotent, p.Safe, p.Streaming, p.TimeoutMode = true, true, true, resilience.Hard
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := group
			tc.want(&want)
			require.Equal(t, want, resilience.Merge(group, tc.route))
		})
	}
}

func TestEffectivePolicy(t *testing.T) {
	t.Parallel()
	p := compile(t, resilience.Policy{EnableCircuitBreaker: true}).Policy()
	require.Equal(t, 30*time.Second, p.Timeout)
	require.Equal(t, 3, p.Retry.MaxAttempts)
	require.Equal(t, 10, p.Breaker.MinThroughput)
	require.Equal(t, []int{502, 503, 504}, p.RetryOnStatus)
	require.Equal(t, http.StatusOK, p.FallbackStatus)
	require.EqualValues(t, 1<<20, p.MaxRequestBuffer)
	require.EqualValues(t, 1<<20, p.MaxResponseBuffer)

	streaming := compile(t, resilience.Policy{Streaming: true, Timeout: time.Second, AttemptTimeout: time.Minute}).Policy()
	require.Equal(t, resilience.NoTimeout, streaming.Timeout)
	require.Zero(t, streaming.AttemptTimeout)
	off := compile(t, resilience.Policy{EnableRetry: true, EnableFallback: true, Off: resilience.Retry | resilience.Fallback})
	require.False(t, off.Policy().EnableRetry, "and so it need not be idempotent")
	require.False(t, off.HasFallback())
}

func TestRefusedPolicies(t *testing.T) {
	t.Parallel()
	on := func(p resilience.Policy) resilience.Policy {
		p.EnableRetry = true
		return p
	}
	tests := map[string]struct {
		policy resilience.Policy
		want   []string // "" alone is accepted
	}{
		"nothing":             {resilience.Policy{}, nil},
		"attempt = timeout":   {resilience.Policy{Timeout: time.Second, AttemptTimeout: time.Second}, []string{"AttemptTimeout 1s is not below Timeout 1s", "AttemptTimeout: 500 * time.Millisecond"}},
		"attempt > default":   {resilience.Policy{AttemptTimeout: time.Minute}, []string{"is not below Timeout 30s", "15 * time.Second"}},
		"attempt, no timeout": {resilience.Policy{Timeout: resilience.NoTimeout, AttemptTimeout: time.Minute}, nil},
		"negative": {
			resilience.Policy{Timeout: -2, AttemptTimeout: -1, MaxConcurrent: -1, MaxRequestBuffer: -1, MaxResponseBuffer: -1},
			[]string{"Timeout is -2ns", "resilience.NoTimeout", "AttemptTimeout is -1ns", "MaxConcurrent is -1", "MaxRequestBuffer", "MaxResponseBuffer"},
		},
		"not a status":            {resilience.Policy{FallbackStatus: 42, RetryOnStatus: []int{503, 999}}, []string{"holds 42", "holds 999"}},
		"retry, not safe":         {on(resilience.Policy{}), []string{"not idempotent", "type Idempotent: true", "Off: resilience.Retry"}},
		"retry, safe":             {on(resilience.Policy{Safe: true}), nil},
		"retry, idempotent":       {on(resilience.Policy{Idempotent: true}), nil},
		"retry never fits":        {on(resilience.Policy{Safe: true, Timeout: time.Second}), []string{"can never fit", "needs 1.01s", "Timeout: 2020 * time.Millisecond"}},
		"retry just does not fit": {on(resilience.Policy{Safe: true, Timeout: 1010 * time.Millisecond}), []string{"can never fit"}},
		"retry fits":              {on(resilience.Policy{Safe: true, Timeout: 1011 * time.Millisecond}), nil},
		"retry, full jitter":      {on(resilience.Policy{Safe: true, Timeout: time.Second, Retry: retry.Policy{JitterMode: retry.FullJitter}}), nil},
		"retry numbers":           {on(resilience.Policy{Safe: true, Retry: retry.Policy{MaxAttempts: 99, Multiplier: -1}}), []string{"MaxAttempts is 99", "Multiplier is -1"}},
		"retry, streaming":        {on(resilience.Policy{Safe: true, Streaming: true}), []string{"streaming route cannot be repeated"}},
		"fallback, streaming":     {resilience.Policy{Streaming: true, EnableFallback: true}, []string{"streaming route cannot be replaced"}},
		"hard, streaming":         {resilience.Policy{Streaming: true, TimeoutMode: resilience.Hard}, []string{"cannot be abandoned"}},
		"hard, no deadline":       {resilience.Policy{Timeout: resilience.NoTimeout, TimeoutMode: resilience.Hard}, []string{"needs a deadline"}},
		"no such mode":            {resilience.Policy{TimeoutMode: 7}, []string{"TimeoutMode is 7"}},
		"breaker numbers":         {resilience.Policy{EnableCircuitBreaker: true, Breaker: circuitbreaker.Config{MinThroughput: -1}}, []string{"MIN_THROUGHPUT"}},
		"breaker is off":          {resilience.Policy{Breaker: circuitbreaker.Config{MinThroughput: -1}}, nil},
		"queue, no bound":         {resilience.Policy{MaxQueue: 5}, []string{"a queue without a bound", "Set MaxConcurrent"}},
		"queue":                   {resilience.Policy{MaxQueue: 5, MaxConcurrent: 1}, nil},
		"queue, adaptive":         {resilience.Policy{MaxQueue: 5, Adaptive: true}, nil},
		"queue timeout, no queue": {resilience.Policy{MaxConcurrent: 1, QueueTimeout: time.Second}, []string{"QueueTimeout without a queue"}},
		"queue timeout = timeout": {resilience.Policy{MaxConcurrent: 1, MaxQueue: 1, QueueTimeout: 30 * time.Second}, []string{"QueueTimeout 30s is not below"}},
		"adaptive, streaming":     {resilience.Policy{Streaming: true, Adaptive: true}, []string{"a stream lasts"}},
		"priority":                {resilience.Policy{Priority: 9}, []string{"Priority is 9"}},
		"hedge, not safe":         {resilience.Policy{Hedge: resilience.Hedge{Delay: time.Second, Max: 1}}, []string{"hedging on a route that is not idempotent", "Idempotent: true"}},
		"hedge, streaming":        {resilience.Policy{Safe: true, Streaming: true, Hedge: resilience.Hedge{Max: 1}}, []string{"cannot be made twice"}},
		"hedge, too many":         {resilience.Policy{Safe: true, Hedge: resilience.Hedge{Max: 6}}, []string{"at most 5"}},
		"hedge, too late":         {resilience.Policy{Safe: true, AttemptTimeout: time.Second, Hedge: resilience.Hedge{Delay: time.Second, Max: 1}}, []string{"none ever joins it", "500 * time.Millisecond"}},
		"hedge, delay alone":      {resilience.Policy{Safe: true, Hedge: resilience.Hedge{Delay: time.Second}}, []string{"without Hedge.Max"}},
		"hedge, negative":         {resilience.Policy{Safe: true, Hedge: resilience.Hedge{Delay: -1, Max: -1}}, []string{"Hedge.Delay is -1ns", "Hedge.Max is -1"}},
		"overflowing":             {resilience.Policy{Timeout: 1<<63 - 1, MaxConcurrent: 1 << 40}, []string{"more than a year", "at most 1000000"}},
		"everything at once":      {on(resilience.Policy{Timeout: time.Second, AttemptTimeout: time.Minute, MaxConcurrent: -1}), []string{"AttemptTimeout", "MaxConcurrent", "not idempotent", "can never fit"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newParts(t, nil).runner.Compile("orders.create", tc.policy)
			if len(tc.want) == 0 {
				require.NoError(t, err)
				return
			}
			for _, text := range tc.want {
				require.ErrorContains(t, err, text)
			}
			var fault resilience.Fault
			require.ErrorAs(t, err, &fault)
			require.Equal(t, "orders.create", fault.Route)
			require.NotEmpty(t, fault.Field)
		})
	}
}

func TestSharedBreakers(t *testing.T) {
	t.Parallel()
	p := newParts(t, nil)
	policy := resilience.Policy{Name: "crm", EnableCircuitBreaker: true}
	_, err := p.runner.Compile("a", policy)
	require.NoError(t, err)
	_, err = p.runner.Compile("b", policy)
	require.NoError(t, err)
	policy.Breaker.MinThroughput = 3
	_, err = p.runner.Compile("c", policy)
	require.ErrorContains(t, err, `"crm" is registered twice`)
	_, err = p.runner.Compile("a", resilience.Policy{})
	require.ErrorContains(t, err, "compiled twice")
	require.Len(t, p.runner.Pipelines(), 2)
	_, ok := p.breakers.Metrics("crm")
	require.True(t, ok)
}
