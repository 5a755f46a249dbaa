package retry

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// JitterMode says how a delay is spread, so that clients which failed together
// do not come back together.
type JitterMode string

// The jitter modes. The empty mode inherits.
const (
	RangeJitter JitterMode = "range" // the delay ± JitterRange of itself
	FullJitter  JitterMode = "full"  // anything between zero and the delay: for many clients of one server
	NoJitter    JitterMode = "none"  // the delay itself
)

// Policy says how often a call is repeated, how long to wait in between, and
// after which errors. A field at zero inherits the default of the [Service].
//
//	delay before attempt n+1 = min(BaseDelay × Multiplier^(n-1), MaxDelay), then jitter, never above MaxDelay
type Policy struct {
	MaxAttempts int           // calls in all, the first included: 1 to 10
	BaseDelay   time.Duration // the delay after the first failure
	MaxDelay    time.Duration // no delay is longer, jitter and Retry-After included
	Multiplier  float64       // growth of the delay from one to the next: at least 1
	JitterRange float64       // share of the delay for RangeJitter: above 0 and at most 1
	JitterMode  JitterMode    // how delays are spread

	// RetryIf tells whether a repetition may help. Nil inherits, in the end
	// [Transient]. It is not asked where an inner layer has given up already.
	RetryIf func(error) bool
}

// maxAttempts bounds Policy.MaxAttempts: more is a load test.
const maxAttempts = 10

// Validate reports every number of p that is out of bounds, joined. Zero is
// within them: it inherits.
func (p Policy) Validate() error {
	if sound(&p) {
		return nil
	}
	return faults(&p)
}

// sound is Validate without its sentences, cheap enough for every call.
func sound(p *Policy) bool {
	return p.MaxAttempts >= 0 && p.MaxAttempts <= maxAttempts &&
		p.BaseDelay >= 0 && p.MaxDelay >= 0 && (p.MaxDelay == 0 || p.BaseDelay <= p.MaxDelay) &&
		(p.Multiplier == 0 || p.Multiplier >= 1) && p.Multiplier <= maxMultiplier &&
		p.JitterRange >= 0 && p.JitterRange <= 1 && p.JitterMode.known()
}

// maxMultiplier keeps the delay a number.
const maxMultiplier = 1000

func (m JitterMode) known() bool {
	switch m {
	case "", RangeJitter, FullJitter, NoJitter:
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
	refuse(!(p.JitterRange >= 0 && p.JitterRange <= 1), "JitterRange is %v: it must be above 0 and at most 1", p.JitterRange)
	refuse(!p.JitterMode.known(), "JitterMode is %q: it must be range, full or none", p.JitterMode)
	return errors.Join(errs...)
}

// Or returns p with every field at zero taken from base.
func (p Policy) Or(base Policy) Policy {
	p.MaxAttempts = cmp.Or(p.MaxAttempts, base.MaxAttempts)
	p.BaseDelay = cmp.Or(p.BaseDelay, base.BaseDelay)
	p.MaxDelay = cmp.Or(p.MaxDelay, base.MaxDelay)
	p.Multiplier = cmp.Or(p.Multiplier, base.Multiplier)
	p.JitterRange = cmp.Or(p.JitterRange, base.JitterRange)
	p.JitterMode = cmp.Or(p.JitterMode, base.JitterMode)
	if p.RetryIf == nil {
		p.RetryIf = base.RetryIf
	}
	return p
}
