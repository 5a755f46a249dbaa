// Package reliability bundles what keeps a program working while things around
// it fail: circuit breakers, retries, load shedding, fault injection, the
// resilience pipeline and the graceful stop. Package app adds it by itself.
//
// Where the graph holds a *database.Service, its calls are guarded:
//
//	retry (preset retry.Database, budget "database") · breaker "database_<name>" · the function
//
// with either or both, as the mode says, and health gets a check "database".
// Its pool is what starts first and stops last: whatever was appended to the
// lifecycle by a module after this one, or for a module after this one, can
// still write when it stops.
//
// Health gets a check "circuit-breakers" too, which is down while a breaker is
// open and decides readiness only with READINESS_INCLUDE_BREAKERS.
package reliability

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/database"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module provides the services of the bundle, [database.Guard], and the health
// checks of the breakers, and of the database if there is one.
//
// The first part asks for the database, so that its hook is the first of all
// that are appended: fx runs the invokes of the parts of a module in their
// order and before its own, and stop hooks in reverse.
var Module = fx.Module("reliability",
	fx.Module("reliability.database", fx.Invoke(func(opened) {})),
	circuitbreaker.Module, retry.Module, shed.Module, chaos.Module, resilience.Module, shutdown.Module,
	fx.Provide(guard, databaseCheck, breakerCheck),
)

const (
	breakerPrefix = "database_" // of the breakers of the database
	dependency    = "database"  // the budget that all its retries share
)

func guard(breakers *circuitbreaker.Service, retries *retry.Service) database.Guard {
	policy := retry.Database
	policy.Dependency = dependency
	return func(ctx context.Context, mode database.Mode, name string, fn func(context.Context) error) error {
		if mode == database.Retry {
			return retries.Do(ctx, policy, fn)
		}
		breaker := breakers.Get(breakerPrefix + name)
		guarded := func(ctx context.Context) error {
			return breaker.Do(ctx, func(ctx context.Context) error { return contended(fn(ctx)) })
		}
		if mode == database.Breaker {
			return guarded(ctx)
		}
		return retries.Do(ctx, policy, guarded)
	}
}

// busy keeps a lost race between transactions from counting against the
// database, which is well.
type busy struct{ error }

// Excluded is what circuitbreaker.Classify asks.
func (busy) Excluded() bool { return true }

// Unwrap keeps status and kind visible.
func (b busy) Unwrap() error { return b.error }

func contended(err error) error {
	if errors.Is(err, database.ErrBusy) {
		return busy{err}
	}
	return err
}

// opened is the database, where there is one.
type opened struct {
	fx.In

	Database *database.Service `optional:"true"`
}

type checks struct {
	fx.Out

	Checks []health.Check `group:"health.checks,flatten"`
}

func databaseCheck(in opened) checks {
	if in.Database == nil {
		return checks{}
	}
	return checks{Checks: []health.Check{{Name: health.Database, Run: in.Database.Ping}}}
}

// mostNamed is how many open breakers the health check names.
const mostNamed = 10

func breakerCheck(breakers *circuitbreaker.Service) checks {
	return checks{Checks: []health.Check{{
		Name: health.Breakers, Exact: true,
		Run: func(context.Context) error { return anyOpen(breakers.All()) },
	}}}
}

// anyOpen names the breakers that are open.
func anyOpen(breakers []circuitbreaker.Metrics) error {
	var open []string
	for i := range breakers {
		if breakers[i].State == circuitbreaker.Open {
			open = append(open, breakers[i].Name)
		}
	}
	more := ""
	switch n := len(open); {
	case n == 0:
		return nil
	case n > mostNamed:
		open, more = open[:mostNamed], fmt.Sprintf(" and %d more", n-mostNamed)
	}
	return fmt.Errorf("open: %s%s", strings.Join(open, ", "), more)
}
