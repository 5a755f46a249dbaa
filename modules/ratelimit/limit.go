package ratelimit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Algorithm tells how units come back.
type Algorithm uint8

const (
	// SlidingWindow gives a unit back exactly Per after it was used: no rolling window holds more than Requests.
	SlidingWindow Algorithm = iota
	// TokenBucket gives units back evenly, Requests in Per, up to Burst.
	TokenBucket
)

// String returns "sliding window" or "token bucket".
func (a Algorithm) String() string {
	switch a {
	case SlidingWindow:
		return "sliding window"
	case TokenBucket:
		return "token bucket"
	default:
		return "Algorithm(" + strconv.Itoa(int(a)) + ")"
	}
}

const (
	maxUnits = 1_000_000 // in a window each is 8 bytes of memory; a bucket stays exact to a millionth
	minPer   = time.Millisecond
	maxPer   = 31 * 24 * time.Hour
)

// Limit is how much a key may use. As a setting it is written "100/1m" (sliding window) or "100/1m burst 20" (token bucket):
//
//	Limit ratelimit.Limit `envconfig:"ORDERS_RATE_LIMIT" default:"100/1m" desc:"Requests per user"`
//
//nolint:recvcheck // Decode must change its receiver, the rest are values
type Limit struct {
	Requests  int           // units in Per: 1 to 1,000,000
	Per       time.Duration // 1 ms to 31 days
	Burst     int           // token bucket: units that can be saved up, 1 to 1,000,000; 0 is Requests
	Algorithm Algorithm     // SlidingWindow unless set
}

// Validate reports everything that is out of bounds, joined.
func (l Limit) Validate() error {
	var faults []error
	refuse := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if l.Requests < 1 || l.Requests > maxUnits {
		refuse("requests must be between 1 and %d, not %d", maxUnits, l.Requests)
	}
	if l.Per < minPer || l.Per > maxPer {
		refuse("the time they are for must be between %s and %s, not %s", minPer, short(maxPer), l.Per)
	}
	switch {
	case l.Algorithm > TokenBucket:
		refuse("there is no algorithm %d", l.Algorithm)
	case l.Algorithm == SlidingWindow && l.Burst != 0:
		refuse("burst is for a token bucket, and this is a sliding window")
	case l.Burst < 0 || l.Burst > maxUnits:
		refuse("burst must be between 1 and %d, not %d", maxUnits, l.Burst)
	case len(faults) == 0 && l.filling() > maxPer:
		refuse("burst of %d takes longer to fill than %s", l.Burst, short(maxPer))
	}
	return errors.Join(faults...)
}

// String returns the limit as [Parse] reads it, for instance "100/1m".
func (l Limit) String() string {
	text := strconv.Itoa(l.Requests) + "/" + short(l.Per)
	if l.Algorithm == TokenBucket {
		text += burstWord + strconv.Itoa(l.size())
	}
	return text
}

// size is how many units a key at rest may use at once.
func (l Limit) size() int {
	if l.Algorithm == TokenBucket && l.Burst > 0 {
		return l.Burst
	}
	return l.Requests
}

// filling is about how long an empty bucket takes to be full.
func (l Limit) filling() time.Duration {
	return time.Duration(float64(l.size()) * float64(l.Per) / float64(l.Requests))
}

// short is d without the zeros at its end: 1m, not 1m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

const (
	burstWord   = " burst "
	allowedText = "requests per time such as 100/1m, or 100/1m burst 20 for a token bucket"
)

// Parse reads "100/1m" as a sliding window and "100/1m burst 20" as a token bucket. The time is a Go duration, a unit alone
// ("100/s"), or a number of milliseconds. What it returns is valid.
func Parse(text string) (Limit, error) {
	requests, rest, slash := strings.Cut(text, "/")
	per, burst, bucket := strings.Cut(rest, burstWord)
	var l Limit
	var err, perErr, burstErr error
	l.Requests, err = count(requests)
	l.Per, perErr = duration(per)
	if bucket {
		l.Algorithm = TokenBucket
		l.Burst, burstErr = count(burst)
	}
	if !slash || err != nil || perErr != nil || burstErr != nil {
		return Limit{}, errors.New("must be " + allowedText)
	}
	if bucket && l.Burst == 0 {
		return Limit{}, errors.New("burst must be at least 1")
	}
	if err := l.Validate(); err != nil {
		return Limit{}, err
	}
	return l, nil
}

// Decode sets l from text as [Parse] does. It is what package config calls.
func (l *Limit) Decode(text string) error {
	parsed, err := Parse(text)
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}

// Allowed describes the values that Decode takes.
func (*Limit) Allowed() string { return allowedText }

// count reads digits alone: a sign means a slip.
func count(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err
}

func duration(text string) (time.Duration, error) {
	switch text {
	case "ms", "s", "m", "h":
		text = "1" + text
	}
	var d config.Millis
	err := d.Decode(text)
	return d.Duration(), err
}
