package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Millis is a length of time that is written as an integer of milliseconds
// ("60000") or as a Go duration ("60s", "1m"). Fields of type time.Duration
// are read the same way; Millis is for lists and maps of them.
//
//nolint:recvcheck // Decode must change its receiver, the rest are values
type Millis time.Duration

// Decode sets m from text. A number with neither unit nor meaning as whole
// milliseconds ("1.5"), and one beyond about 292 years, is refused. A negative
// length is not refused here but by the bounds of its field.
func (m *Millis) Decode(text string) error {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		if ms > math.MaxInt64/int64(time.Millisecond) || ms < math.MinInt64/int64(time.Millisecond) {
			return fmt.Errorf("is beyond the longest duration, %s", time.Duration(math.MaxInt64))
		}
		*m = Millis(time.Duration(ms) * time.Millisecond)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("must be %s", durationText)
	}
	*m = Millis(d)
	return nil
}

// Duration returns m as a time.Duration.
func (m Millis) Duration() time.Duration { return time.Duration(m) }

// String returns m as a Go duration, for instance "1m0s".
func (m Millis) String() string { return time.Duration(m).String() }

// Ratio is a share between 0 and 1, written as "0.5" or "50%".
//
//nolint:recvcheck // see Millis
type Ratio float64

// Decode sets r from text. A bare number above 1 is refused, since "50" can
// mean 50 % or a slip; the error says how to write it.
func (r *Ratio) Decode(text string) error {
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || math.IsNaN(v) {
		return fmt.Errorf("must be %s", ratioText)
	}
	if !percent && v > 1 && v <= 100 {
		return fmt.Errorf("is above 1: write %s%% or %s", shortest(v), shortest(v/100))
	}
	if percent {
		v /= 100
	}
	if v < 0 || v > 1 {
		return fmt.Errorf("must be %s", ratioText)
	}
	*r = Ratio(v)
	return nil
}

// String returns r as a number, for instance "0.5".
func (r Ratio) String() string { return shortest(float64(r)) }

func shortest(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Stage says what a process runs for: APP_ENV. A Config that depends on it
// has its own field:
//
//	Env config.Stage `envconfig:"APP_ENV" default:"prod" desc:"..."`
type Stage string

// The stages. Prod is what holds where nothing is set, so that a forgotten
// variable never loosens anything.
const (
	Dev  Stage = "dev"  // a developer's machine: .env is read, defaults are convenient
	Test Stage = "test" // automatic tests: like Prod, with nothing that needs a network
	Prod Stage = "prod" // everything else
)

// Decode sets s from text, which must be "dev", "test" or "prod".
func (s *Stage) Decode(text string) error {
	switch v := Stage(text); v {
	case Dev, Test, Prod:
		*s = v
		return nil
	default:
		return fmt.Errorf("must be %s", s.Allowed())
	}
}

// Allowed describes the values that Decode takes.
func (*Stage) Allowed() string { return "one of: dev, test, prod" }
