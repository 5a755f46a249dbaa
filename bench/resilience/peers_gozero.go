package main

import (
	"net/http"

	"github.com/zeromicro/go-zero/core/breaker"
	"github.com/zeromicro/go-zero/core/fx"
	"github.com/zeromicro/go-zero/core/load"
	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/core/stat"
	"github.com/zeromicro/go-zero/rest/handler"
)

// silence stops go-zero from writing to the standard output what it thinks of the machine.
func silence() {
	logx.Disable()
	stat.DisableLog()
	load.DisableLog()
}

func goZeroBreaker() subject {
	b, fn := breaker.NewBreaker(breaker.WithName("bench")), func() error { return nil }
	return subject{name: "go-zero (client throttling)", loop: func(n int) error {
		for range n {
			if err := b.Do(fn); err != nil {
				return err
			}
		}
		return nil
	}}
}

func goZeroComposed() subject {
	b, fn := breaker.NewBreaker(breaker.WithName("bench")), func() error { return nil }
	within := func() error { return fx.DoWithTimeout(fn, deadline) }
	once := func() error { return b.Do(within) }
	return subject{name: "go-zero breaker + fx.Retry + fx.Timeout", loop: func(n int) error {
		for range n {
			if err := fx.DoWithRetry(once); err != nil {
				return err
			}
		}
		return nil
	}}
}

// goZeroHandler is go-zero's breaker, shedding and timeout around a handler, in the order of its own server.
func goZeroHandler(inner http.Handler) http.Handler {
	const never = 1 << 20 // thousandths of the CPU: a busy machine must not make it refuse
	metrics := stat.NewMetrics("bench")
	h := handler.TimeoutHandler(deadline)(inner)
	h = handler.SheddingHandler(load.NewAdaptiveShedder(load.WithCpuThreshold(never)), metrics)(h)
	return handler.BreakerHandler(http.MethodGet, "/orders/7", metrics)(h)
}

// goZeroTimeout is the timeout alone.
func goZeroTimeout(inner http.Handler) http.Handler { return handler.TimeoutHandler(deadline)(inner) }
