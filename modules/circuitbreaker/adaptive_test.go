package circuitbreaker_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// SH-02: the share that is refused. Requests that are not accepted have failed;
// a threshold of 0.9 is a K of 1 ÷ 0.9.
func TestAdaptiveRejection(t *testing.T) {
	t.Parallel()
	const k = 1 / 0.9
	tests := map[string]struct {
		requests, accepted int
		k                  float64
		most               float64
		want               float64
	}{
		"(100,95,.9)":          {100, 95, k, 0.8, 0},
		"(120,90)":             {120, 90, k, 0.8, 20.0 / 121},
		"(200,50)":             {200, 50, k, 0.8, (200 - 50/0.9) / 201},
		"(1000,10), capped":    {1000, 10, k, 0.8, 0.8},
		"(0,0)":                {0, 0, k, 0.8, 0},
		"k 2, half accepted":   {100, 50, 2, 0.9, 0},
		"k 2, a tenth":         {100, 10, 2, 0.9, 80.0 / 101},
		"the minimum":          {10, 0, 2, 1, 10.0 / 11},
		"below the minimum":    {9, 0, 2, 1, 0},
		"all accepted, k is 1": {100, 100, 1, 0.9, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, circuitbreaker.Config{})
				b, err := s.Register("upstream", circuitbreaker.Config{
					Mode: circuitbreaker.ModeAdaptive, AdaptiveK: tc.k, AdaptiveMaxRejection: config.Ratio(tc.most),
				})
				require.NoError(t, err)
				fill(t, s, b, tc.accepted, tc.requests-tc.accepted)
				require.InDelta(t, tc.want, b.Metrics().RejectionRate, 1e-9)
			})
		})
	}
}

// fill counts calls while none is refused.
func fill(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker, successes, failures int) {
	t.Helper()
	s.ForceClose(b.Name(), "", hold)
	require.Zero(t, play(t, b, strings.Repeat("S", successes)+strings.Repeat("F", failures)))
	s.Auto(b.Name(), "")
}

func TestAdaptiveRefusesAShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{Mode: circuitbreaker.ModeAdaptive})
		b := s.Get("upstream")
		require.Zero(t, play(t, b, strings.Repeat("SF", 500)), "half of them fail, and k is 2")
		require.Equal(t, circuitbreaker.Closed, b.State())
		refused := play(t, b, strings.Repeat("F", 9000))
		m := b.Metrics()
		require.InDelta(t, 0.9, m.RejectionRate, 0.05)
		require.Greater(t, refused, 5000)
		require.Less(t, refused, 8800)
		require.EqualValues(t, refused, m.Rejected)
		require.Equal(t, circuitbreaker.Closed, m.State, "it never opens")
		require.NoError(t, b.Peek())

		time.Sleep(time.Minute)
		require.Zero(t, b.Metrics().RejectionRate, "the window is over")
		require.Zero(t, play(t, b, "S"))
	})
}

func TestAdaptiveRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		b, err := s.Register("upstream", circuitbreaker.Config{Mode: circuitbreaker.ModeAdaptive, AdaptiveMaxRejection: 1})
		require.NoError(t, err)
		fill(t, s, b, 0, 1000)
		var open *circuitbreaker.OpenError
		for open == nil { // one call in 1,001 gets through
			_, err := b.Acquire()
			if err != nil {
				require.ErrorAs(t, err, &open)
			}
		}
		require.True(t, open.Throttled)
		require.Equal(t, time.Second, open.RetryAfter())
		require.EqualError(t, open, `circuit breaker "upstream" is throttling`)
		require.ErrorIs(t, open, circuitbreaker.ErrOpen)

		s.Bypass("upstream", "", hold)
		require.Zero(t, play(t, b, strings.Repeat("F", 100)), "the order stands above the mode")
		s.ForceOpen("upstream", "", 0)
		require.Equal(t, 1, play(t, b, "S"))
		play(t, b, "R SSSSSSSSSS")
		require.Equal(t, circuitbreaker.Closed, b.State(), "after an order the way back is through trials")
		require.Zero(t, play(t, b, "SSSSSSSSSS"))
	})
}

func TestAdaptiveAndBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		b := s.Get("upstream")
		require.NoError(t, s.Configure("upstream", circuitbreaker.Config{Mode: circuitbreaker.ModeAdaptive, MinThroughput: 100}))
		play(t, b, strings.Repeat("F", 99))
		require.Equal(t, circuitbreaker.Closed, b.State())
		require.NoError(t, s.Configure("upstream", circuitbreaker.Config{}))
		play(t, b, "S")
		require.Equal(t, circuitbreaker.Open, b.State())
	})
}
