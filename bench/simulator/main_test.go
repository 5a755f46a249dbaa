package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The program does its work, if not for long enough to tell anything.
func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, "40", 2, 200*time.Millisecond))
	for _, want := range []string{"| read by id ", "| query, indexed (companyID) ", "| page of 500 (status) ", "| create ", " MB |"} {
		require.Contains(t, out.String(), want)
	}
}
