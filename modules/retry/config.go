package retry

import (
	"errors"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config holds the defaults that every [Policy] inherits. A number at zero
// takes the default in its tag; UseJitter is literal.
type Config struct {
	// MaxAttempts is the number of calls in all, the first included: 1 to 10.
	MaxAttempts int `envconfig:"RETRY_MAX_ATTEMPTS" default:"3" min:"1" max:"10" desc:"Calls in all, the first included"`
	// BaseDelay is the delay after the first failure.
	BaseDelay time.Duration `envconfig:"RETRY_BASE_DELAY" default:"1000" min:"1" desc:"Delay after the first failure"`
	// MaxDelay caps every delay, jitter included.
	MaxDelay time.Duration `envconfig:"RETRY_MAX_DELAY" default:"30000" min:"1" desc:"Longest delay, jitter included"`
	// Multiplier is the growth from one delay to the next, from 1 to 1000.
	Multiplier float64 `envconfig:"RETRY_BACKOFF_MULTIPLIER" default:"2" min:"1" max:"1000" desc:"Growth from one delay to the next"`
	// UseJitter spreads delays by JitterMode. False is JitterMode none.
	UseJitter bool `envconfig:"RETRY_USE_JITTER" default:"true" desc:"Spread delays, so that clients do not come back together"`
	// JitterRange is the share of a delay by which mode range spreads it.
	JitterRange float64 `envconfig:"RETRY_JITTER_RANGE" default:"0.1" min:"0" max:"1" desc:"Share of a delay by which mode range spreads it"`
	// JitterMode is how delays are spread.
	JitterMode JitterMode `envconfig:"RETRY_JITTER_MODE" default:"range" oneof:"range full none" desc:"range: ± RETRY_JITTER_RANGE; full: from zero to the delay; none"`
}

// DefaultConfig returns the settings that hold when no variable is set.
func DefaultConfig() Config {
	return Config{
		MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 30 * time.Second, Multiplier: 2,
		UseJitter: true, JitterRange: 0.1, JitterMode: RangeJitter,
	}
}

// Validate reports every setting that is out of bounds, joined.
func (c Config) Validate() error {
	p := c.policy()
	if p.MaxDelay > 0 && p.BaseDelay > p.MaxDelay {
		p.BaseDelay = p.MaxDelay // said better below
	}
	var beyond error
	if c.BaseDelay > c.MaxDelay && c.MaxDelay > 0 {
		beyond = config.Fault{
			Name: "RETRY_BASE_DELAY", Value: c.BaseDelay.String(),
			Problem: "must not be above RETRY_MAX_DELAY, which is " + c.MaxDelay.String(), Example: "1000",
		}
	}
	return errors.Join(p.Validate(), beyond)
}

// policy returns the settings as a Policy, which may hold zeros.
func (c Config) policy() Policy {
	p := Policy{
		MaxAttempts: c.MaxAttempts, BaseDelay: c.BaseDelay, MaxDelay: c.MaxDelay,
		Multiplier: c.Multiplier, JitterRange: c.JitterRange, JitterMode: c.JitterMode,
	}
	if !c.UseJitter || c.JitterRange == 0 && c.JitterMode == RangeJitter {
		p.JitterMode = NoJitter
	}
	return p
}
