package autotasktest

import (
	"encoding/json"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

// Option changes the tenant before it is made. What has no function here is set in the configuration:
//
//	sim := autotasktest.New(t, func(cfg *simulator.Config) { cfg.HourlyLimit = 100 })
type Option func(cfg *simulator.Config)

// Strict fails the test at its end for each misuse of the protocol, see simulator.Violation.
func Strict() Option { return func(cfg *simulator.Config) { cfg.Strict = true } }

// Faults begins with a plan of faults. One that is wrong ends the test.
func Faults(p fault.Plan) Option {
	return func(cfg *simulator.Config) {
		text, err := json.Marshal(p)
		if err != nil {
			text = []byte(err.Error()) // which the simulator refuses
		}
		cfg.Faults = string(text)
	}
}

// Zones has these zones instead of 5 alone; the tenant begins in the first. Move moves it.
func Zones(zones ...int) Option { return func(cfg *simulator.Config) { cfg.Zones = zones } }

// Tickets begins with n tickets, and everything else in proportion: fewer are made faster.
func Tickets(n int) Option { return func(cfg *simulator.Config) { cfg.Tickets = n } }

// Seed generates another tenant.
func Seed(seed uint64) Option { return func(cfg *simulator.Config) { cfg.Seed = seed } }
