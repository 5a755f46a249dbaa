package stoptest_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// page is what GET /shutdown says, as far as it is looked at here.
type page struct {
	State             string    `json:"state"`
	ShutdownInitiated time.Time `json:"shutdownInitiated"`
	AtStart           int       `json:"activeRequestsAtStart"`
	AtDrain           int       `json:"activeRequestsAtDrain"`
	Drained           int       `json:"drainedRequests"`
	Cut               int       `json:"cutRequests"`
	Phases            []struct {
		Phase    string  `json:"phase"`
		Duration float64 `json:"duration"` // milliseconds
	} `json:"phases"`
}

// drained is when the drain began.
func (p page) drainBegan(t *testing.T) time.Time {
	t.Helper()
	require.NotEmpty(t, p.Phases)
	require.Equal(t, "grace", p.Phases[0].Phase)
	return p.ShutdownInitiated.Add(time.Duration(p.Phases[0].Duration * float64(time.Millisecond)))
}

// sample is the value of a metric, or -1.
func sample(t *testing.T, metrics, series string) int {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)$`).FindStringSubmatch(metrics)
	require.NotNil(t, found, "no %s in\n%s", series, metrics)
	n, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	return int(n)
}

// The admin listener answers to the end, and what it and the log say last is what the clients have seen: so many requests
// were under way when the drain began, so many of them came to their end, so many were cut.
func TestTheBooksAreRight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stuck    int
		wantCode int
	}{
		"all drained": {0, 0},
		"some cut":    {3, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := stoptest.Trial{
				Command: command(t, "SHUTDOWN_HEALTH_GRACE_PERIOD=1s", "SHUTDOWN_FORCE_TIMEOUT=10s", "SCRATCH_STOP_TAKES=900ms"),
				Load: stoptest.LoadConfig{
					Rate: either(60, 300), Kept: 0.5, Mix: []stoptest.Kind{{Share: 3, Path: "/fast"}, {Share: 1, Path: "/slow?ms=1500"}},
				},
				Begin:  func(_ *stoptest.Process, l *stoptest.Load) { l.Send(tt.stuck, stoptest.Kind{Path: "/obedient"}) },
				Before: time.Second,
				Within: limit,
			}.Run(t)
			require.Equal(t, tt.wantCode, out.Code, out)
			require.True(t, out.MetricsAt.After(out.ShutAt), "metrics until the listener has closed")
			require.True(t, out.ReportAt.After(out.ShutAt), "the report, too")

			var p page
			require.NoError(t, json.Unmarshal([]byte(out.Report), &p), out.Report)
			least, most := out.InFlightAt(p.drainBegan(t), either(300*time.Millisecond, 20*time.Millisecond))
			t.Logf("bar A5: the drain began with %d requests under way, the clients say %d to %d; %d drained, %d cut", p.AtDrain, least, most, p.Drained, p.Cut)
			require.GreaterOrEqual(t, p.AtDrain, least)
			require.LessOrEqual(t, p.AtDrain, most)
			require.Equal(t, tt.stuck, p.Cut)
			require.Equal(t, p.AtDrain-tt.stuck, p.Drained)

			require.Equal(t, p.Drained, sample(t, out.Metrics, `shutdown_requests{outcome="drained"}`))
			require.Equal(t, p.Cut, sample(t, out.Metrics, `shutdown_requests{outcome="cut"}`))
			end := last(t, out.Process)
			require.EqualValues(t, p.Drained, end["drained"])
			require.EqualValues(t, p.Cut, end["cut"])
			require.EqualValues(t, refused(out), end["refused"])
		})
	}
}

// refused is how many requests were turned away because the drain had begun.
func refused(out *stoptest.Outcome) (n int) {
	for _, r := range out.All {
		if r.Status == 503 && r.Kind != "/obedient" {
			n++
		}
	}
	return n
}

// Liveness is about the process alone: it is 200 while everything else goes away, for as long as anybody answers.
func TestLivenessIsKept(t *testing.T) {
	t.Parallel()
	out := stoptest.Trial{
		Command: command(t),
		Begin:   func(_ *stoptest.Process, l *stoptest.Load) { l.Send(3, stoptest.Kind{Path: "/slow?ms=2000"}) },
		Before:  300 * time.Millisecond,
		Within:  limit,
	}.Run(t)
	require.NoError(t, out.Clean())
	gap := out.Exited.Sub(out.LastLive)
	t.Logf("liveness was 200 %d times, the last time %s before the program had gone (%s after the signal)", out.Lives, gap, out.Took())
	require.Less(t, gap, either(30*time.Second, 250*time.Millisecond), fmt.Sprint(out))
}
