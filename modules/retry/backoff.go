package retry

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// delay returns the wait before attempt n+1, jitter included: from 0 to
// MaxDelay. The policy is complete; before is the wait before attempt n.
func (p Policy) delay(n int, before time.Duration) time.Duration {
	raw := p.backoff(n, before)
	switch p.JitterMode {
	case RangeJitter:
		raw *= 1 + p.spread()*(2*chance()-1)
	case FullJitter:
		raw *= 1 - p.spread()*chance()
	case EqualJitter:
		raw *= 1 - p.spread()*chance()
	case NoJitter:
	}
	return p.capped(raw)
}

// capped turns nanoseconds into a duration. It compares first, because the
// float64 of the longest duration is one that a time.Duration cannot hold.
func (p Policy) capped(raw float64) time.Duration {
	if raw >= float64(p.MaxDelay) {
		return p.MaxDelay
	}
	return time.Duration(raw)
}

// spread is the share of a delay by which the jitter mode moves it: to both
// sides for RangeJitter, down for the others.
func (p Policy) spread() float64 {
	switch {
	case p.random(), p.JitterMode == NoJitter:
		return 0
	case p.JitterMode == FullJitter:
		return 1
	case p.JitterMode == EqualJitter:
		return 0.5
	default:
		return p.JitterRange
	}
}

// random reports whether the backoff has its jitter in itself.
func (p Policy) random() bool { return p.Delay == nil && p.Backoff == DecorrelatedBackoff }

// chance is a number from 0 to 1.
func chance() float64 { return rand.Float64() } //nolint:gosec // spreads load, keeps no secret

// backoff is the delay before jitter, in nanoseconds, from 0 to MaxDelay. It
// cannot overflow: an infinite power is capped like any other.
func (p Policy) backoff(n int, before time.Duration) float64 {
	base := float64(p.BaseDelay)
	raw := base
	switch {
	case p.Delay != nil:
		raw = float64(max(0, p.Delay(n)))
	case p.Backoff == ConstantBackoff:
	case p.Backoff == FibonacciBackoff:
		raw *= fibonacci(n)
	case p.Backoff == DecorrelatedBackoff:
		raw += chance() * (growthDecorrelated*max(base, float64(before)) - base)
	default:
		raw *= math.Pow(p.Multiplier, float64(n-1))
	}
	return min(raw, float64(p.MaxDelay))
}

// growthDecorrelated is the most by which a decorrelated delay outgrows the one
// before (AWS Architecture Blog, "Exponential Backoff And Jitter").
const growthDecorrelated = 3

// fibonacci returns 1, 1, 2, 3, 5 for n from 1.
func fibonacci(n int) float64 {
	last, this := 0.0, 1.0
	for range n - 1 {
		last, this = this, last+this
	}
	return this
}

// Shortest returns the shortest wait before the second attempt that the
// complete policy p can choose: what a deadline must at least have room for.
func (p Policy) Shortest() time.Duration {
	raw := float64(min(p.BaseDelay, p.MaxDelay))
	if p.Delay != nil {
		raw = p.backoff(1, 0)
	}
	return p.capped(raw * (1 - p.spread()))
}

// retryAfter returns the wait that err asks for, 0 if it does not.
func retryAfter(err error) time.Duration {
	type asking interface {
		error
		RetryAfter() time.Duration
	}
	if asks, ok := errors.AsType[asking](err); ok {
		return asks.RetryAfter()
	}
	return 0
}
