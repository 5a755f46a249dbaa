package apierror

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

const (
	// suspension is how long to wait after the hourly limit where Autotask does not say (developer help names no time).
	suspension = time.Minute
	// nearLimit is the share of the hourly budget from which a bare 429 means the budget and not the threads.
	nearLimit = 0.95
)

// Answer is what one attempt came back with.
type Answer struct {
	Status int
	Header http.Header
	// Body is the whole body; of a failure at most 1 MiB is looked at.
	Body []byte
	// TooLarge says that the body is longer than the client reads; Body is its beginning.
	TooLarge bool
	// Err is why there is no whole answer; Status and Body mean nothing then.
	Err error
	// Sent says, where Err is set, that the request may have arrived.
	Sent bool
	// Took is how long the attempt lasted.
	Took time.Duration
	// Usage is the used share of the hourly budget, 0 to 1, as far as this process knows.
	Usage float64
	// Attempt counts the attempts of the call, from 1.
	Attempt int
}

// Classify is the error that an answer means, nil for a good one. ctx is the caller's context, without the time limit of
// the attempt: its end tells a caller that gave up from an Autotask that is slow.
func Classify(ctx context.Context, r Request, a Answer) error {
	if a.Err != nil {
		return unanswered(ctx, r, a)
	}
	d := Details{Request: r, Status: a.Status, Attempt: a.Attempt}
	switch {
	case a.Status/100 != 2:
		d.Wait = retryAfter(a.Header.Get("Retry-After"))
		d.Kind = d.failed(a)
	case a.TooLarge:
		d.Kind, d.cause = Protocol, errTooLarge
	default:
		d.Kind = good(r, a.Body)
	}
	if d.Kind == 0 {
		return nil
	}
	d.Ambiguous = r.Op.writes() && d.mayHaveHappened()
	return d.typed()
}

var errTooLarge = errors.New("the answer is longer than this client reads")

// Unreadable is the *[ProtocolError] of a good answer that cannot be decoded. A write has taken effect then, so it is
// ambiguous.
func Unreadable(r Request, err error) error {
	return &ProtocolError{Details{
		Request: r, Kind: Protocol, Status: http.StatusOK, Ambiguous: r.Op.writes(), Attempt: 1,
		cause: fmt.Errorf("read the answer: %w", err),
	}}
}

// Invalid is the *[ValidationError] of a record that is refused before anything is sent.
func Invalid(r Request, messages ...string) error {
	return &ValidationError{Details{Request: r, Kind: Validation, Messages: messages}}
}

// unanswered tells a caller that gave up from an upstream that did not answer.
func unanswered(ctx context.Context, r Request, a Answer) error {
	ambiguous := a.Sent && r.Op.writes()
	if errors.Is(ctx.Err(), context.Canceled) {
		return &CanceledError{Request: r, Ambiguous: ambiguous, cause: context.Cause(ctx)}
	}
	d := Details{Request: r, Kind: Network, Attempt: a.Attempt, Ambiguous: ambiguous, cause: a.Err}
	var timeout net.Error
	return &NetworkError{
		Details: d,
		Sent:    a.Sent,
		Timeout: errors.Is(a.Err, context.DeadlineExceeded) || errors.As(a.Err, &timeout) && timeout.Timeout(),
	}
}

// good is 0, or what is wrong with an answer whose status is fine.
func good(r Request, body []byte) Kind {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' {
		return Server // a proxy's page; Autotask always answers with an object
	}
	if r.Op != Get {
		return 0
	}
	var one struct {
		Item json.RawMessage `json:"item"`
	}
	if err := json.Unmarshal(body, &one); err != nil || one.Item == nil {
		return Protocol
	}
	if string(one.Item) == "null" {
		return NotFound
	}
	return 0
}

