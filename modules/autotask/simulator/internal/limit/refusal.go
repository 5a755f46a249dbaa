package limit

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// suspended is the answer of a tenant whose window is full.
func (g *Gate) suspended(now time.Time) wire.Answer {
	a := wire.Failure(cmp.Or(g.cfg.SuspendedText, wire.Text(wire.TextHourly, g.hourly, minutes(g.cfg.Window))))
	a.Status = cmp.Or(g.cfg.SuspendedStatus, http.StatusTooManyRequests)
	a.Cause = wire.Suspended
	if g.cfg.RetryAfter != "" {
		a.RetryAfter = g.retryAfter(now, time.UnixMilli(g.window.below(g.hourly)))
	}
	if g.window.own >= g.hourly {
		a.Misuse = "hourly_limit"
	}
	return a
}

// crowded is the answer where all threads are taken. When a request will be answered nobody knows, so that Retry-After
// is the first late release, or a second.
func (g *Gate) crowded(now time.Time, t *threads) wire.Answer {
	a := wire.Failure(wire.Text(wire.TextThreads, g.cfg.Threads))
	a.Status = cmp.Or(g.cfg.ThreadStatus, http.StatusTooManyRequests)
	a.Cause = wire.Threads
	a.Misuse = "thread_limit"
	free := now.Add(time.Second)
	if len(t.leaving) > 0 {
		free = t.leaving[0]
	}
	a.RetryAfter = g.retryAfter(now, free)
	return a
}

// retryAfter is the header that asks to come back at a moment, to the next full second.
func (g *Gate) retryAfter(now, at time.Time) string {
	switch g.cfg.RetryAfter {
	case "seconds":
		return strconv.FormatInt(max(int64(math.Ceil(at.Sub(now).Seconds())), 1), 10)
	case "date":
		return at.Add(time.Second - time.Nanosecond).Truncate(time.Second).UTC().Format(http.TimeFormat)
	default:
		return ""
	}
}

// minutes is a window as the API tells it: in whole minutes, a part of one for one.
func minutes(window time.Duration) int64 { return int64(math.Ceil(window.Minutes())) }
