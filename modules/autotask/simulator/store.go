package simulator

import (
	"slices"
	"strings"
	"sync"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// store is the data of the tenant.
type store struct {
	mu     sync.RWMutex
	tables map[string]*table // by the entity's name
}

func newStore(cfg Config) *store {
	s := &store{}
	s.reset(cfg)
	return s
}

// reset generates the data anew.
func (s *store) reset(cfg Config) {
	tables := map[string]*table{}
	for _, e := range registry.All() {
		tables[e.Name] = newTable(e)
	}
	seedTables(tables, cfg)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables = tables
}

// table returns the table of a root name, in any case of letters. The rows inside may be read under the lock only.
func (s *store) table(name string) (*table, bool) {
	e, ok := registry.Lookup(name)
	if !ok {
		return nil, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tables[e.Name], true
}

func (s *store) find(t *table, id int64) *row {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return t.find(id)
}

// page returns at most n rows above cursor that q admits, and whether more follow.
func (s *store) page(t *table, q *filter, cursor int64, n int) (rows []*row, more bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for r := range t.after(t.plan(q), cursor) {
		if !q.match(r) {
			continue
		}
		if len(rows) == n {
			return rows, true
		}
		rows = append(rows, r)
	}
	return rows, false
}

func (s *store) count(t *table, q *filter) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var n int64
	for r := range t.after(t.plan(q), beforeAll) {
		if q.match(r) {
			n++
		}
	}
	return n
}

// exists reports whether there is a record with that id; entities that are not simulated have every id.
func (s *store) exists(entity string, id int64) bool {
	t, ok := s.tables[entity]
	return !ok || t.find(id) != nil
}

// duplicates returns the external ids that several records of one entity share.
func (s *store) duplicates() []Duplicate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := []Duplicate{}
	for name, t := range s.tables {
		ord, ok := t.ord("externalID")
		if !ok {
			continue
		}
		for v, ids := range t.index[ord] {
			if id, _ := v.(string); len(ids) > 1 && id != "" {
				found = append(found, Duplicate{name, id, len(ids)})
			}
		}
	}
	slices.SortFunc(found, func(a, b Duplicate) int {
		return strings.Compare(a.Entity+"/"+a.ExternalID, b.Entity+"/"+b.ExternalID)
	})
	return found
}
