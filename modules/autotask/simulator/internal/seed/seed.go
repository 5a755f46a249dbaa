package seed

import "github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"

// APIResource is the id of the resource that the API user is.
const APIResource = int64(29682885)

// Config says what is generated.
type Config struct {
	Seed     uint64                // the same seed gives the same tenant
	Tickets  int                   // how many, at least 1; everything else is in proportion
	Progress func(done, total int) // told now and then how many rows are made, at last (total, total); may be nil
}

// Fill generates the tenant into an empty store. It may be read meanwhile.
func Fill(store *record.Store, cfg Config) {
	cfg.Tickets = max(cfg.Tickets, 1)
	s := newSeeder(store, cfg)
	s.update(func() {
		s.lists()
		s.people()
		s.catalogue()
		s.userDefined()
		s.company(ownCompany)
		s.rest()
	})
	n := companies(cfg.Tickets)
	s.total = s.done + s.shapes(n, cfg.Tickets)
	s.batches(n, func(i int) { s.company(i + 1) })
	s.batches(cfg.Tickets, s.ticket)
	if cfg.Progress != nil {
		cfg.Progress(s.done, s.total)
	}
}

// companies is how many customers a tenant with so many tickets has.
func companies(tickets int) int { return min(max(tickets/30, 10), 20_000) }
