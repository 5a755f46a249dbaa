package notes_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/notes"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	var store *notes.Notes
	apptest.New(t, notes.Module, fx.Populate(&store)) // SQLite in memory, migrated

	first, err := store.Replace(t.Context(), 0, "buy nails")
	require.NoError(t, err)
	second, err := store.Replace(t.Context(), first.ID, "buy screws")
	require.NoError(t, err)

	_, err = store.Get(t.Context(), first.ID)
	missing := new(app.Error)
	require.ErrorAs(t, err, &missing)
	require.Equal(t, 404, missing.StatusCode())

	_, err = store.Replace(t.Context(), 0, "buy screws")
	require.ErrorIs(t, err, gorm.ErrDuplicatedKey)
	got, err := store.Get(t.Context(), second.ID)
	require.NoError(t, err)
	require.Equal(t, "buy screws", got.Text)
}
