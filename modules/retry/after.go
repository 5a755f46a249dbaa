package retry

import (
	"net/http"
	"strings"
	"time"
)

// MaxAfter bounds what [ParseAfter] believes: it is beyond every deadline.
const MaxAfter = 24 * time.Hour

// longestAfter is more than any Retry-After that means something.
const longestAfter = 64 // bytes

// ParseAfter reads a Retry-After header: whole seconds or an HTTP date, which is
// compared with now (RFC 9110, 10.2.3). The wait is from 0, for a date that is
// past, to [MaxAfter]. False is a header that is empty or says neither.
func ParseAfter(header string, now time.Time) (time.Duration, bool) {
	header = strings.Trim(header, " \t")
	if header == "" || len(header) > longestAfter {
		return 0, false
	}
	if strings.Trim(header, "0123456789") == "" {
		return seconds(header), true
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), MaxAfter), true
}

// seconds reads digits, which may be more than any integer holds.
func seconds(digits string) time.Duration {
	var wait time.Duration
	for _, digit := range []byte(digits) {
		wait = min(10*wait+time.Duration(digit-'0')*time.Second, MaxAfter)
	}
	return wait
}
