package interceptors

import (
	"math"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// HeaderDeadline tells, in milliseconds, how long the caller still waits for the
// answer. It is the default of DeadlineConfig.Header.
const HeaderDeadline = "X-Request-Deadline"

// DeadlineOff as DeadlineConfig.Header switches the deadlines of callers off.
const DeadlineOff = "off"

// DeadlineConfig says where a caller tells how long it still waits.
type DeadlineConfig struct {
	// Header is the name of the header; see ParseDeadline for what it may hold.
	// DeadlineOff reads none. Default X-Request-Deadline.
	Header string `default:"X-Request-Deadline" desc:"Header in which a caller tells how many milliseconds it still waits (or as grpc-timeout: 250m, 2S); off reads none." envconfig:"REQUEST_DEADLINE_HEADER"`
}

// Option changes how Typed and UseResilience treat a request.
type Option func(*options)

type options struct{ deadline deadlineHeader }

// WithDeadlineHeader sets the header that tells how long the caller still waits,
// HeaderDeadline unless it is given. DeadlineOff, or an empty name, reads none.
func WithDeadlineHeader(name string) Option {
	return func(o *options) {
		o.deadline = deadlineHeader(textproto.CanonicalMIMEHeaderKey(name))
		if strings.EqualFold(name, DeadlineOff) {
			o.deadline = ""
		}
	}
}

func newOptions(opts []Option) options {
	o := options{deadline: HeaderDeadline}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// deadlineHeader is the canonical name of the header, empty for none.
type deadlineHeader string

// remaining is how long the caller still waits; ok is false where it does not say.
func (name deadlineHeader) remaining(h http.Header) (left time.Duration, ok bool) {
	if name == "" {
		return 0, false
	}
	values := h[string(name)]
	if len(values) == 0 {
		return 0, false
	}
	return ParseDeadline(values[0])
}

// expired tells a pipeline that the time of the caller is over.
const expired time.Duration = -1

// enter enters the pipeline with the deadline of the caller. Where that is over
// already, the answer is a *resilience.TimeoutError at once.
func (name deadlineHeader) enter(p *resilience.Pipeline, r *http.Request) (*resilience.Admission, error) {
	left, ok := name.remaining(r.Header)
	if ok && left <= 0 {
		left = expired
	}
	return p.EnterWithin(r.Context(), left)
}

// enterStream is enter for what has no deadline: only one that is over counts.
func (name deadlineHeader) enterStream(p *resilience.Pipeline, r *http.Request) (*resilience.Admission, error) {
	if left, ok := name.remaining(r.Header); ok && left <= 0 {
		return p.EnterWithin(r.Context(), expired)
	}
	return p.Enter(r.Context())
}

// ParseDeadline reads how long a caller still waits, from either of
//
//	1500             milliseconds
//	2S 250m 100u     as grpc-timeout has it: hours H, minutes M, seconds S,
//	                 milliseconds m, microseconds u, nanoseconds n
//
// Zero or less means that the time is over. Anything else is not ok, and so is a
// time beyond 290 years.
func ParseDeadline(text string) (left time.Duration, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false
	}
	unit := time.Millisecond
	if of, known := deadlineUnit(text[len(text)-1]); known {
		unit, text = of, text[:len(text)-1]
	}
	if strings.HasPrefix(text, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, false
	}
	return time.Duration(max(n, 0)) * unit, true
}

func deadlineUnit(letter byte) (unit time.Duration, known bool) {
	switch letter {
	case 'H':
		return time.Hour, true
	case 'M':
		return time.Minute, true
	case 'S':
		return time.Second, true
	case 'm':
		return time.Millisecond, true
	case 'u':
		return time.Microsecond, true
	case 'n':
		return time.Nanosecond, true
	default:
		return 0, false
	}
}