// The texts that decide. They are anchored to whole words, so that a field named in a validation text
// ("sendThresholdExceededNotification", "time zone") does not trigger them.
var (
	threadText     = regexp.MustCompile(`(?i)itgenatr005|thread threshold\b.*\bexceeded|\bthread limit\b`)
	rateText       = regexp.MustCompile(`(?i)\bthreshold\b|\bexceeded\b.*\brequests?\b`)
	zoneText       = regexp.MustCompile(`(?i)zone information could not be determined`)
	codeText       = regexp.MustCompile(`(?i)\bintegration ?code is invalid`)
	modelText      = regexp.MustCompile(`(?is)value cannot be null\..*parameter name: querymodel`)
	absentText     = regexp.MustCompile(`(?i)\bno matching records found\b`)
	permissionText = regexp.MustCompile(`(?i)\badequate permissions\b|may not have the required permissions`)
	busyText       = regexp.MustCompile(`(?i)\bdeadlock(ed)?\b|\block(s|ed)?\b|\btime[- ]?out\b|\btimed out\b|\btry again\b`)
	undoneText     = regexp.MustCompile(`(?i)\bdeadlock victim\b|\brolled back\b|\brerun the transaction\b`)
)

// failed is the kind of an answer whose status is not 2xx. It fills the messages, and the wait of a suspension.
func (d *Details) failed(a Answer) Kind {
	env := parse(a.Body)
	d.Messages = env.messages
	text := strings.Join(env.messages, "\n")
	if kind := d.byText(text, a.Usage); kind != 0 {
		if kind == RateLimit && d.Wait == 0 {
			d.Wait = suspension
		}
		return kind
	}
	if a.Status == http.StatusInternalServerError && env.listed {
		if busyText.MatchString(text) {
			return Busy
		}
		return Validation
	}
	return d.byStatus()
}

// byText is 0 where the text decides nothing.
func (d *Details) byText(text string, usage float64) Kind {
	limit := d.Status == http.StatusTooManyRequests
	refused := d.Status == http.StatusForbidden || d.Status >= http.StatusInternalServerError
	switch {
	case threadText.MatchString(text):
		return ThreadLimit
	case (limit || refused) && rateText.MatchString(text), limit && usage >= nearLimit:
		return RateLimit
	case limit:
		return ThreadLimit
	case zoneText.MatchString(text):
		return UnknownUser
	case codeText.MatchString(text):
		return Auth
	case modelText.MatchString(text):
		return Protocol
	case refused && d.Op != Create && absentText.MatchString(text): // the text goes on about permissions
		return NotFound
	case refused && permissionText.MatchString(text):
		return Permission
	default:
		return 0
	}
}

func (d *Details) byStatus() Kind {
	switch d.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return Validation
	case http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		return Method
	case http.StatusUnauthorized:
		return Auth
	case http.StatusForbidden:
		return Permission
	case http.StatusNotFound:
		return d.missing()
	case http.StatusRequestTimeout:
		return Server
	}
	if d.Status >= http.StatusInternalServerError {
		return Server
	}
	return Protocol // a redirect, or a 4xx that Autotask does not send: no use in trying again
}

// missing tells a record that is not there from an address that is not there.
func (d *Details) missing() Kind {
	if d.Op == Get {
		return NotFound
	}
	e, ok := registry.Find(d.Entity)
	if d.Op == Create && ok && e.ChildOnly() && strings.EqualFold(d.Path, e.Name) {
		d.Messages = append(d.Messages, "create "+e.Name+" at "+e.Parent+"/{id}/"+e.Child)
	}
	return Usage
}

// mayHaveHappened tells whether a failed write may have taken effect.
func (d *Details) mayHaveHappened() bool {
	switch d.Kind {
	case Server:
		return true
	case Protocol:
		return d.Status/100 == 2
	case Busy:
		return !slices.ContainsFunc(d.Messages, undoneText.MatchString)
	default:
		return false
	}
}

// retryAfter reads seconds or an HTTP date; what it cannot read is 0.
func retryAfter(header string) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseFloat(header, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		const longest = 365 * 24 * time.Hour // so that nothing overflows
		return time.Duration(math.Min(math.Ceil(seconds), longest.Seconds())) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
