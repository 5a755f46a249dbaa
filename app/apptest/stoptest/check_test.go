package stoptest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// signalled is when the made-up outcomes of these tests were signalled; their listener closed one second later.
func signalled() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func at(millis int) time.Time { return signalled().Add(time.Duration(millis) * time.Millisecond) }

// outcome is that of a clean stop, with some requests.
func outcome(requests ...stoptest.Request) *stoptest.Outcome {
	return &stoptest.Outcome{
		Requests: stoptest.Requests{All: requests},
		Seen: stoptest.Seen{
			LastReady: at(-5), NotReady: at(5), LastOpen: at(995), ShutAt: at(1005), Lives: 10, LastLive: at(2000),
		},
		Signalled: signalled(), Exited: at(2100), Slack: 10 * time.Millisecond,
	}
}

// request is one that was sent at a time, and took 10 ms.
func request(millis int, change func(*stoptest.Request)) stoptest.Request {
	r := stoptest.Request{Kind: "/", Began: at(millis), Sent: at(millis), Ended: at(millis + 10), Status: 200, Close: millis > 0}
	change(&r)
	return r
}

func ok(*stoptest.Request) {}

func lost(r *stoptest.Request) {
	r.Fate, r.Status, r.Close, r.Err = stoptest.Lost, 0, false, errors.New("EOF")
}

func refusedOne(r *stoptest.Request) {
	r.Fate, r.Status, r.Close, r.Sent, r.Err = stoptest.Refused, 0, false, time.Time{}, errors.New("refused")
}

func unavailable(r *stoptest.Request) { r.Status = 503 }

func open(r *stoptest.Request) { r.Close = false }

