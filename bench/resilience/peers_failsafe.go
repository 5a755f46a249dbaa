package main

import (
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/cachepolicy"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
)

// fsBreaker judges as our breakers do.
func fsBreaker[R any]() circuitbreaker.CircuitBreaker[R] {
	return circuitbreaker.NewBuilder[R]().WithFailureRateThreshold(0.5, 10, time.Minute).WithDelay(openFor).Build()
}

func fsRetry[R any]() retrypolicy.RetryPolicy[R] {
	return retrypolicy.NewBuilder[R]().WithMaxAttempts(3).WithBackoff(time.Second, 30*time.Second).
		AbortOnErrors(circuitbreaker.ErrOpen).Build() // else it waits and asks an open breaker again
}

// fsWhole is bulkhead(retry(breaker(timeout))).
func fsWhole(breaker circuitbreaker.CircuitBreaker[any]) failsafe.Executor[any] {
	return failsafe.With[any](bulkhead.New[any](maxConcurrent), fsRetry[any](), breaker, timeout.New[any](deadline))
}

// fsGet is the loop of an executor around a function that was made beforehand.
func fsGet(executor failsafe.Executor[any], fn func() (any, error)) func(int) error {
	return func(n int) error {
		for range n {
			if _, err := executor.Get(fn); err != nil {
				return err
			}
		}
		return nil
	}
}

// fsRefused is fsGet where a breaker refuses.
func fsRefused(executor failsafe.Executor[any]) func(int) error {
	return func(n int) error {
		var err error
		for range n {
			_, err = executor.Get(fsNop)
		}
		return refusal(err, circuitbreaker.ErrOpen)
	}
}

func fsNop() (any, error) { return nil, nil }

func failsafeComposed() subject {
	return subject{name: "failsafe-go", loop: fsGet(fsWhole(fsBreaker[any]()), fsNop)}
}

func failsafeComposedDone() subject {
	executor := fsWhole(fsBreaker[any]())
	fn := func(e failsafe.Execution[any]) (any, error) { return nil, ask(e.Context()) }
	return subject{name: "failsafe-go", loop: func(n int) error {
		for range n {
			if _, err := executor.GetWithExecution(fn); err != nil {
				return err
			}
		}
		return nil
	}}
}

func failsafeComposedOpen() subject {
	breaker := fsBreaker[any]()
	breaker.Open()
	return subject{name: "failsafe-go", loop: fsRefused(fsWhole(breaker))}
}

func failsafeBreaker() subject {
	return subject{name: "failsafe-go", loop: fsGet(failsafe.With[any](fsBreaker[any]()), fsNop)}
}

// failsafeBreakerAlone is the breaker without failsafe-go's executor.
func failsafeBreakerAlone() subject {
	breaker := fsBreaker[any]()
	return subject{name: "failsafe-go, no executor", loop: func(n int) error {
		for range n {
			if !breaker.TryAcquirePermit() {
				return errBroken
			}
			breaker.RecordSuccess()
		}
		return nil
	}}
}

func failsafeBreakerOpen() subject {
	breaker := fsBreaker[any]()
	breaker.Open()
	return subject{name: "failsafe-go", loop: fsRefused(failsafe.With[any](breaker))}
}

func failsafeFallback() subject {
	breaker := fsBreaker[any]()
	breaker.Open()
	return subject{name: "failsafe-go", loop: fsGet(failsafe.With[any](fallback.NewWithResult[any](1), breaker), fsNop)}
}

func failsafeRetry() subject {
	return subject{name: "failsafe-go", loop: fsGet(failsafe.With[any](fsRetry[any]()), fsNop)}
}

func failsafeTimeout() subject {
	return subject{name: "failsafe-go", loop: fsGet(failsafe.With[any](timeout.New[any](deadline)), fsNop)}
}

func failsafeBulkhead() subject {
	return subject{name: "failsafe-go", loop: fsGet(failsafe.With[any](bulkhead.New[any](maxConcurrent)), fsNop)}
}

// failsafeBulkheadAlone is the bulkhead without failsafe-go's executor.
func failsafeBulkheadAlone() subject {
	b := bulkhead.New[any](maxConcurrent)
	return subject{name: "failsafe-go, no executor", loop: func(n int) error {
		for range n {
			if !b.TryAcquirePermit() {
				return errBroken
			}
			b.ReleasePermit()
		}
		return nil
	}}
}

func failsafeLimiter() subject {
	l := ratelimiter.NewBursty[any](wide, time.Millisecond)
	return subject{name: "failsafe-go, bursty, no executor", loop: func(n int) error {
		for range n {
			if !l.TryAcquirePermit() {
				return errBroken
			}
		}
		return nil
	}}
}

func failsafeHedge() subject {
	return subject{name: "failsafe-go", loop: fsGet(failsafe.With[any](hedgepolicy.NewWithDelay[any](time.Second)), fsNop)}
}

// oneKey is a cache with nothing that takes time.
type oneKey struct{}

func (oneKey) Get(string) (any, bool) { return 1, true }
func (oneKey) Set(string, any)        {}

func failsafeCache() subject {
	executor := failsafe.With[any](cachepolicy.NewBuilder[any](oneKey{}).WithKey("key").Build())
	return subject{name: "failsafe-go, over a cache that costs nothing", loop: fsGet(executor, fsNop)}
}

// failsafeTransport is retry(breaker(timeout)) around a transport.
func failsafeTransport(inner transport) http.RoundTripper {
	retries := failsafehttp.NewRetryPolicyBuilder().WithMaxAttempts(3).Build() //nolint:bodyclose // there is no response
	return failsafehttp.NewRoundTripper(inner, retries, fsBreaker[response](), timeout.New[response](deadline))
}

// failsafeHandler is bulkhead(breaker(timeout)) around a handler.
func failsafeHandler(inner http.Handler) http.Handler {
	return failsafehttp.NewHandler(inner, bulkhead.New[response](maxConcurrent), fsBreaker[response](), timeout.New[response](deadline))
}

type response = *http.Response
