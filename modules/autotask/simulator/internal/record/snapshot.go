package record

import (
	"maps"
	"slices"
)

// Snapshot is the state of a store: rows, learnt and user-defined columns, last ids, serials, indexes. It shares the
// rows, which never change, and so is cheap: a write copies the block of rows that it touches.
type Snapshot struct{ tables map[string]*state }

// state is what a snapshot keeps of a table.
type state struct {
	layout  *layout
	rows    sorted[Row]
	last    int64
	serials map[string]int
	indexes []*index
}

// Snapshot returns the state now.
func (s *Store) Snapshot() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := &Snapshot{tables: make(map[string]*state, len(s.tables))}
	for name, t := range s.tables {
		snap.tables[name] = &state{
			layout: t.layout.Load(), rows: t.rows.share(), last: t.last, serials: maps.Clone(t.serials),
			indexes: share(*t.indexes.Load()),
		}
	}
	return snap
}

// Restore puts the state back. A snapshot may be restored as often as you like, but to the store that it is of.
func (s *Store) Restore(snap *Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, old := range snap.tables {
		t, ok := s.tables[name]
		if !ok {
			continue
		}
		t.layout.Store(old.layout)
		t.rows, t.last, t.serials = old.rows.share(), old.last, maps.Clone(old.serials)
		indexes := share(old.indexes)
		t.indexes.Store(&indexes)
	}
}

func share(indexes []*index) []*index {
	shared := slices.Clone(indexes)
	for i, x := range shared {
		if x != nil {
			shared[i] = x.share()
		}
	}
	return shared
}
