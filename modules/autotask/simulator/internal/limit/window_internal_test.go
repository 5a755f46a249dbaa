package limit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func fullWindow() window {
	w := newWindow(time.Hour)
	for at := range int64(1000) {
		w.add(at, 1, 0)
	}
	return w
}

// Who is refused again and again does not make the gate look through its window each time.
func TestBelowIsRemembered(t *testing.T) {
	t.Parallel()
	w := fullWindow()
	require.Equal(t, hour+990, w.below(10))
	w.first = nil // nothing to look at
	require.Equal(t, hour+990, w.below(10))
}

func TestBelowIsForgotten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(w *window)
		n      int64
		want   int64
	}{
		"something was counted": {func(w *window) { w.add(2000, 0, 10) }, 10, hour + 2000},
		"another count":         {func(*window) {}, 20, hour + 980},
		"something expired":     {func(w *window) { w.expire(hour + 500) }, 10, hour + 990}, // is no reason
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fullWindow()
			w.below(10)
			tc.change(&w)
			require.Equal(t, tc.want, w.below(tc.n))
		})
	}
}

// A refusal that tells no moment looks for none.
func TestRefusalLooksOnlyForWhatItTells(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{"": false, "seconds": true, "date": true} {
		g := New(Config{Hourly: 1, Window: time.Hour, RetryAfter: header})
		g.AddForeign(time.UnixMilli(0), 1)
		_, _, _, refused := g.Enter(time.UnixMilli(1), "CODE", "Tickets")
		require.True(t, refused)
		require.Equal(t, want, g.window.told, "header %q", header)
	}
}
