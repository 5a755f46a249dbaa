package seed

import "github.com/holdfast-go/holdfast/modules/autotask/registry"

// withTickets are the entities whose first records come with the first ticket.
func withTickets() []string {
	return []string{"ServiceCallTickets", "Tickets", "TicketCharges", "TicketNotes", "TimeEntries"}
}

// rest makes one record in each table that some field of the registry refers to and that is empty so far. Webhooks are
// left out: a tenant may have so many and no more, and those are the client's.
func (s *seeder) rest() {
	seen := map[string]bool{}
	for _, name := range withTickets() {
		seen[name] = true
	}
	for _, e := range registry.Entities() {
		seen[e.Webhook] = true
	}
	for _, e := range registry.Entities() {
		for _, f := range e.Fields {
			s.ensure(f.References, seen)
		}
	}
}

// ensure makes a record of an entity that has none, and of those first that such a record must refer to.
func (s *seeder) ensure(entity string, seen map[string]bool) {
	e, ok := registry.Find(entity)
	if !ok || seen[entity] {
		return
	}
	seen[entity] = true
	for _, f := range e.Fields {
		if f.Required {
			s.ensure(f.References, seen)
		}
	}
	if s.first(entity) == nil {
		s.example(e)
	}
}

// first is the id of an entity's first record, nil where there is none.
func (s *seeder) first(entity string) any {
	if t := s.row(entity).table; t != nil {
		for r := range s.tx.Rows(t, nil) {
			return r.ID
		}
	}
	return nil
}

// example makes a record with the required fields and those that Autotask keeps. One of an entity whose fields are not
// known has a name at least.
func (s *seeder) example(e registry.Entity) {
	r := s.row(e.Name)
	for _, f := range e.Fields {
		switch {
		case f.Required:
			r.set(f.Name, s.exampleValue(e, f))
		case f.Type == registry.Boolean:
			r.set(f.Name, false)
		case f.Name == e.Marks.Created, f.Name == e.Marks.Changed:
			r.set(f.Name, historyStart)
		case f.Name == e.Marks.Creator:
			r.set(f.Name, APIResource)
		}
	}
	r.offer("name", e.Singular+" 1").insert()
}

func (s *seeder) exampleValue(e registry.Entity, f registry.Field) any {
	switch {
	case f.References != "":
		return s.first(f.References)
	case len(f.Picks) > 0 && f.Type == registry.String:
		return f.Picks[0].Value
	case len(f.Picks) > 0:
		return number(f.Picks[0])
	}
	switch f.Type {
	case registry.Int32, registry.Int64:
		return int64(1)
	case registry.Double:
		return 1.0
	case registry.Boolean:
		return true
	case registry.DateTime:
		return historyStart
	default:
		return e.Singular + " 1"
	}
}
