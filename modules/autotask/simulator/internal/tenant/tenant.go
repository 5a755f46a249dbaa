package tenant

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/attachment"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
)

// Config says what the tenant is like.
type Config struct {
	Seed           uint64                // of the generated data and of the paging tokens
	Tickets        int                   // how many are generated; everything else is in proportion
	Progress       func(done, total int) // of the generated data; may be nil
	MissingStatus  int                   // answer to a read of a missing id: 200 or 404
	RefuseReadOnly bool                  // a read-only field in a body is refused; otherwise it is ignored
	Hooks          hook.Config
}

// Tenant answers requests. Everything may be called concurrently.
type Tenant struct {
	cfg   Config
	now   func() time.Time
	store *record.Store
	kinds map[string]*kind // by the name of the entity
	desk  *attachment.Desk
	hooks *hook.Hooks
	first *Snapshot

	granting sync.Mutex // held while rights are replaced; readers need no lock
	granted  atomic.Pointer[grants]
}

// New returns a tenant with its data generated. now is the clock of the simulation.
func New(cfg Config, now func() time.Time) *Tenant {
	entities := registry.Entities()
	store := record.New(entities)
	t := &Tenant{
		cfg: cfg, now: now, store: store, kinds: kindsOf(store, entities),
		desk: attachment.New(), hooks: hook.New(cfg.Hooks, store, now),
	}
	t.granted.Store(&grants{})
	seed.Fill(store, seed.Config{Seed: cfg.Seed, Tickets: cfg.Tickets, Progress: cfg.Progress})
	t.first = t.Snapshot()
	return t
}

// Hooks returns the webhooks.
func (t *Tenant) Hooks() *hook.Hooks { return t.hooks }

// Rows returns how many records the tenant has.
func (t *Tenant) Rows() int { return t.store.Rows() }

// Duplicates returns the external ids that several records share.
func (t *Tenant) Duplicates() []record.Duplicate { return t.store.Duplicates() }

// Snapshot is a state of the tenant.
type Snapshot struct {
	data    *record.Snapshot
	granted *grants
}

// Snapshot returns the state of the data and of the rights.
func (t *Tenant) Snapshot() *Snapshot {
	return &Snapshot{data: t.store.Snapshot(), granted: t.granted.Load()}
}

// Restore puts a state back; what webhooks have queued is dropped, and the bytes of attachments are counted anew.
func (t *Tenant) Restore(s *Snapshot) {
	t.granting.Lock()
	defer t.granting.Unlock()
	t.hooks.Reset() // before, so that no attempt that fails now is told to the restored error log; and after
	t.store.Restore(s.data)
	t.granted.Store(s.granted)
	t.desk.Reset()
	t.hooks.Reset()
}

// Reset restores the state after New.
func (t *Tenant) Reset() { t.Restore(t.first) }
