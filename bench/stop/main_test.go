package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/bench/stop/subject"
)

// TestMain lets the test's own program be the servers, too.
func TestMain(m *testing.M) {
	if order, ok, err := subject.Parse(os.Args[1:]); ok {
		os.Exit(serveOrder(order, err))
	}
	goleak.VerifyTestMain(m)
}

// scaledDown is a plan for two servers and a machine that is busy with other tests.
func scaledDown() plan {
	p := thorough()
	p.servers = p.servers[:2]
	p.runs, p.rate, p.slow, p.before = 1, 50, 200*time.Millisecond, 300*time.Millisecond
	p.grace, p.look, p.slack, p.hangs = 1500*time.Millisecond, 20*time.Millisecond, 300*time.Millisecond, 20*time.Second
	return p
}

// The tables are made, and say of holdfast that it has lost nothing: of clients that look at readiness nothing at all, of
// the others nothing that they sent while its listener was open. What they say of net/http means nothing here.
func TestReport(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, report(t.Context(), &out, io.Discard, scaledDown()))
	t.Log(out.String())
	tables := parse(out.String())
	require.Len(t, tables, 3)
	for _, rows := range tables {
		require.Len(t, rows, 2)
		require.Equal(t, "holdfast", rows[0]["server"])
		require.Equal(t, "net/http", rows[1]["server"])
	}
	blind, aware, again := tables[0][0], tables[1][0], tables[2][0]
	require.Equal(t, "0", blind["held"])
	require.NotEqual(t, "0", aware["held"])
	for _, row := range []map[string]string{blind, aware} {
		require.NotEqual(t, "0", row["answered"])
		require.Equal(t, "0", row["unknowing"])
		require.Equal(t, "0", row["while open"])
		require.Equal(t, "0", row["exit"])
	}
	require.Equal(t, []string{"0", "0", "0"}, []string{aware["5xx"], aware["refused"], aware["lost"]})
	require.Equal(t, "143", again["exit"])
}

// parse reads the tables of a report, each row by column.
func parse(text string) (tables [][]map[string]string) {
	var head []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			head = nil
			continue
		}
		cells := strings.Split(strings.Trim(line, "| \n"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case head == nil:
			head = cells
			tables = append(tables, nil)
		case strings.HasPrefix(cells[0], "-"):
		default:
			row := map[string]string{}
			for i, cell := range cells {
				row[head[i]] = cell
			}
			tables[len(tables)-1] = append(tables[len(tables)-1], row)
		}
	}
	return tables
}

func TestTally(t *testing.T) {
	t.Parallel()
	signal := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(millis int) time.Time { return signal.Add(time.Duration(millis) * time.Millisecond) }
	refused := func(millis int) stoptest.Request { return stoptest.Request{Began: at(millis), Fate: stoptest.Refused} }
	lost := func(millis int) stoptest.Request { return stoptest.Request{Sent: at(millis), Fate: stoptest.Lost} }
	answered := func(millis, status int) stoptest.Request { return stoptest.Request{Sent: at(millis), Status: status} }
	// The signal is at 0, readiness turns at 10, the listener closes between 100 and 110.
	tests := map[string]struct {
		request stoptest.Request
		want    tally
	}{
		"answered":                             {answered(0, 200), tally{answered: 1}},
		"answered, but not with what is asked": {answered(0, 404), tally{answered: 1, wrong: 1}},
		"a fault while the listener was open":  {answered(0, 503), tally{failed: 1, early: 1}},
		"turned away later":                    {answered(120, 503), tally{failed: 1}},
		"lost under the load":                  {lost(-50), tally{lost: 1, early: 1}},
		"lost while the listener was open":     {lost(50), tally{lost: 1, early: 1}},
		"lost in the moment of the close":      {lost(105), tally{lost: 1}},
		"lost when the listener had closed":    {lost(120), tally{lost: 1}},
		"refused while others were served":     {refused(5), tally{refused: 1, unknowing: 1}},
		"refused before anybody looked":        {refused(34), tally{refused: 1, unknowing: 1}},
		"refused when everybody had looked":    {refused(35), tally{refused: 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.want.sent, tt.want.codes = 1, map[int]int{143: 1}
			tt.want.warned, tt.want.took = []time.Duration{100 * time.Millisecond}, []time.Duration{time.Second}
			var got tally
			got.add(&stoptest.Outcome{
				Requests:  stoptest.Requests{All: []stoptest.Request{tt.request}},
				Seen:      stoptest.Seen{NotReady: at(10), LastOpen: at(100), ShutAt: at(110)},
				Code:      143,
				Signalled: signal,
				Exited:    at(1000),
			}, 25*time.Millisecond)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestUnknowingWhereReadinessNeverTurned(t *testing.T) {
	t.Parallel()
	var got tally
	got.add(&stoptest.Outcome{
		Requests: stoptest.Requests{All: []stoptest.Request{{Began: time.Now(), Fate: stoptest.Refused}}, Held: 2, Skipped: 3},
	}, time.Second)
	require.Equal(t, []int{1, 2, 3}, []int{got.unknowing, got.held, got.skipped})
	require.ErrorContains(t, results{blind: []*tally{&got}}.sound(), "3 requests were not sent")
}

func TestExits(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0", exits(map[int]int{0: 5}))
	require.Equal(t, "4 × 0, 1 × 143", exits(map[int]int{143: 1, 0: 4}))
}

func TestPlan(t *testing.T) {
	t.Parallel()
	require.NoError(t, thorough().validate())
	for name, change := range map[string]func(*plan){
		"no runs":  func(p *plan) { p.runs = 0 },
		"too many": func(p *plan) { p.rate = 1001 },
		"no look":  func(p *plan) { p.look = 0 },
	} {
		p := thorough()
		change(&p)
		require.Error(t, p.validate(), name)
	}
}
