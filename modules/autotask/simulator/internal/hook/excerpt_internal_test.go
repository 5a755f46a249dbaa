package hook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A part of a text that is not a copy keeps all of it in memory.
func TestExcerptIsACopy(t *testing.T) { // AllocsPerRun panics in a parallel test
	body := strings.Repeat("a", 100)
	for name, tc := range map[string]struct {
		size   int
		copies float64
	}{
		"a part": {10, 1},
		"all":    {100, 0},
	} {
		got := ""
		require.InDelta(t, tc.copies, testing.AllocsPerRun(100, func() { got = excerpt(body, tc.size) }), 0, name)
		require.Equal(t, body[:tc.size], got, name)
	}
}
