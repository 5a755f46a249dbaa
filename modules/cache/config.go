package cache

import (
	"errors"
	"fmt"
	"time"
)

// Config bounds a [Cache].
type Config struct {
	// MaxEntries is how many values are kept at most. 0 is 10,000. The cache may
	// be over it for a moment.
	MaxEntries int
	// TTL is how long a value is fresh: returned without asking the source. 0 is
	// never; calls for one key at the same time are one load all the same.
	TTL time.Duration
	// StaleIfError is how much longer a value may stand in for a source that
	// fails. 0 is not at all.
	StaleIfError time.Duration
	// LoadTimeout bounds one load, since it does not end with the call that began
	// it. 0 is 30 s.
	LoadTimeout time.Duration
}

// longest keeps sums of settings within a time.Duration.
const longest = 100 * 365 * 24 * time.Hour

// Validate reports every setting that is out of bounds, joined.
func (c Config) Validate() error {
	var errs []error
	if c.MaxEntries < 0 {
		errs = append(errs, fmt.Errorf("MaxEntries is %d: it must not be negative", c.MaxEntries))
	}
	for _, setting := range []struct {
		name  string
		value time.Duration
	}{{"TTL", c.TTL}, {"StaleIfError", c.StaleIfError}, {"LoadTimeout", c.LoadTimeout}} {
		if setting.value < 0 || setting.value > longest {
			errs = append(errs, fmt.Errorf("%s is %s: it must be between 0 and %s", setting.name, setting.value, longest))
		}
	}
	return errors.Join(errs...)
}

// complete fills in the defaults.
func (c Config) complete() Config {
	if c.MaxEntries == 0 {
		c.MaxEntries = 10_000
	}
	if c.LoadTimeout == 0 {
		c.LoadTimeout = 30 * time.Second
	}
	return c
}
