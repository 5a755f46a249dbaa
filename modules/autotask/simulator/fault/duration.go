package fault

import (
	"fmt"
	"time"
)

// Duration is a time.Duration that JSON writes as "250ms".
type Duration time.Duration

// String returns the duration as time.Duration does: "250ms".
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the duration as [Duration.String] does. There is no error.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [time.ParseDuration] reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`%q is not a duration like "250ms", "1.5s" or "2m"`, text)
	}
	*d = Duration(parsed)
	return nil
}
