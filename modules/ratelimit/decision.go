package ratelimit

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Decision is what a limiter says of one call, and what is left for the key after it.
type Decision struct {
	Allowed    bool
	Limit      int           // units a key at rest can use at once: Requests, or the Burst of a token bucket
	Remaining  int           // units that could be used right now, 0 to Limit
	RetryAfter time.Duration // refused: until the same call would be allowed, above 0; allowed: 0
	ResetAfter time.Duration // until Remaining is Limit again, if nothing more is used
}

// SetHeaders tells the client where it stands, whether it was allowed or not: RateLimit-Limit, RateLimit-Remaining and
// RateLimit-Reset in seconds (draft-ietf-httpapi-ratelimit-headers, before its version 08), and X-RateLimit-* with Reset as
// Unix time. Seconds are rounded up. Retry-After belongs to who renders the error.
func (d Decision) SetHeaders(h http.Header) {
	seconds := int64(math.Ceil(d.ResetAfter.Seconds()))
	moment := time.Now().Add(d.ResetAfter)
	reset := moment.Unix()
	if moment.Nanosecond() > 0 {
		reset++
	}
	limit, remaining := strconv.Itoa(d.Limit), strconv.Itoa(d.Remaining)
	h.Set("RateLimit-Limit", limit)
	h.Set("RateLimit-Remaining", remaining)
	h.Set("RateLimit-Reset", strconv.FormatInt(seconds, 10))
	h.Set("X-RateLimit-Limit", limit)
	h.Set("X-RateLimit-Remaining", remaining)
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset, 10))
}

// LimitedError refuses a call. It never holds the key, which may be a secret.
type LimitedError struct {
	Name     string // of the limiter
	Limit    Limit
	Decision Decision
}

// Error names the limiter, its limit and the wait.
func (e *LimitedError) Error() string {
	return fmt.Sprintf("rate limit %q of %s is used up, next in %s", e.Name, e.Limit, e.Decision.RetryAfter)
}

// StatusCode returns 429 Too Many Requests.
func (*LimitedError) StatusCode() int { return http.StatusTooManyRequests }

// RetryAfter returns the time until the same call would be allowed, above 0.
func (e *LimitedError) RetryAfter() time.Duration { return e.Decision.RetryAfter }

// Transient returns false: repeating a refused call is for who made it to decide.
func (*LimitedError) Transient() bool { return false }

// Excluded returns true: a refusal of ours says nothing about what was to be called.
func (*LimitedError) Excluded() bool { return true }

// PublicDetail is what the client may read.
func (e *LimitedError) PublicDetail() string {
	return fmt.Sprintf("too many requests: the limit is %d in %s", e.Limit.Requests, short(e.Limit.Per))
}

// SetHeaders is that of the Decision.
func (e *LimitedError) SetHeaders(h http.Header) { e.Decision.SetHeaders(h) }
