package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestClip(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		s    string
		most int
		want string
	}{
		"shorter":         {"abc", 4, "abc"},
		"as long":         {"abcd", 4, "abcd"},
		"longer":          {"abcde", 4, "abcd"},
		"within a letter": {"abcé", 4, "abc"},
		"nothing":         {"", 0, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, wire.Clip(tc.s, tc.most))
		})
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Repeat("x", 200), wire.Short(strings.Repeat("x", 200)))
	require.Equal(t, strings.Repeat("x", 200)+"…", wire.Short(strings.Repeat("x", 201)))
	require.Equal(t, "x"+strings.Repeat("é", 99)+"…", wire.Short("x"+strings.Repeat("é", 200)))
}

// A part of a text that is no copy keeps all of it in memory.
func TestClipAllocsPerRun(t *testing.T) { // AllocsPerRun panics in a parallel test
	body := strings.Repeat("a", 100)
	for name, tc := range map[string]struct {
		most   int
		copies float64
	}{
		"a part": {10, 1},
		"all":    {100, 0},
	} {
		got := ""
		require.InDelta(t, tc.copies, testing.AllocsPerRun(100, func() { got = wire.Clip(body, tc.most) }), 0, name)
		require.Equal(t, body[:tc.most], got, name)
	}
}
