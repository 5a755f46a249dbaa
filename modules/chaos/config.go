package chaos

import (
	"errors"

	"github.com/holdfast-go/holdfast/config"
)

// The values of Config.Mode.
const (
	Off  = "off"
	On   = "on"
	Auto = "auto" // on outside production
)

// Config says whether anything is injected, and what.
type Config struct {
	// Mode is Off, On or Auto. Empty is Auto.
	Mode string `envconfig:"CHAOS" default:"auto" oneof:"off on auto" desc:"Whether faults are injected by CHAOS_RULES. auto is on outside production; there it must be on."`

	// Rules are written as the documentation of the package says. Empty is none.
	Rules string `envconfig:"CHAOS_RULES" example:"orders.create fault=503 rate=0.1; * latency=200ms rate=5%" desc:"What is injected: route, rate, and latency, fault (a status) or behaviour (hang, panic); rules are separated by semicolons."`

	// Env decides what Auto means. Whatever is neither dev nor test is
	// production.
	Env config.Stage `envconfig:"APP_ENV" default:"prod"`
}

// Validate reports a mode that is none, rules that cannot be read, and rules in
// production without Mode On.
func (c Config) Validate() error {
	var errs []error
	switch c.Mode {
	case "", Off, On, Auto:
	default:
		errs = append(errs, config.Fault{Name: "CHAOS", Value: c.Mode, Problem: "must be off, on or auto", Example: Auto})
	}
	rules, err := ParseRules(c.Rules)
	switch {
	case err != nil:
		errs = append(errs, config.Fault{Name: "CHAOS_RULES", Value: c.Rules, Problem: err.Error(), Example: "orders.create fault=503 rate=0.1"})
	case len(rules) > 0 && c.production() && (c.Mode == Auto || c.Mode == ""):
		errs = append(errs, config.Fault{
			Name: "CHAOS_RULES", Value: c.Rules,
			Problem: "would break things in production: remove it, or set CHAOS=on, or APP_ENV to what this is",
		})
	}
	return errors.Join(errs...)
}

func (c Config) production() bool { return c.Env != config.Dev && c.Env != config.Test }

func (c Config) on() bool { return c.Mode == On || c.Mode != Off && !c.production() }
