package entities

import (
	"encoding/json"
	"fmt"
	"time"
)

const (
	dateLayout = "2006-01-02"
	wireLayout = "2006-01-02T15:04:05.000Z"
)

// Time is a moment in UTC, or a date without a time of day, as Autotask sends them. A time without a zone is UTC
// (REST API, general conventions: all times are UTC, date-only fields are midnight with no conversion).
// Its zero value is the zero time.
type Time struct {
	time.Time

	date bool
}

// At is the moment t, in UTC.
func At(t time.Time) Time { return Time{Time: t.UTC()} }

// Date is a day with no time of day. It is written as a date and never converted between zones.
func Date(year int, month time.Month, day int) Time {
	return Time{Time: time.Date(year, month, day, 0, 0, 0, 0, time.UTC), date: true}
}

// ParseTime reads the layouts that Autotask sends: 2024-05-17T09:30:00.123Z, the same without Z, with an offset, with any
// number of fractional digits or none, and 2024-05-17.
func ParseTime(text string) (Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return At(t), nil
	}
	if t, err := time.Parse(dateLayout, text); err == nil {
		return Time{Time: t, date: true}, nil
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return At(t), nil
		}
	}
	return Time{}, fmt.Errorf("%q is no time, want a time such as 2024-05-17T09:30:00Z", clip([]byte(text)))
}

// IsDate tells whether t is a date without a time of day.
func (t Time) IsDate() bool { return t.date }

// String is the form that goes over the wire.
func (t Time) String() string {
	if t.date {
		return t.Format(dateLayout)
	}
	return t.UTC().Format(wireLayout)
}

// MarshalJSON writes the moment in UTC with milliseconds, or the date.
func (t Time) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// UnmarshalJSON reads what [ParseTime] reads. JSON null leaves t alone.
func (t *Time) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("%s is no time: %w", clip(data), err)
	}
	if text == nil {
		return nil
	}
	parsed, err := ParseTime(*text)
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}
