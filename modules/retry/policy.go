package retry

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Backoff says how delays grow from one to the next.
type Backoff string

// The kinds of backoff; n is the number of attempts that failed so far. The
// empty kind inherits. A formula of one's own is Policy.Delay.
const (
	ExponentialBackoff  Backoff = "exponential"  // BaseDelay × Multiplier^(n-1)
	ConstantBackoff     Backoff = "constant"     // BaseDelay
	FibonacciBackoff    Backoff = "fibonacci"    // BaseDelay × 1, 1, 2, 3, 5, 8, …
	DecorrelatedBackoff Backoff = "decorrelated" // random from BaseDelay to three times the delay before
)

// JitterMode says how a delay is spread, so that clients which failed together
// do not come back together. [DecorrelatedBackoff] is random already and is
// not spread again.
type JitterMode string

// The jitter modes. The empty mode inherits.
const (
	RangeJitter JitterMode = "range" // the delay ± JitterRange of itself
	FullJitter  JitterMode = "full"  // anything between zero and the delay: for many clients of one server
	EqualJitter JitterMode = "equal" // anything between half the delay and the delay: never without a pause
	NoJitter    JitterMode = "none"  // the delay itself
)

// Policy says how often a call is repeated, how long to wait in between, and
// after which errors. A field at zero inherits the default of the [Service].
//
//	delay before attempt n+1 = min(backoff(n), MaxDelay), then jitter, never above MaxDelay
type Policy struct {
	MaxAttempts int           // calls in all, the first included: 1 to 10
	BaseDelay   time.Duration // the delay after the first failure
	MaxDelay    time.Duration // no delay is longer, jitter and Retry-After included
	Multiplier  float64       // growth of an exponential backoff: 1 to 1000
	Backoff     Backoff       // how delays grow
	JitterRange float64       // share of the delay for RangeJitter: above 0 and at most 1
	JitterMode  JitterMode    // how delays are spread

	// MaxDuration bounds the operation from the beginning of its first attempt:
	// no attempt begins later, and no wait that would end later. It ends no
	// attempt; a deadline does that. 0 is no bound. The first attempt of a
	// caller of [Service.Again] is not in it.
	MaxDuration time.Duration

	// Delay replaces Backoff by a formula: the delay after n failed attempts, n
	// from 1. A negative one is zero. MaxDelay and jitter apply to it as to any
	// other; JitterMode [NoJitter] leaves it alone.
	Delay func(n int) time.Duration

	// RetryIf tells whether a repetition may help. Nil inherits, in the end
	// [Transient]. It is not asked where an inner layer has given up already.
	RetryIf func(error) bool

	// AbortIf ends the operation at an error that RetryIf would have repeated.
	// It is asked first. Nil is never.
	AbortIf func(error) bool

	// Dependency names the [Budget] that repetitions are taken from: what is
	// being called, not what for. Its number of values must be small. Empty is
	// no budget.
	Dependency string

	// Allow is asked last, when everything else is in favour of a repetition;
	// false gives up with [ReasonBudget]. It stands in for Dependency where the
	// caller counts its first attempts itself:
	//
	//	Allow: func() bool { return budget.Take(requests.Load()) }
	Allow func() bool
}

// maxAttempts bounds Policy.MaxAttempts: more is a load test.
const maxAttempts = 10

// maxMultiplier keeps the delay a number.
const maxMultiplier = 1000

// Validate reports every number of p that is out of bounds, joined. Zero is
// within them: it inherits.
func (p Policy) Validate() error {
	if sound(&p) {
		return nil
	}
	return faults(&p)
}

// sound is Validate without its sentences, cheap enough for every call: the sign
// of several numbers is that of all their bits.
func sound(p *Policy) bool {
	return uint(p.MaxAttempts) <= maxAttempts && p.BaseDelay|p.MaxDelay|p.MaxDuration >= 0 &&
		(p.BaseDelay <= p.MaxDelay || p.MaxDelay == 0) &&
		(p.Multiplier >= 1 && p.Multiplier <= maxMultiplier || p.Multiplier == 0) &&
		p.JitterRange >= 0 && p.JitterRange <= 1 &&
		(p.JitterMode == "" || p.JitterMode.known()) && (p.Backoff == "" || p.Backoff.known())
}

func (m JitterMode) known() bool {
	switch m {
	case "", RangeJitter, FullJitter, EqualJitter, NoJitter:
		return true
	default:
		return false
	}
}

func (b Backoff) known() bool {
	switch b {
	case "", ExponentialBackoff, ConstantBackoff, FibonacciBackoff, DecorrelatedBackoff:
		return true
	default:
		return false
	}
}

func faults(p *Policy) error {
	var errs []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(p.MaxAttempts < 0 || p.MaxAttempts > maxAttempts, "MaxAttempts is %d: it must be between 1 and %d, the first call included", p.MaxAttempts, maxAttempts)
	refuse(p.BaseDelay < 0, "BaseDelay is %s: it must not be negative", p.BaseDelay)
	refuse(p.MaxDelay < 0, "MaxDelay is %s: it must not be negative", p.MaxDelay)
	refuse(p.MaxDelay > 0 && p.BaseDelay > p.MaxDelay, "BaseDelay %s is above MaxDelay %s", p.BaseDelay, p.MaxDelay)
	refuse(!(p.Multiplier == 0 || p.Multiplier >= 1 && p.Multiplier <= maxMultiplier), "Multiplier is %v: it must be between 1 and %d", p.Multiplier, maxMultiplier)
	refuse(!p.Backoff.known(), "Backoff is %q: it must be exponential, constant, fibonacci or decorrelated", p.Backoff)
	refuse(!(p.JitterRange >= 0 && p.JitterRange <= 1), "JitterRange is %v: it must be above 0 and at most 1", p.JitterRange)
	refuse(!p.JitterMode.known(), "JitterMode is %q: it must be range, full, equal or none", p.JitterMode)
	refuse(p.MaxDuration < 0, "MaxDuration is %s: it must not be negative", p.MaxDuration)
	return errors.Join(errs...)
}

// Or returns p with every field at zero taken from base. Delay is taken only
// where p chose no Backoff either.
func (p Policy) Or(base Policy) Policy {
	if p.Delay == nil && p.Backoff == "" {
		p.Delay = base.Delay
	}
	p.MaxAttempts = cmp.Or(p.MaxAttempts, base.MaxAttempts)
	p.BaseDelay = cmp.Or(p.BaseDelay, base.BaseDelay)
	p.MaxDelay = cmp.Or(p.MaxDelay, base.MaxDelay)
	p.Multiplier = cmp.Or(p.Multiplier, base.Multiplier)
	p.Backoff = cmp.Or(p.Backoff, base.Backoff)
	p.JitterRange = cmp.Or(p.JitterRange, base.JitterRange)
	p.JitterMode = cmp.Or(p.JitterMode, base.JitterMode)
	p.MaxDuration = cmp.Or(p.MaxDuration, base.MaxDuration)
	p.Dependency = cmp.Or(p.Dependency, base.Dependency)
	if p.RetryIf == nil {
		p.RetryIf = base.RetryIf
	}
	if p.AbortIf == nil {
		p.AbortIf = base.AbortIf
	}
	if p.Allow == nil {
		p.Allow = base.Allow
	}
	return p
}
