package health

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Names of the checks that a setting of [Config] is about.
const (
	Database = "database"         // see Config.IncludeDB
	Breakers = "circuit-breakers" // see Config.IncludeBreakers
)

// Check looks at one thing that the process depends on.
type Check struct {
	// Name is what probes call it, such as "database": 1 to 64 bytes of printable
	// text, and not that of another check. Everybody may read it.
	Name string

	// Timeout bounds a run, which has failed then. 0 means Config.CheckTimeout.
	Timeout time.Duration

	// Optional is true where the process can serve without the thing: it is
	// reported, but does not decide readiness.
	Optional bool

	// Exact is true where a run cannot fail by chance, since it looks at
	// something inside the process: one run then decides, without thresholds.
	Exact bool

	// Run returns nil if the thing is well. It must end with its context: one that
	// does not return is down at once. No two runs of one check overlap. A panic is
	// an error.
	Run func(context.Context) error
}

// maxName bounds the name of a check, in bytes.
const maxName = 64

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

func (c Check) validate() error {
	switch {
	case c.Name == "":
		return errors.New("a health check needs a name")
	case len(c.Name) > maxName || strings.TrimSpace(c.Name) != c.Name || strings.ContainsFunc(c.Name, unprintable):
		return fmt.Errorf("the name of health check %.64q is not printable text of at most %d bytes", c.Name, maxName)
	case c.Run == nil:
		return fmt.Errorf("health check %q has nothing to run", c.Name)
	case c.Timeout < 0:
		return fmt.Errorf("health check %q: timeout %s is negative", c.Name, c.Timeout)
	default:
		return nil
	}
}

// under returns the check as the settings want it.
func (c Check) under(cfg Config) Check {
	if c.Timeout == 0 {
		c.Timeout = cfg.CheckTimeout
	}
	if c.Name == Database && !cfg.IncludeDB || c.Name == Breakers && !cfg.IncludeBreakers {
		c.Optional = true
	}
	return c
}

// limits returns how many runs in a row turn the check.
func (c Check) limits(cfg Config) limits {
	if c.Exact {
		return limits{degraded: 1, down: 1, up: 1}
	}
	return limits{degraded: cfg.DegradedAfter, down: cfg.DownAfter, up: cfg.UpAfter}
}
