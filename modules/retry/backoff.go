package retry

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// delay returns the wait before attempt n+1, jitter included: from 0 to
// MaxDelay. The policy is complete.
func (p Policy) delay(n int) time.Duration {
	raw := p.backoff(n)
	switch p.JitterMode {
	case RangeJitter:
		raw *= 1 + p.JitterRange*(2*rand.Float64()-1) //nolint:gosec // spreads load, keeps no secret
	case FullJitter:
		raw *= rand.Float64() //nolint:gosec // see above
	case NoJitter:
	}
	return time.Duration(min(raw, float64(p.MaxDelay)))
}

// backoff is the delay before jitter, in nanoseconds. It cannot overflow: an
// infinite power is capped like any other.
func (p Policy) backoff(n int) float64 {
	return min(float64(p.BaseDelay)*math.Pow(p.Multiplier, float64(n-1)), float64(p.MaxDelay))
}

// Shortest returns the shortest wait before the second attempt that the
// complete policy p can choose: what a deadline must at least have room for.
func (p Policy) Shortest() time.Duration {
	raw := p.backoff(1)
	switch p.JitterMode {
	case RangeJitter:
		raw *= 1 - p.JitterRange
	case FullJitter:
		raw = 0
	case NoJitter:
	}
	return time.Duration(raw)
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
