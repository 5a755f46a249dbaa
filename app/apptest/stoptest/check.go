package stoptest

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Clean is what everybody may insist on, whatever the times are:
//
//   - every request that was sent while the listener was open has a whole answer below 500
//   - readiness turned, and did not turn back; liveness was kept; the listener did not open again
//   - the program ended with code 0
func (o *Outcome) Clean() error {
	return errors.Join(o.Served(), o.Turn(), o.Lived(), o.Ended(0, o.Took()))
}

// Served checks that no request failed that was sent while the listener was open: none refused, lost, or answered with 500
// and above. The load has to be one that this machine can send.
func (o *Outcome) Served() error {
	return errors.Join(o.paced(), o.none("failed that was sent while the listener was open", func(r Request) bool {
		return r.Failed() && o.Period(r) < AtClose
	}))
}

// Unbroken checks that no request failed at all, at whatever time it was sent: what a client can expect that sends nothing
// to a program that is not ready.
func (o *Outcome) Unbroken() error {
	return errors.Join(o.paced(), o.none("failed", Request.Failed))
}

// LateLosses checks that at most a share of the requests that were sent after the signal was lost, those alone that were
// sent while the listener closed or later. Without a client that looks at readiness, a program cannot keep this at 0.
func (o *Outcome) LateLosses(share float64) error {
	late, lost := 0, o.find(func(r Request) bool { return r.Fate == Lost && o.Period(r) >= AtClose })
	for _, r := range o.All {
		if o.Period(r) > Before {
			late++
		}
	}
	if float64(len(lost)) > share*float64(late) {
		return o.fault(lost, fmt.Sprintf("of %d late requests were lost when the listener closed or later", late))
	}
	return nil
}

// TurnedAway checks that requests that came over old connections when the listener had closed were either served or turned
// away in form: with 503 and Connection: close.
func (o *Outcome) TurnedAway() error {
	return o.none("got something other than a good answer or a 503 with Connection: close, after the close", func(r Request) bool {
		good := r.Status < 400 || r.Status == 503 && r.Close
		return r.Fate == Answered && o.Period(r) == After && !good
	})
}

// SaidClose checks that every answer said Connection: close whose request was sent after readiness was seen to have turned,
// and that there was one.
func (o *Outcome) SaidClose() error {
	late := func(r Request) bool { return r.Fate == Answered && r.Sent.After(o.NotReady) }
	if len(o.find(late)) == 0 {
		return errors.New("no request was answered after readiness had turned: there is nothing to tell from")
	}
	return o.none("answered without Connection: close, though readiness had turned", func(r Request) bool {
		return late(r) && !r.Close
	})
}

// Turn checks that readiness was seen to turn, and not to turn back, and that the listener, once closed, stayed so.
func (o *Outcome) Turn() error {
	var faults []error
	if o.LastReady.IsZero() || o.NotReady.IsZero() {
		faults = append(faults, errors.New("readiness was not seen to turn"))
	}
	if o.ReadyAgain {
		faults = append(faults, errors.New("the program was ready again after readiness had turned"))
	}
	if o.ShutAt.IsZero() {
		faults = append(faults, errors.New("the listener was not seen to close"))
	}
	if o.Reopened {
		faults = append(faults, errors.New("the listener was open again after it had closed"))
	}
	return errors.Join(faults...)
}

// Times checks that readiness had turned within turn after the signal, and that the listener was open for at least open.
func (o *Outcome) Times(turn, open time.Duration) error {
	var faults []error
	if o.Turned() > turn {
		faults = append(faults, fmt.Errorf("readiness turned %s after the signal, not within %s", since(o.Signalled, o.NotReady), turn))
	}
	if o.ShutAt.Sub(o.Signalled) < open {
		faults = append(faults, fmt.Errorf("the listener was open until %s after the signal (refused at %s), not for %s",
			since(o.Signalled, o.LastOpen), since(o.Signalled, o.ShutAt), open))
	}
	return errors.Join(faults...)
}

// Lived checks that liveness was 200 at every look, until the listener had closed at least.
func (o *Outcome) Lived() error {
	if len(o.Dead) > 0 {
		return fmt.Errorf("liveness failed %d times: %s", len(o.Dead), o.Dead[0])
	}
	if o.Lives == 0 {
		return errors.New("liveness was never seen")
	}
	if !o.Unanswered.IsZero() && o.Unanswered.Before(o.LastOpen.Add(-o.Slack)) {
		return fmt.Errorf("liveness had no answer any more from %s after the signal on, before the listener had closed",
			since(o.Signalled, o.Unanswered))
	}
	return nil
}

// Ended checks the exit code, and that the program had gone within a time after the signal.
func (o *Outcome) Ended(code int, within time.Duration) error {
	var faults []error
	if o.Code != code {
		faults = append(faults, fmt.Errorf("the exit code is %d, not %d", o.Code, code))
	}
	if o.Took() > within {
		faults = append(faults, fmt.Errorf("the program had gone %s after the signal, not within %s", since(o.Signalled, o.Exited), within))
	}
	return errors.Join(faults...)
}

// paced checks that the load was sent as it was meant to be.
func (o *Outcome) paced() error {
	if o.Skipped > 0 {
		return fmt.Errorf("%d requests were not sent: this machine does not carry the load", o.Skipped)
	}
	return nil
}

// none is an error where there are such requests.
func (o *Outcome) none(what string, such func(Request) bool) error {
	if found := o.find(such); len(found) > 0 {
		return o.fault(found, what)
	}
	return nil
}

func (o *Outcome) find(such func(Request) bool) (found []Request) {
	for _, r := range o.All {
		if such(r) {
			found = append(found, r)
		}
	}
	return found
}

// examples bounds an error.
const examples = 5

// fault tells the first requests, with times after the signal.
func (o *Outcome) fault(found []Request, what string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d %s:", len(found), what)
	for _, r := range found[:min(len(found), examples)] {
		fmt.Fprintf(&text, "\n  %s: %s", o.Period(r), r.describe(o.Signalled))
	}
	return errors.New(text.String())
}
