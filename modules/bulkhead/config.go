package bulkhead

import (
	"errors"
	"fmt"
	"time"
)

const (
	maxCalls        = 1_000_000 // bound of every number in a Config
	adaptiveMax     = 1000      // Config.Max where it is 0 and Adaptive
	adaptiveInitial = 20        // the limit from which Adaptive sets out
	maxAbandoned    = 100       // abandoned calls at which a bulkhead without a bound lets no more in
)

// Config bounds the calls that run at once. The zero value bounds nothing, save
// that it lets no call in while 100 or more are abandoned.
type Config struct {
	// Max is how many calls run at once, at most 1,000,000. 0 is no bound; with
	// Adaptive it is 1000.
	Max int

	// Queue is how many calls wait for a slot, at most 1,000,000. 0: none waits.
	Queue int

	// QueueTimeout is the longest wait. 0: until the context of the call ends.
	QueueTimeout time.Duration

	// Adaptive lets the limit move between Min and Max, by how long calls take.
	// It sets out from 20.
	Adaptive bool

	// Min is the least limit while Adaptive. 0 is 1.
	Min int
}

// Validate reports every field that is out of bounds or means nothing beside
// the others, joined.
func (c Config) Validate() error {
	var errs []error
	check := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bounded := c.Max > 0 || c.Adaptive
	check(c.Max < 0 || c.Max > maxCalls, "limit of %d calls: must be between 0 and %d", c.Max, maxCalls)
	check(c.Queue < 0 || c.Queue > maxCalls, "queue of %d calls: must be between 0 and %d", c.Queue, maxCalls)
	check(c.QueueTimeout < 0, "queue timeout %s: must not be negative", c.QueueTimeout)
	check(c.Queue > 0 && !bounded, "queue of %d calls: without a limit none waits; set a limit", c.Queue)
	check(c.QueueTimeout > 0 && c.Queue == 0, "queue timeout %s: without a queue none waits; set the length of the queue", c.QueueTimeout)
	check(c.Min < 0 || c.Min > maxCalls, "least limit of %d calls: must be between 0 and %d", c.Min, maxCalls)
	check(c.Min > 0 && !c.Adaptive, "least limit of %d calls: the limit does not move unless it is adaptive", c.Min)
	check(c.Adaptive && c.Min > c.complete().Max, "least limit of %d calls: is above the greatest, %d", c.Min, c.complete().Max)
	return errors.Join(errs...)
}

// complete returns c within its bounds, with defaults in place of zeros.
func (c Config) complete() Config {
	c.Max = min(max(c.Max, 0), maxCalls)
	c.Queue = min(max(c.Queue, 0), maxCalls)
	c.QueueTimeout = max(c.QueueTimeout, 0)
	if !c.Adaptive {
		return c
	}
	if c.Max == 0 {
		c.Max = adaptiveMax
	}
	c.Min = min(max(c.Min, 1), maxCalls)
	return c
}
