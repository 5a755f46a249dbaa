package stoptest

import (
	"errors"
	"fmt"
	"time"
)

// Fate is how a request ended.
type Fate int

// The fates of requests.
const (
	// Answered is a whole answer, of any status.
	Answered Fate = iota
	// Refused is no connection: nothing was sent, so that the client can go elsewhere.
	Refused
	// Lost is a request that was sent and has no answer, or a part of one.
	Lost
)

// String returns the name in lower case.
func (f Fate) String() string {
	switch f {
	case Answered:
		return "answered"
	case Refused:
		return "refused"
	case Lost:
		return "lost"
	default:
		return "unknown"
	}
}

func fateOf(err error) Fate {
	if err == nil {
		return Answered
	}
	if _, ok := errors.AsType[*dialError](err); ok {
		return Refused
	}
	return Lost
}

// Request is one request and what became of it.
type Request struct {
	Kind   string    // its name in the mix
	Began  time.Time // it was due, and looked for a connection
	Sent   time.Time // the connection was there; zero if it was refused
	Ended  time.Time
	Reused bool // over a connection that had carried another before
	Fate   Fate
	Status int   // of the answer, also of one that was cut; 0 without
	Close  bool  // the answer said Connection: close
	Err    error // why it is not answered
}

// At is when the request counts as sent: a refused one when it looked for a connection.
func (r Request) At() time.Time {
	if r.Sent.IsZero() {
		return r.Began
	}
	return r.Sent
}

// Failed reports whether a caller would say that the service has failed it: no answer, or one of 500 and above.
func (r Request) Failed() bool { return r.Fate != Answered || r.Status >= 500 }

// String tells it in a line, the times after zero.
func (r Request) describe(zero time.Time) string {
	text := fmt.Sprintf("%s at %s", r.Kind, since(zero, r.At()))
	if r.Reused {
		text += " over a kept connection"
	}
	text += fmt.Sprintf(" %s after %s", r.Fate, since(r.At(), r.Ended))
	if r.Status != 0 {
		text += fmt.Sprintf(", status %d", r.Status)
	}
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	return text
}

// since is a time after another, short enough to be read.
func since(zero, at time.Time) time.Duration { return at.Sub(zero).Round(100 * time.Microsecond) }
