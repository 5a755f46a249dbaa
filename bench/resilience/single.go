package main

import (
	"context"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/cache"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// single measures each policy alone. None of these rows has a target.
func single(m meter) ([]row, error) {
	var rows []row
	for _, measure := range []func(meter) ([]row, error){retries, timeouts, fallbacks, bulkheads, limiters, caches, hedges} {
		measured, err := measure(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, measured...)
	}
	return rows, nil
}

// pipelineOf is the loop of a pipeline with a policy.
func pipelineOf(name string, p resilience.Policy, a resilience.Attempt) (subject, error) {
	pipeline, _, err := compile(p)
	if err != nil {
		return subject{}, err
	}
	return subject{name: name, loop: run(pipeline, context.Background(), a)}, nil
}

func retries(m meter) ([]row, error) {
	service, ctx := retry.NewService(retry.DefaultConfig(), nil), context.Background()
	ours := subject{name: "retry.Service.Do", loop: errLoop(func() error { return service.Do(ctx, retry.Standard, nop) })}
	return m.rows([]pair{
		{what: "retry", ours: ours, theirs: retryGo4()},
		{what: "retry", ours: ours, theirs: retryGo5()},
		{what: "retry", ours: ours, theirs: sethvargoRetry()},
		{what: "retry", ours: ours, theirs: failsafeRetry()},
		{what: "retry", ours: ours, theirs: eapacheRetry()},
	})
}

func timeouts(m meter) ([]row, error) {
	policy := resilience.Policy{Timeout: deadline}
	ours, err := pipelineOf("timeout", policy, call{})
	if err != nil {
		return nil, err
	}
	asked, err := pipelineOf("timeout, callee asks Done", policy, waiting{})
	if err != nil {
		return nil, err
	}
	policy.TimeoutMode = resilience.Hard
	hard, err := pipelineOf("hard timeout", policy, call{})
	if err != nil {
		return nil, err
	}
	return m.rows([]pair{
		{what: "timeout", ours: ours, theirs: contextTimeout(nop)},
		{what: "timeout", ours: ours, theirs: failsafeTimeout()},
		{what: "timeout, callee asks Done()", ours: asked, theirs: contextTimeout(ask)},
		{what: "hard timeout", ours: hard, theirs: eapacheTimeout()},
	})
}

func fallbacks(m meter) ([]row, error) {
	pipeline, err := openPipeline(resilience.Policy{
		EnableCircuitBreaker: true, EnableFallback: true, FallbackResponse: 1, Timeout: resilience.NoTimeout,
	})
	if err != nil {
		return nil, err
	}
	ours := subject{name: "fallback", loop: run(pipeline, context.Background(), call{})}
	return m.rows([]pair{
		{what: "fallback, breaker open", ours: ours, theirs: gobreaker2Fallback()},
		{what: "fallback, breaker open", ours: ours, theirs: failsafeFallback()},
	})
}

func bulkheads(m meter) ([]row, error) {
	ours, err := pipelineOf("bulkhead", resilience.Policy{MaxConcurrent: maxConcurrent, Timeout: resilience.NoTimeout}, call{})
	if err != nil {
		return nil, err
	}
	b, ctx := bulkhead.New(bulkhead.Config{Max: maxConcurrent}), context.Background()
	bare := subject{name: "bulkhead", loop: errLoop(func() error {
		err := b.Enter(ctx, bulkhead.Normal)
		if err == nil {
			b.Leave(0, true)
		}
		return err
	})}
	return m.rows([]pair{
		{what: "bulkhead as a policy", ours: ours, theirs: failsafeBulkhead()},
		{what: "bulkhead", ours: bare, theirs: failsafeBulkheadAlone()},
		{what: "bulkhead", ours: bare, theirs: eapacheBulkhead()},
		{what: "bulkhead", ours: bare, theirs: xSemaphore()},
	})
}

func limiters(m meter) ([]row, error) {
	bucket, err := limiter(ratelimit.TokenBucket)
	if err != nil {
		return nil, err
	}
	window, err := limiter(ratelimit.SlidingWindow)
	if err != nil {
		return nil, err
	}
	return m.rows([]pair{
		{what: "rate limit, token bucket, by key", ours: bucket, theirs: xRate()},
		{what: "rate limit, token bucket, by key", ours: bucket, theirs: failsafeLimiter()},
		{what: "rate limit, exact sliding window, by key", ours: window, theirs: xRate()},
	})
}

func limiter(a ratelimit.Algorithm) (subject, error) {
	l, err := ratelimit.New("bench", ratelimit.Limit{Requests: wide, Per: time.Millisecond, Algorithm: a})
	ctx := context.Background()
	return subject{name: "ratelimit", loop: errLoop(func() error {
		_, err := l.Allow(ctx, "user")
		return err
	})}, err
}

func caches(m meter) ([]row, error) {
	c, err := cache.New[string, int]("bench", cache.Config{MaxEntries: 1000, TTL: time.Hour})
	if err != nil {
		return nil, err
	}
	bare, err := otterHit()
	if err != nil {
		return nil, err
	}
	ctx, load := context.Background(), func(context.Context, string) (int, error) { return 1, nil }
	ours := subject{name: "cache", loop: errLoop(func() error {
		_, err := c.Get(ctx, "key", load)
		return err
	})}
	return m.rows([]pair{
		{what: "cache hit", ours: ours, theirs: bare},
		{what: "cache hit", ours: ours, theirs: failsafeCache()},
	})
}

func hedges(m meter) ([]row, error) {
	ours, err := pipelineOf("hedge", resilience.Policy{
		Safe: true, Timeout: deadline, Hedge: resilience.Hedge{Delay: time.Second, Max: 1},
	}, call{})
	if err != nil {
		return nil, err
	}
	return m.rows([]pair{{what: "hedge, first attempt quick enough", ours: ours, theirs: failsafeHedge()}})
}
