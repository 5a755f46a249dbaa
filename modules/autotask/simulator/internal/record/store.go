package record

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// Store holds the tables of all entities. Everything may be called concurrently.
type Store struct {
	tables map[string]*Table // constant
	mu     sync.RWMutex      // guards what is in the tables
}

// New returns a store with an empty table for each entity.
func New(entities []registry.Entity) *Store {
	s := &Store{tables: make(map[string]*Table, len(entities))}
	for _, e := range entities {
		s.tables[e.Name] = newTable(e)
	}
	return s
}

// Table returns the table of the entity of that exact name. It takes no lock.
func (s *Store) Table(name string) (*Table, bool) {
	t, ok := s.tables[name]
	return t, ok
}

// View runs fn, which reads only. Many may run at once. Neither View nor Update may be called within fn.
func (s *Store) View(fn func(tx *Tx)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	fn(&Tx{s})
}

// Update runs fn, which may write, alone. Neither View nor Update may be called within fn.
func (s *Store) Update(fn func(tx *Tx)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(&Tx{s})
}

// Rows returns how many rows all tables hold.
func (s *Store) Rows() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, t := range s.tables {
		n += t.rows.size
	}
	return n
}

// Duplicate is an external id (the registry's Marks.ExternalID) that several records of an entity carry.
type Duplicate struct {
	Entity     string
	ExternalID string // as the first record spells it; letters of any case are alike
	Records    int
}

// Duplicates returns the external ids that several records share, sorted.
func (s *Store) Duplicates() []Duplicate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := []Duplicate{}
	for _, t := range s.tables {
		if ord, ok := t.Ordinal(t.entity.Marks.ExternalID); ok {
			found = append(found, t.duplicates(ord)...)
		}
	}
	slices.SortFunc(found, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.ExternalID, b.ExternalID))
	})
	return found
}

// duplicates looks closer where the index has several records under one hash.
func (t *Table) duplicates(ord int) []Duplicate {
	x := t.index(ord)
	if x == nil {
		return nil
	}
	var found []Duplicate
	var alike []int64
	var key int64
	for e := range x.entries.from(position{}) {
		if e.key != key {
			found = append(found, t.spelt(ord, alike)...)
			alike = alike[:0]
		}
		alike, key = append(alike, e.id), e.key
	}
	return append(found, t.spelt(ord, alike)...)
}

// spelt returns the texts that several of these records have in a column.
func (t *Table) spelt(ord int, ids []int64) []Duplicate {
	if len(ids) < 2 {
		return nil
	}
	records, spelling := map[string]int{}, map[string]string{}
	for _, id := range ids {
		r, _ := t.find(id)
		s := r.value(ord).text
		if records[strings.ToLower(s)]++; records[strings.ToLower(s)] == 1 {
			spelling[strings.ToLower(s)] = s
		}
	}
	var found []Duplicate
	for folded, n := range records {
		if n > 1 && folded != "" {
			found = append(found, Duplicate{t.entity.Name, spelling[folded], n})
		}
	}
	return found
}
