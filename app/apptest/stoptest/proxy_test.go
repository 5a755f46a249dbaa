package stoptest_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// admin is an admin listener that says of readiness what it is told to.
func admin(t *testing.T) (url string, ready *atomic.Bool) {
	t.Helper()
	ready = &atomic.Bool{}
	ready.Store(true)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, ready
}

func TestBalancer(t *testing.T) {
	t.Parallel()
	b := stoptest.NewBalancer(0)
	defer b.Close()
	_, ok := b.Pick()
	require.False(t, ok)
	first, firstReady := admin(t)
	second, _ := admin(t)
	require.NoError(t, b.Add(t.Context(), "http://127.0.0.1:1", first))
	require.NoError(t, b.Add(t.Context(), "127.0.0.1:2", second))
	picked := map[string]bool{}
	for range 2 {
		addr, ok := b.Pick()
		require.True(t, ok)
		picked[addr] = true
	}
	require.Equal(t, map[string]bool{"127.0.0.1:1": true, "127.0.0.1:2": true}, picked, "in turn")

	firstReady.Store(false)
	only := func(want string) func() bool {
		return func() bool {
			one, _ := b.Pick()
			two, _ := b.Pick()
			return one == want && two == want
		}
	}
	stoptest.WaitFor(t, limit, "the replica to be left out", only("127.0.0.1:2"))
	firstReady.Store(true)
	b.Remove("127.0.0.1:2")
	stoptest.WaitFor(t, limit, "the replica to be back", only("127.0.0.1:1"))
}

func TestProxyHidesNothing(t *testing.T) {
	t.Parallel()
	ready, _ := admin(t)
	tests := map[string]struct {
		upstream   string // empty is none
		kind       stoptest.Kind
		wantFate   stoptest.Fate
		wantStatus int
	}{
		"answered":       {server(t, chunked), stoptest.Kind{Path: "/", Ends: "end"}, stoptest.Answered, 200},
		"lost":           {server(t, ""), stoptest.Kind{Path: "/", Method: http.MethodGet}, stoptest.Lost, 0},
		"cut":            {server(t, unended), stoptest.Kind{Path: "/"}, stoptest.Lost, 200},
		"refused":        {nobody(t), stoptest.Kind{Path: "/"}, stoptest.Answered, 502},
		"no replica":     {"", stoptest.Kind{Path: "/"}, stoptest.Answered, 503},
		"its own answer": {server(t, goodbye), stoptest.Kind{Path: "/"}, stoptest.Answered, 503},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := stoptest.NewBalancer(0)
			defer b.Close()
			if tt.upstream != "" {
				require.NoError(t, b.Add(t.Context(), tt.upstream, ready))
			}
			p, err := stoptest.NewProxy(t.Context(), b)
			require.NoError(t, err)
			defer p.Close()
			done := some(t, 3, stoptest.LoadConfig{Rate: 100, Kept: 1, Mix: []stoptest.Kind{tt.kind}, Pick: stoptest.To(p.Addr())})
			for _, r := range done.All {
				require.Equal(t, tt.wantFate, r.Fate, r.Err)
				require.Equal(t, tt.wantStatus, r.Status)
			}
		})
	}
}
