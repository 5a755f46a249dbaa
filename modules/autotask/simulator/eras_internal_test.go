package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErasKeepResetsOut(t *testing.T) {
	t.Parallel()
	var e eras
	began := e.current()
	held := func() bool {
		free := e.mu.TryLock()
		if free {
			e.mu.Unlock()
		}
		return !free
	}
	e.touch(func() { require.True(t, held()) })
	require.True(t, e.within(began, func() { require.True(t, held()) }))
	require.True(t, e.counting(began, func() { require.True(t, held()) }))
	for _, replace := range []func(func()){e.restore, e.reset} {
		ran := false
		replace(func() { ran = !e.mu.TryRLock() })
		require.True(t, ran, "alone")
	}
}

func TestErasPass(t *testing.T) {
	t.Parallel()
	var e eras
	began, none := e.current(), func() {}
	never := func() { t.Error("in another era") }
	e.restore(none)
	require.False(t, e.within(began, never), "other data")
	require.True(t, e.counting(began, none), "the same counts")
	began = e.current()
	require.True(t, e.within(began, none))
	e.reset(none)
	require.False(t, e.within(began, never))
	require.False(t, e.counting(began, never))
}
