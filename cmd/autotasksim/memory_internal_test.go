package main

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLimitMemory(t *testing.T) { //nolint:paralleltest // the limit is that of the process
	before := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	limitMemory()
	require.Equal(t, int64(1792<<20), debug.SetMemoryLimit(-1))
	debug.SetMemoryLimit(5 << 30)
	limitMemory()
	require.Equal(t, int64(5<<30), debug.SetMemoryLimit(-1), "GOMEMLIMIT wins")
}
