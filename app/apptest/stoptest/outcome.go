package stoptest

import (
	"time"
)

// Outcome is what came of a Trial. Its checks return nil or an error that says what is wrong, with the first examples.
type Outcome struct {
	Requests
	Seen

	Process   *Process  // which has ended
	Code      int       // its exit code
	Signalled time.Time // the signal was sent
	Exited    time.Time // the program had gone

	// Slack is that of the Trial.
	Slack time.Duration
}

// Period is a part of the time of a trial.
type Period int

// The periods of a trial, in their order.
const (
	// Before is until the signal.
	Before Period = iota
	// Listening is after the signal, while new connections are taken.
	Listening
	// AtClose is while the listener closes: from Slack before the last dial that worked to the first that did not. A
	// connection that the kernel has taken and the program has not is broken then.
	AtClose
	// After is when the listener has closed.
	After

	periods = int(After) + 1
)

// String returns what a table calls it.
func (p Period) String() string {
	switch p {
	case Before:
		return "before the signal"
	case Listening:
		return "listening"
	case AtClose:
		return "at the close"
	case After:
		return "after the close"
	default:
		return "unknown"
	}
}

// Period tells when a request was sent.
func (o *Outcome) Period(r Request) Period {
	at := r.At()
	switch {
	case at.Before(o.Signalled):
		return Before
	case o.ShutAt.IsZero() || at.Before(o.LastOpen.Add(-o.Slack)):
		return Listening
	case at.Before(o.ShutAt):
		return AtClose
	default:
		return After
	}
}

// Only is the same outcome with only those requests that keep says yes to.
func (o *Outcome) Only(keep func(Request) bool) *Outcome {
	some := *o
	some.All = nil
	for _, r := range o.All {
		if keep(r) {
			some.All = append(some.All, r)
		}
	}
	return &some
}

// InFlightAt is how many requests were under way at a moment that another clock has told: least are those that were so for
// slack before and after it, most those that may have been.
func (o *Outcome) InFlightAt(moment time.Time, slack time.Duration) (least, most int) {
	for _, r := range o.All {
		if r.Fate == Refused {
			continue
		}
		if r.Sent.Before(moment.Add(-slack)) && r.Ended.After(moment.Add(slack)) {
			least++
		}
		if r.Sent.Before(moment.Add(slack)) && r.Ended.After(moment.Add(-slack)) {
			most++
		}
	}
	return least, most
}

// Open is how long the listener was seen to be open after the signal.
func (o *Outcome) Open() time.Duration { return o.LastOpen.Sub(o.Signalled) }

// Turned is how long after the signal readiness was seen to have turned.
func (o *Outcome) Turned() time.Duration { return o.NotReady.Sub(o.Signalled) }

// Took is the time from the signal to the end of the program.
func (o *Outcome) Took() time.Duration { return o.Exited.Sub(o.Signalled) }

// String is a table of what became of the requests, and the times.
func (o *Outcome) String() string {
	var t Tally
	t.Add(o)
	return t.String()
}
