package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRingKeepsTheLast(t *testing.T) {
	t.Parallel()
	r := newRing[int](3)
	require.Equal(t, []int{}, r.list(), "never null")
	for i := range 5 {
		r.add(i)
	}
	require.Equal(t, []int{2, 3, 4}, r.list())
}

func TestRecentForgets(t *testing.T) {
	t.Parallel()
	r := newRecent(2)
	require.False(t, r.add(1))
	require.True(t, r.add(1))
	require.False(t, r.add(2))
	require.False(t, r.add(3), "and 1 is forgotten")
	require.True(t, r.add(2))
	require.False(t, r.add(1))
	require.Len(t, r.known, 2)
	r.reset()
	require.False(t, r.add(3))
}
