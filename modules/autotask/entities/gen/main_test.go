package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The committed structs are what the table gives today.
func TestCommittedFilesAreGenerated(t *testing.T) {
	t.Parallel()
	for _, name := range names() {
		want, err := source(name)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("..", file(name)))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "run go generate ./modules/autotask/entities")
	}
	_, err := source("Nothing")
	require.Error(t, err)
}

func TestGoName(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"id": "ID", "apiVendorID": "APIVendorID", "rmmAlertID": "RMMAlertID", "problemTicketId": "ProblemTicketID",
		"facebookUrl": "FacebookURL", "title": "Title", "identity": "Identity", "isActive": "IsActive",
	} {
		require.Equal(t, want, goName(field))
	}
}
