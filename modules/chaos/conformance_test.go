package chaos_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
)

var errBoom = errors.New("boom")

// TestConformance plays the cases that Simmy of Polly is tested for. A case that
// does not run says why.
func TestConformance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule      chaos.Rule
		stage     config.Stage // test unless given
		cancelled bool
		wantOf    [2]int // least and most injections in 10,000 calls
		wantTook  time.Duration
		skip      string
	}{
		"CH-01 rate -1":                 {rule: chaos.Rule{Rate: -1, Fault: errBoom}},
		"CH-01 rate 0":                  {rule: chaos.Rule{Rate: 0, Fault: errBoom}},
		"CH-01 rate 1.1":                {rule: chaos.Rule{Rate: 1.1, Fault: errBoom}, wantOf: [2]int{10_000, 10_000}},
		"CH-01 rate 1":                  {rule: chaos.Rule{Rate: 1, Fault: errBoom}, wantOf: [2]int{10_000, 10_000}},
		"CH-01 rate .5":                 {rule: chaos.Rule{Rate: 0.5, Fault: errBoom}, wantOf: [2]int{4600, 5400}},
		"CH-01 rate .5 with r=.5":       {skip: "the dice are not handed in: [0, 1) below the rate is what rate .5 above counts"},
		"CH-01 generated rate":          {skip: "a rate is a number; it changes with SetRules"},
		"CH-02 disabled":                {rule: chaos.Rule{Rate: 1, Fault: errBoom}, stage: config.Prod},
		"CH-02 cancelled before":        {rule: chaos.Rule{Rate: 1, Fault: errBoom}, cancelled: true},
		"CH-02 latency 0 waits not":     {rule: chaos.Rule{Rate: 1, Latency: 0, Fault: errBoom}, wantOf: [2]int{10_000, 10_000}},
		"CH-02 negative latency":        {rule: chaos.Rule{Rate: 1, Latency: -1, Fault: errBoom}, wantOf: [2]int{10_000, 10_000}},
		"CH-02 latency alone":           {rule: chaos.Rule{Rate: 1, Latency: time.Second}, wantTook: 10_000 * time.Second},
		"CH-02 cancelled before a wait": {rule: chaos.Rule{Rate: 1, Latency: time.Second}, cancelled: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.skip != "" {
				t.Skip(tc.skip)
			}
			synctest.Test(t, func(t *testing.T) {
				tc.rule.Route = "*"
				i := newInjector(t, tc.rule)
				if tc.stage != "" {
					i = inStage(t, tc.stage, tc.rule)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tc.cancelled {
					cancel()
				}
				start, n := time.Now(), 0
				if m := i.For("orders.create"); m != nil {
					for range 10_000 {
						if _, err, injected := m.Inject(ctx); injected {
							require.ErrorIs(t, err, errBoom)
							n++
						}
					}
				}
				require.GreaterOrEqual(t, n, tc.wantOf[0])
				require.LessOrEqual(t, n, tc.wantOf[1])
				require.Equal(t, tc.wantTook, time.Since(start))
			})
		})
	}
}