func TestChecks(t *testing.T) {
	t.Parallel()
	served := (*stoptest.Outcome).Served
	unbroken := (*stoptest.Outcome).Unbroken
	turnedAway := (*stoptest.Outcome).TurnedAway
	saidClose := (*stoptest.Outcome).SaidClose
	late := func(o *stoptest.Outcome) error { return o.LateLosses(0.5) }
	tests := map[string]struct {
		check   func(*stoptest.Outcome) error
		outcome *stoptest.Outcome
		want    string // empty is no error
	}{
		"served: all is well":                  {served, outcome(request(-10, ok), request(500, ok)), ""},
		"served: lost before the signal":       {served, outcome(request(-10, lost)), "1 failed that was sent while the listener was open:\n  before the signal: / at -10ms lost after 10ms: EOF"},
		"served: lost after the signal":        {served, outcome(request(500, ok), request(500, lost)), "listening: / at 500ms lost"},
		"served: refused while listening":      {served, outcome(request(500, refusedOne)), "refused"},
		"served: 503 while listening":          {served, outcome(request(500, unavailable)), "status 503"},
		"served: what happens at the close":    {served, outcome(request(990, lost), request(1000, refusedOne)), ""},
		"served: what happens later":           {served, outcome(request(1100, lost), request(1100, unavailable)), ""},
		"unbroken: what happens later":         {unbroken, outcome(request(1100, unavailable)), "after the close: / at 1.1s answered"},
		"late losses: as few as allowed":       {late, outcome(request(500, ok), request(1000, lost)), ""},
		"late losses: too many":                {late, outcome(request(1000, lost), request(-10, ok)), "1 of 1 late requests were lost"},
		"turned away: in form":                 {turnedAway, outcome(request(1100, unavailable), request(1100, refusedOne)), ""},
		"turned away: without a close":         {turnedAway, outcome(request(1100, func(r *stoptest.Request) { unavailable(r); open(r) })), "1 got something other"},
		"turned away: another status":          {turnedAway, outcome(request(1100, func(r *stoptest.Request) { r.Status = 500 })), "status 500"},
		"said close: it did":                   {saidClose, outcome(request(500, ok)), ""},
		"said close: it did not":               {saidClose, outcome(request(500, ok), request(600, open)), "1 answered without Connection: close"},
		"said close: before readiness turned":  {saidClose, outcome(request(3, open), request(500, ok)), ""},
		"said close: nothing to tell it from":  {saidClose, outcome(request(-10, ok)), "nothing to tell from"},
		"clean":                                {(*stoptest.Outcome).Clean, outcome(request(500, ok)), ""},
		"clean: another code":                  {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.Code = 1 }), "exit code is 1, not 0"},
		"clean: liveness failed":               {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.Dead = []string{"liveness said 503"} }), "failed 1 times: liveness said 503"},
		"clean: liveness ended too early":      {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.Unanswered = at(900) }), "from 900ms after the signal on, before the listener had closed"},
		"clean: liveness ended later":          {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.Unanswered = at(1500) }), ""},
		"clean: liveness was never seen":       {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.Lives = 0 }), "never seen"},
		"clean: readiness did not turn":        {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.NotReady = time.Time{} }), "not seen to turn"},
		"clean: ready again":                   {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.ReadyAgain = true }), "ready again"},
		"clean: open again":                    {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.Reopened = true }), "open again"},
		"clean: the listener did not close":    {(*stoptest.Outcome).Clean, with(func(o *stoptest.Outcome) { o.ShutAt = time.Time{} }), "not seen to close"},
		"times: kept":                          {times(50, 950), outcome(), ""},
		"times: readiness turned late":         {times(4, 950), outcome(), "readiness turned 5ms after the signal, not within 4ms"},
		"times: the listener closed too early": {times(50, 1100), outcome(), "not for 1.1s"},
		"ended: in time":                       {ended(3000), outcome(), ""},
		"ended: late":                          {ended(2000), outcome(), "gone 2.1s after the signal, not within 2s"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.check(tt.outcome)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// with is a clean outcome but for one thing.
func with(change func(*stoptest.Outcome)) *stoptest.Outcome {
	o := outcome(request(500, ok))
	change(o)
	return o
}

func times(turn, open int) func(*stoptest.Outcome) error {
	return func(o *stoptest.Outcome) error {
		return o.Times(time.Duration(turn)*time.Millisecond, time.Duration(open)*time.Millisecond)
	}
}

func ended(within int) func(*stoptest.Outcome) error {
	return func(o *stoptest.Outcome) error { return o.Ended(0, time.Duration(within)*time.Millisecond) }
}

func TestTable(t *testing.T) {
	t.Parallel()
	var sum stoptest.Tally
	sum.Add(outcome(request(-10, ok), request(500, ok), request(1000, lost), request(1100, refusedOne)))
	sum.Add(outcome(request(500, func(r *stoptest.Request) { r.Reused = true }), request(1100, unavailable), request(600, func(r *stoptest.Request) { r.Status = 404 })))
	require.Equal(t, 6, sum.Late())
	require.Equal(t, ""+
		"                     sent  kept  ok  4xx  5xx  refused  lost  said close\n"+
		"  before the signal     1     0   1    0    0        0     0           0\n"+
		"          listening     3     1   2    1    0        0     0           3\n"+
		"       at the close     1     0   0    0    0        0     1           0\n"+
		"    after the close     2     0   0    0    1        1     0           1\n"+
		"                all     7     1   3    1    1        1     1           4\n"+
		"trials 2, held back 0, skipped 0, exit codes map[0:2]\n"+
		"readiness turned after 5ms, listener open for 995ms, gone after 2.1s\n", sum.String())
}

func TestInFlightAt(t *testing.T) {
	t.Parallel()
	long := func(r *stoptest.Request) { r.Ended = r.Sent.Add(time.Second) }
	o := outcome(request(0, long), request(495, long), request(490, ok), request(700, ok), request(400, refusedOne))
	least, most := o.InFlightAt(at(500), 10*time.Millisecond)
	require.Equal(t, 1, least, "the first")
	require.Equal(t, 3, most, "those that were sent or ended at about that time, too")
	require.Len(t, o.Only(func(r stoptest.Request) bool { return r.Fate == stoptest.Refused }).All, 1)
}
