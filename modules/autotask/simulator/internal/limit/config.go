package limit

import (
	"cmp"
	"time"
)

// Config says what the limits are.
type Config struct {
	Threads         int           // requests in flight per integration code and entity
	Lag             time.Duration // how long a thread stays taken after its answer
	Hourly          int           // requests of the tenant in one Window
	Window          time.Duration
	UsageScale      float64 // of the latency by usage: 1 is +0.5 s from 50 %, +1 s from 75 %; 0 is none
	ThreadScale     float64 // of the latency by concurrency: 1 is +0.25 s from 3 at once to +1 s from 10; 0 is none
	SuspendedStatus int     // 429 (default), 403 or 500
	SuspendedText   string  // empty is wire.TextHourly
	ThreadStatus    int     // 429 (default) or 500
	RetryAfter      string  // "", "seconds" or "date": the header that a refusal carries
	ForeignPerHour  int     // requests of other integrations, evenly spread, from the first use of the gate on
	Mail            Mail    // who is told of a suspension
}

// Mail is where the mail about a suspension can go: to the first that is not empty.
type Mail struct {
	ATES    string // the mailbox of Add Ticket E-mail Services
	Support string // the support address of the tenant
	User    string // the API user
}

// Notice is the mail that Autotask sends when a tenant is suspended.
type Notice struct {
	At      time.Time `json:"at"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
}

// to is never empty, so that a tenant without any address is seen to be one.
func (m Mail) to() string { return cmp.Or(m.ATES, m.Support, m.User, "nobody") }
