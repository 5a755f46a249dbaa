package seed_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
)

// fill returns a store that a tenant was generated into.
func fill(cfg seed.Config) *record.Store {
	store := record.New(registry.Entities())
	seed.Fill(store, cfg)
	return store
}

// tables calls fn for each table of the store, in the order of their names.
func tables(store *record.Store, fn func(tx *record.Tx, t *record.Table)) {
	store.View(func(tx *record.Tx) {
		for _, e := range registry.Entities() {
			if t, ok := store.Table(e.Name); ok {
				fn(tx, t)
			}
		}
	})
}

// rows are all rows of an entity.
func rows(t *testing.T, store *record.Store, entity string) []record.Row {
	t.Helper()
	table := tableOf(t, store, entity)
	var all []record.Row
	store.View(func(tx *record.Tx) {
		for r := range tx.Rows(table, nil) {
			all = append(all, r)
		}
	})
	return all
}

func tableOf(t *testing.T, store *record.Store, entity string) *record.Table {
	t.Helper()
	table, ok := store.Table(entity)
	require.True(t, ok, entity)
	return table
}

// column is the ordinal of a field.
func column(t *testing.T, store *record.Store, entity, field string) int {
	t.Helper()
	ord, ok := tableOf(t, store, entity).Ordinal(field)
	require.True(t, ok, "%s.%s", entity, field)
	return ord
}
