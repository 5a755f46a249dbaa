package main

import (
	"context"
	"net/http"
	"time"

	eabreaker "github.com/eapache/go-resiliency/breaker"
	eadeadline "github.com/eapache/go-resiliency/deadline"
	"github.com/eapache/go-resiliency/retrier"
	easemaphore "github.com/eapache/go-resiliency/semaphore"
	"github.com/maypok86/otter/v2"
	"github.com/sethvargo/go-retry"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// errLoop is the loop of a function with an error.
func errLoop(fn func() error) func(int) error {
	return func(n int) error {
		for range n {
			if err := fn(); err != nil {
				return err
			}
		}
		return nil
	}
}

func eapacheBreaker() subject {
	b, fn := eabreaker.New(10, 10, openFor), func() error { return nil }
	return subject{name: "eapache/go-resiliency", loop: errLoop(func() error { return b.Run(fn) })}
}

// eapacheComposed is retrier(breaker(deadline)); the deadline takes a goroutine.
func eapacheComposed() subject {
	b, d := eabreaker.New(10, 10, openFor), eadeadline.New(deadline)
	r := retrier.New(retrier.ExponentialBackoff(2, time.Second), nil)
	within := func() error { return d.Run(func(<-chan struct{}) error { return nil }) }
	once := func() error { return b.Run(within) }
	return subject{name: "eapache/go-resiliency", loop: errLoop(func() error { return r.Run(once) })}
}

func eapacheRetry() subject {
	r, fn := retrier.New(retrier.ExponentialBackoff(2, time.Second), nil), func() error { return nil }
	return subject{name: "eapache/go-resiliency", loop: errLoop(func() error { return r.Run(fn) })}
}

func eapacheTimeout() subject {
	d, fn := eadeadline.New(deadline), func(<-chan struct{}) error { return nil }
	return subject{name: "eapache/go-resiliency", loop: errLoop(func() error { return d.Run(fn) })}
}

func eapacheBulkhead() subject {
	s := easemaphore.New(maxConcurrent, time.Second)
	return subject{name: "eapache/go-resiliency", loop: errLoop(func() error {
		err := s.Acquire()
		if err == nil {
			s.Release()
		}
		return err
	})}
}

func sethvargoRetry() subject {
	ctx := context.Background()
	return subject{name: "sethvargo/go-retry", loop: errLoop(func() error {
		return retry.Do(ctx, retry.WithMaxRetries(2, retry.NewExponential(time.Second)), nop)
	})}
}

// contextTimeout is package context alone.
func contextTimeout(callee func(context.Context) error) subject {
	background := context.Background()
	return subject{name: "context.WithTimeout", loop: errLoop(func() error {
		ctx, cancel := context.WithTimeout(background, deadline)
		defer cancel()
		return callee(ctx)
	})}
}

func xSemaphore() subject {
	s := semaphore.NewWeighted(maxConcurrent)
	return subject{name: "x/sync/semaphore", loop: errLoop(func() error {
		if !s.TryAcquire(1) {
			return errBroken
		}
		s.Release(1)
		return nil
	})}
}

// wide is a limit per millisecond that never refuses here.
const wide = 1_000_000

func xRate() subject {
	l := rate.NewLimiter(wide*1000, wide)
	return subject{name: "x/time/rate (one limit, no keys)", loop: func(n int) error {
		for range n {
			if !l.Allow() {
				return errBroken
			}
		}
		return nil
	}}
}

// otterHit is the cache that ours is built on.
func otterHit() (subject, error) {
	c, err := otter.New(&otter.Options[string, int]{MaximumSize: 1000, ExpiryCalculator: otter.ExpiryWriting[string, int](time.Hour)})
	if err != nil {
		return subject{}, err
	}
	c.Set("key", 1)
	return subject{name: "otter v2 alone", loop: func(n int) error {
		for range n {
			if _, ok := c.GetIfPresent("key"); !ok {
				return errBroken
			}
		}
		return nil
	}}, nil
}

// netTimeout is net/http's own hard timeout.
func netTimeout(inner http.Handler) http.Handler { return http.TimeoutHandler(inner, deadline, "late") }
