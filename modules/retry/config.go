package retry

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config holds the defaults that every [Policy] inherits, and the settings of
// all budgets. A number at zero takes the default in its tag; UseJitter is
// literal, and so are the numbers of the budget where Budget says on.
type Config struct {
	// MaxAttempts is the number of calls in all, the first included: 1 to 10.
	MaxAttempts int `envconfig:"RETRY_MAX_ATTEMPTS" default:"3" min:"1" max:"10" desc:"Calls in all, the first included"`
	// BaseDelay is the delay after the first failure.
	BaseDelay time.Duration `envconfig:"RETRY_BASE_DELAY" default:"1000" min:"1" desc:"Delay after the first failure"`
	// MaxDelay caps every delay, jitter included.
	MaxDelay time.Duration `envconfig:"RETRY_MAX_DELAY" default:"30000" min:"1" desc:"Longest delay, jitter included"`
	// Multiplier is the growth from one delay to the next, from 1 to 1000.
	Multiplier float64 `envconfig:"RETRY_BACKOFF_MULTIPLIER" default:"2" min:"1" max:"1000" desc:"Growth from one delay to the next"`
	// Backoff is how delays grow.
	Backoff Backoff `envconfig:"RETRY_BACKOFF" default:"exponential" oneof:"exponential constant fibonacci decorrelated" desc:"How delays grow; decorrelated is random from the base delay to three times the delay before"`
	// UseJitter spreads delays by JitterMode. False is JitterMode none.
	UseJitter bool `envconfig:"RETRY_USE_JITTER" default:"true" desc:"Spread delays, so that clients do not come back together"`
	// JitterRange is the share of a delay by which mode range spreads it.
	JitterRange float64 `envconfig:"RETRY_JITTER_RANGE" default:"0.1" min:"0" max:"1" desc:"Share of a delay by which mode range spreads it"`
	// JitterMode is how delays are spread.
	JitterMode JitterMode `envconfig:"RETRY_JITTER_MODE" default:"range" oneof:"range full equal none" desc:"range: ± RETRY_JITTER_RANGE; full: from zero to the delay; equal: from half the delay to the delay; none"`
	// Budget switches budgets "on" or "off". Empty is on, with the defaults of
	// the numbers below where they are zero.
	Budget string `envconfig:"RETRY_BUDGET" default:"on" oneof:"on off" desc:"Bound the repetitions per dependency"`
	// BudgetRatio is how many repetitions a first attempt earns.
	BudgetRatio config.Ratio `envconfig:"RETRY_BUDGET_RATIO" default:"0.2" desc:"Repetitions that a first attempt earns; 0 with RETRY_BUDGET_MIN_PER_SEC=0 is no repetitions at all"`
	// BudgetMinPerSec is how many repetitions a second are allowed to a
	// dependency that is hardly called. They can be spent at once, those of one
	// BudgetTTL together.
	BudgetMinPerSec float64 `envconfig:"RETRY_BUDGET_MIN_PER_SEC" default:"3" min:"0" max:"10000" desc:"Repetitions per second and dependency that need not be earned"`
	// BudgetTTL is how long what was earned, and what was spent, counts: 1 s to 1 h.
	BudgetTTL time.Duration `envconfig:"RETRY_BUDGET_TTL" default:"10000" min:"1000" max:"1h" desc:"How long an earned repetition can be used"`
}

// DefaultConfig returns the settings that hold when no variable is set.
func DefaultConfig() Config {
	return Config{
		MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 30 * time.Second, Multiplier: 2, Backoff: ExponentialBackoff,
		UseJitter: true, JitterRange: 0.1, JitterMode: RangeJitter,
		Budget: "on", BudgetRatio: 0.2, BudgetMinPerSec: 3, BudgetTTL: 10 * time.Second,
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
	return errors.Join(p.Validate(), beyond, c.budgetFaults())
}

// budgetFaults is for settings that do not come from the environment, where the
// tags have been looked at already.
func (c Config) budgetFaults() error {
	var errs []error
	if c.Budget != "" && c.Budget != "on" && c.Budget != "off" {
		errs = append(errs, fmt.Errorf("Budget is %q: it must be on or off", c.Budget))
	}
	if !(c.BudgetRatio >= 0 && c.BudgetRatio <= 1) {
		errs = append(errs, fmt.Errorf("BudgetRatio is %v: it must be between 0 and 1", float64(c.BudgetRatio)))
	}
	if !(c.BudgetMinPerSec >= 0 && c.BudgetMinPerSec <= 10_000) {
		errs = append(errs, fmt.Errorf("BudgetMinPerSec is %v: it must be between 0 and 10000", c.BudgetMinPerSec))
	}
	if c.BudgetTTL != 0 && (c.BudgetTTL < time.Second || c.BudgetTTL > time.Hour) {
		errs = append(errs, fmt.Errorf("BudgetTTL is %s: it must be between 1s and 1h", c.BudgetTTL))
	}
	return errors.Join(errs...)
}

// policy returns the settings as a Policy, which may hold zeros.
func (c Config) policy() Policy {
	p := Policy{
		MaxAttempts: c.MaxAttempts, BaseDelay: c.BaseDelay, MaxDelay: c.MaxDelay,
		Multiplier: c.Multiplier, Backoff: c.Backoff, JitterRange: c.JitterRange, JitterMode: c.JitterMode,
	}
	if !c.UseJitter || c.JitterRange == 0 && c.JitterMode == RangeJitter {
		p.JitterMode = NoJitter
	}
	return p
}

// limits returns the settings of the budgets, defaults filled in.
func (c Config) limits() budgetLimits {
	standard := DefaultConfig()
	if c.Budget == "" {
		c.BudgetRatio = cmp.Or(c.BudgetRatio, standard.BudgetRatio)
		c.BudgetMinPerSec = cmp.Or(c.BudgetMinPerSec, standard.BudgetMinPerSec)
	}
	c.BudgetTTL = cmp.Or(c.BudgetTTL, standard.BudgetTTL)
	return budgetLimits{
		off: c.Budget == "off", ratio: float64(c.BudgetRatio),
		reserve: c.BudgetMinPerSec * c.BudgetTTL.Seconds(), ttl: c.BudgetTTL,
	}
}
