package simulator

import (
	"context"
	"fmt"
	"sync"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

// Access is how much of an entity one may do: [AccessNone], [AccessAll] or [AccessRestricted].
type Access = tenant.Access

// The accesses, as entityInformation tells them: 0, 1 and 2.
const (
	AccessNone       = tenant.None       // AccessNone is nothing.
	AccessAll        = tenant.All        // AccessAll is everything.
	AccessRestricted = tenant.Restricted // AccessRestricted is only what belongs to oneself.
)

// Rights are the accesses of one user to one entity: Create, Delete, Query, Update.
type Rights = tenant.Rights

// Snapshot is a state of the data and the rights of a tenant. It shares all rows with them, and so is cheap until the
// data differ: then it holds what it has of its own.
type Snapshot struct {
	of    *Simulator
	state *tenant.Snapshot
}

// Delivery is one attempt to deliver an event to a webhook.
type Delivery = hook.Delivery

// Disturbance makes deliveries of webhooks misbehave: Duplicate and Swap are shares of all events, 0 to 1.
type Disturbance = hook.Disturbance

// Notice is a mail that Autotask sends when a tenant is suspended.
type Notice = limit.Notice

// SetRights changes what a resource may do with an entity, which is named as in a path: Tickets. Resource 0 is the
// API user. The error names the entity or the resource that does not exist.
func (s *Simulator) SetRights(resource int64, entity string, r Rights) error {
	if err := s.tenant.SetRights(resource, entity, r); err != nil {
		return fmt.Errorf("autotask simulator: set rights: %w", err)
	}
	return nil
}

// Snapshot returns the state of the data and the rights now.
func (s *Simulator) Snapshot() *Snapshot {
	snap := &Snapshot{of: s}
	s.eras.touch(func() { snap.state = s.tenant.Snapshot() })
	return snap
}

// Restore puts data and rights back. Clock, counters and recorded requests go on; what webhooks have queued is dropped,
// and a request that waits finds its connection broken rather than write into the restored data. A snapshot may be
// restored as often as you like; nil, and that of another simulator, change nothing.
func (s *Simulator) Restore(snap *Snapshot) {
	if snap != nil && snap.of == s {
		s.eras.restore(func() { s.tenant.Restore(snap.state) })
	}
}

// SetFaults begins a plan from its first request. The zero plan ends all faults. The error names every fault of the
// plan.
func (s *Simulator) SetFaults(p fault.Plan) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("autotask simulator: set faults: %w", err)
	}
	s.injector.Set(p)
	return nil
}

// Faults returns the plan and how many requests each of its rules has hit.
func (s *Simulator) Faults() (p fault.Plan, hit []int) {
	p, _ = s.injector.Plan()
	return p, s.injector.Hits()
}

// AddExternal counts n requests of other integrations of the tenant, at most 1,000,000,000, into the rolling window,
// now.
func (s *Simulator) AddExternal(n int) {
	if n > 0 {
		s.eras.touch(func() { s.gate.AddForeign(s.Now(), min(n, maxExternal)) })
	}
}

// SetForeignRate sets how many requests per hour other integrations make from now on, evenly spread: 0 to
// 1,000,000,000.
func (s *Simulator) SetForeignRate(perHour int) {
	perHour = min(max(perHour, 0), maxExternal)
	s.eras.touch(func() {
		s.orders.set(func(o *ordered) { o.foreign = perHour })
		s.gate.SetForeignRate(s.Now(), perHour)
	})
}

// Notices returns the last 100 mails about suspensions, oldest first.
func (s *Simulator) Notices() []Notice { return s.gate.Notices() }

// Deliveries returns the last 1,000 attempts to deliver webhooks, oldest first.
func (s *Simulator) Deliveries() []Delivery { return s.tenant.Hooks().Deliveries() }

// WaitWebhooks returns when no delivery is queued any more, or with the error of ctx. Retries wait for their time:
// move the clock to have them now.
func (s *Simulator) WaitWebhooks(ctx context.Context) error { return s.tenant.Hooks().Wait(ctx) }

// DisturbWebhooks sets how deliveries misbehave from now on; the zero Disturbance is not at all. Shares below 0 count
// as 0, above 1 as 1.
func (s *Simulator) DisturbWebhooks(d Disturbance) {
	d.Duplicate, d.Swap = share(d.Duplicate), share(d.Swap)
	s.orders.set(func(o *ordered) { o.disturbance = d })
	s.tenant.Hooks().Disturb(d)
}

// share is f from 0 to 1; what is no number is 0.
func share(f float64) float64 {
	if f > 0 {
		return min(f, 1)
	}
	return 0
}

// orders remembers what was set and is told nowhere else.
type orders struct {
	mu  sync.Mutex
	now ordered
}

type ordered struct {
	foreign     int // requests of others per hour
	disturbance Disturbance
	snapshots   map[string]*Snapshot // by the name that the control API was given
}

func (o *orders) reset(cfg Config) {
	o.set(func(now *ordered) { *now = ordered{foreign: cfg.ForeignPerHour, snapshots: map[string]*Snapshot{}} })
}

func (o *orders) set(change func(now *ordered)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(&o.now)
}
