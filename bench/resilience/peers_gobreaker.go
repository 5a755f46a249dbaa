package main

import (
	"context"
	"time"

	"github.com/avast/retry-go/v4"
	retry5 "github.com/avast/retry-go/v5"
	gobreaker1lib "github.com/sony/gobreaker"
	"github.com/sony/gobreaker/v2"
)

// settings makes gobreaker judge as our breakers do: half of at least ten calls in a minute.
func settings() gobreaker.Settings {
	return gobreaker.Settings{
		Name: "bench", MaxRequests: 10, Interval: time.Minute, Timeout: openFor,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.Requests >= 10 && c.TotalFailures*2 >= c.Requests },
	}
}

// execute is the loop of a breaker of gobreaker around a function that was made beforehand.
func execute(cb *gobreaker.CircuitBreaker[any]) func(int) error {
	fn := func() (any, error) { return nil, nil }
	return func(n int) error {
		for range n {
			if _, err := cb.Execute(fn); err != nil {
				return err
			}
		}
		return nil
	}
}

func gobreaker2() subject {
	return subject{name: "gobreaker v2", loop: execute(gobreaker.NewCircuitBreaker[any](settings()))}
}

// gobreaker2Rolling has a window of buckets, as ours is.
func gobreaker2Rolling() subject {
	s := settings()
	s.BucketPeriod = time.Second
	return subject{name: "gobreaker v2, 60 buckets", loop: execute(gobreaker.NewCircuitBreaker[any](s))}
}

func gobreaker2TwoStep() subject {
	cb := gobreaker.NewTwoStepCircuitBreaker[any](settings())
	return subject{name: "gobreaker v2 two-step", loop: func(n int) error {
		for range n {
			done, err := cb.Allow()
			if err != nil {
				return err
			}
			done(nil)
		}
		return nil
	}}
}

// gobreaker2Opened returns a breaker that has tripped.
func gobreaker2Opened() *gobreaker.CircuitBreaker[any] {
	cb := gobreaker.NewCircuitBreaker[any](settings())
	trip(func() error {
		_, err := cb.Execute(func() (any, error) { return nil, errBroken })
		return err
	})
	return cb
}

func gobreaker2Open() subject {
	cb, fn := gobreaker2Opened(), func() (any, error) { return nil, nil }
	return subject{name: "gobreaker v2", loop: func(n int) error {
		var err error
		for range n {
			_, err = cb.Execute(fn)
		}
		return refusal(err, gobreaker.ErrOpenState)
	}}
}

// gobreaker2Fallback is what one writes by hand for a fallback.
func gobreaker2Fallback() subject {
	cb, fn := gobreaker2Opened(), func() (any, error) { return nil, nil }
	return subject{name: "gobreaker v2 and an if", loop: func(n int) error {
		for range n {
			value, err := cb.Execute(fn)
			if err != nil {
				value = n
			}
			if value == nil {
				return errBroken
			}
		}
		return nil
	}}
}

func gobreaker1() subject {
	cb := gobreaker1lib.NewCircuitBreaker(gobreaker1lib.Settings{
		Name: "bench", MaxRequests: 10, Interval: time.Minute,
		ReadyToTrip: func(c gobreaker1lib.Counts) bool { return c.Requests >= 10 && c.TotalFailures*2 >= c.Requests },
	})
	fn := func() (any, error) { return nil, nil }
	return subject{name: "gobreaker v1", loop: func(n int) error {
		for range n {
			if _, err := cb.Execute(fn); err != nil {
				return err
			}
		}
		return nil
	}}
}

// byHand is retry-go around gobreaker around context.WithTimeout, as one puts them together, without a bulkhead.
func byHand(ctx context.Context, callee func(context.Context) error) subject {
	cb := gobreaker.NewCircuitBreaker[any](settings())
	options := []retry.Option{retry.Context(ctx), retry.Attempts(3), retry.Delay(time.Second), retry.LastErrorOnly(true)}
	return subject{name: "gobreaker v2 + retry-go v4 + WithTimeout", loop: func(n int) error {
		for range n {
			err := retry.Do(func() error {
				_, err := cb.Execute(func() (any, error) {
					ctx, cancel := context.WithTimeout(ctx, deadline)
					defer cancel()
					return nil, callee(ctx)
				})
				return err
			}, options...)
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

// byHand5 is byHand with the newest retry-go and its retrier made beforehand.
func byHand5(ctx context.Context, callee func(context.Context) error) subject {
	cb := gobreaker.NewCircuitBreaker[any](settings())
	retrier := retry5.New(retry5.Context(ctx), retry5.Attempts(3), retry5.Delay(time.Second), retry5.LastErrorOnly(true))
	return subject{name: "gobreaker v2 + retry-go v5 (reused) + WithTimeout", loop: func(n int) error {
		for range n {
			err := retrier.Do(func() error {
				_, err := cb.Execute(func() (any, error) {
					ctx, cancel := context.WithTimeout(ctx, deadline)
					defer cancel()
					return nil, callee(ctx)
				})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

func retryGo4() subject {
	options := []retry.Option{retry.Context(context.Background()), retry.Attempts(3), retry.Delay(time.Second)}
	fn := func() error { return nil }
	return subject{name: "retry-go v4", loop: func(n int) error {
		for range n {
			if err := retry.Do(fn, options...); err != nil {
				return err
			}
		}
		return nil
	}}
}

func retryGo5() subject {
	retrier := retry5.New(retry5.Context(context.Background()), retry5.Attempts(3), retry5.Delay(time.Second))
	fn := func() error { return nil }
	return subject{name: "retry-go v5, reused", loop: func(n int) error {
		for range n {
			if err := retrier.Do(fn); err != nil {
				return err
			}
		}
		return nil
	}}
}
