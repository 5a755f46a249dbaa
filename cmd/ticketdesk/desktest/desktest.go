// Package desktest builds the modules of ticketdesk in process, on a simulated Autotask, for the tests of these modules. No
// port is opened, and it works in a testing/synctest bubble.
package desktest

import (
	"testing"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
)

// Key is an API key of the applications that New makes.
const Key = "key-of-the-tests"

// Reset is how long a breaker of these applications stays open. Three failures open it.
const Reset = 5 * time.Minute

// New starts modules whose Autotask is sim, and stops them when the test ends.
func New(tb testing.TB, sim *autotasktest.Sim, opts ...fx.Option) *apptest.App {
	tb.Helper()
	return apptest.New(tb, append([]fx.Option{
		sim.Option(),
		apptest.Env(map[string]string{
			"TICKETDESK_API_KEYS":            Key,
			"CIRCUIT_BREAKER_MIN_THROUGHPUT": "3",
			"CIRCUIT_BREAKER_RESET_TIMEOUT":  Reset.String(),
		}),
	}, opts...)...)
}

// Calls is how many requests sim has answered for an entity, in whatever way.
func Calls(sim *autotasktest.Sim, entity string) (n int64) {
	for _, c := range sim.Stats().ByCall {
		if c.Entity == entity {
			n += c.Count
		}
	}
	return n
}
