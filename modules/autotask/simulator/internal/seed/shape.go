package seed

// ownCompany is the index of the tenant's own company; the customers' are above it.
const ownCompany = 0

// shape says what a company or a ticket has. It follows from the seed and an index, so that rows can be counted in
// advance.
type shape uint64

func (s *seeder) companyShape(i int) shape { return mix(s.cfg.Seed, uint64(i)<<1) }   //nolint:gosec // an index
func (s *seeder) ticketShape(i int) shape  { return mix(s.cfg.Seed, uint64(i)<<1|1) } //nolint:gosec // an index

// mix is the function that splitmix64 ends with.
func mix(seed, i uint64) shape {
	z := seed + (i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return shape(z ^ z>>31)
}

// part is a number below n, from another byte of the shape for each k.
func (h shape) part(k, n int) int { return int(h>>(8*k)&0xff) % n }

// holdings are how many records of each kind a company has.
type holdings struct {
	locations, contacts, items                         int
	contract, project, opportunity, quote, notes, bill bool
}

// holdings returns what the company with that index has: the first has everything.
func (s *seeder) holdings(i int) holdings {
	h := s.companyShape(i)
	own := i == ownCompany
	return holdings{
		locations:   1 + h.part(0, 5)/4,
		contacts:    1 + h.part(1, 5),
		items:       1 + h.part(2, 4),
		contract:    own || h.part(3, 2) == 0,
		project:     own || h.part(4, 8) == 0,
		opportunity: own || h.part(5, 4) == 0,
		quote:       own || h.part(5, 8) == 0, // of every second opportunity
		notes:       own || h.part(6, 4) == 0,
		bill:        own || h.part(7, 4) == 0,
	}
}

// rows is how many records these are, with the company itself.
func (h holdings) rows() int {
	n := 1 + h.locations + h.contacts + h.items
	for _, part := range []struct {
		has  bool
		rows int
	}{
		{h.contract, contractRows},
		{h.project, projectRows},
		{h.opportunity, 1},
		{h.quote, quoteRows},
		{h.notes, companyNoteRows},
		{h.bill, invoiceRows},
	} {
		if part.has {
			n += part.rows
		}
	}
	return n
}

// work is how many records of each kind a ticket has.
type work struct {
	notes, entries                    int
	charge, checklist, helper, onSite bool
	first                             bool // one of the first few, which have a file and are measured by an agreement
}

// work returns what the ticket with that index has: the first has everything.
func (s *seeder) work(i int) work {
	h := s.ticketShape(i)
	if i == 0 {
		return work{2, 1, true, true, true, true, true}
	}
	return work{
		notes: h.part(0, 3), entries: h.part(1, 2), charge: h.part(2, 100) == 0, checklist: h.part(3, 100) == 0,
		helper: h.part(4, 100) == 0, onSite: h.part(5, 100) == 0,
		first: i < measured,
	}
}

// rows is how many records these are, with the ticket itself.
func (w work) rows() int {
	n := 1 + w.notes + w.entries
	if w.charge {
		n++
	}
	if w.checklist {
		n += len(checklist())
	}
	if w.helper {
		n++
	}
	if w.onSite {
		n += serviceCallRows
	}
	if w.first {
		n += measuredRows
	}
	return n
}

// shapes is how many rows so many customers and tickets are, with all that is theirs.
func (s *seeder) shapes(customers, tickets int) int {
	n := 0
	for i := range customers {
		n += s.holdings(i + 1).rows()
	}
	for i := range tickets {
		n += s.work(i).rows()
	}
	return n
}
