package simulator

import (
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"time"
)

// The bounds of lists, of the window, and of counts that are added at once.
const (
	maxWindow   = 24 * time.Hour
	maxZones    = 20
	maxZone     = 99
	maxExternal = 1_000_000_000
)

// Validate returns every fault of the configuration at once. Zero values are no faults: they take their defaults.
func (c Config) Validate() error {
	c = c.withDefaults()
	var f faults
	f.check(c.Tickets > 0 && c.Tickets <= 1_000_000, "tickets: %d is not between 1 and 1000000", c.Tickets)
	f.check(c.ThreadLimit > 0, "thread limit: %d is not above 0", c.ThreadLimit)
	f.check(c.HourlyLimit > 0, "hourly limit: %d is not above 0", c.HourlyLimit)
	f.check(c.Window >= time.Second && c.Window <= maxWindow, "window: %s is not between 1s and %s", c.Window, maxWindow)
	f.check(c.ReleaseLag >= 0, "release lag: %s is negative", c.ReleaseLag)
	f.check(c.ForeignPerHour >= 0 && c.ForeignPerHour <= maxExternal,
		"foreign per hour: %d is not between 0 and %d", c.ForeignPerHour, maxExternal)
	f.check(c.WebhookLimit > 0, "webhook limit: %d is not above 0", c.WebhookLimit)
	oneOf(&f, "bad code status", c.BadCodeStatus, 500, 401)
	oneOf(&f, "missing status", c.MissingStatus, 200, 404)
	oneOf(&f, "read-only fields", c.ReadOnlyFields, "ignore", "refuse")
	oneOf(&f, "suspended status", c.SuspendedStatus, 429, 403, 500)
	oneOf(&f, "thread status", c.ThreadStatus, 429, 500)
	oneOf(&f, "retry after", c.RetryAfter, "none", "seconds", "date")
	oneOf(&f, "webhook signature", c.WebhookSignature, "escaped", "raw")
	f.scale("usage latency", c.UsageLatency)
	f.scale("thread latency", c.ThreadLatency)
	f.zones(c)
	_, err := c.plan()
	f.check(err == nil, "faults: %w", err)
	return errors.Join(f...)
}

// faults are what is wrong with a configuration.
type faults []error

func (f *faults) check(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func oneOf[T comparable](f *faults, name string, v T, known ...T) {
	f.check(slices.Contains(known, v), "%s: %v is none of %v", name, v, known)
}

func (f *faults) scale(name string, s Scale) {
	v := float64(s)
	f.check(s == NoLatency || v >= 0 && v <= maxScale, "%s: %v is not between 0 and %d", name, v, maxScale)
}

// zones checks the numbers, and that there is a port for each.
func (f *faults) zones(c Config) {
	f.check(len(c.Zones) <= maxZones, "zones: %d are more than %d", len(c.Zones), maxZones)
	for i, z := range c.Zones {
		f.check(z >= 1 && z <= maxZone, "zones: %d is not between 1 and %d", z, maxZone)
		f.check(!slices.Contains(c.Zones[:i], z), "zones: %d is there twice", z)
	}
	_, text, err := net.SplitHostPort(c.Addr)
	if err != nil {
		f.check(false, "addr: %w", err)
		return
	}
	if port, err := strconv.Atoi(text); err == nil {
		f.check(port >= 0 && port <= math.MaxUint16, "addr: %d is no port", port)
		f.check(port+len(c.Zones)-1 <= math.MaxUint16,
			"addr: above port %d there is no room for %d zones", port, len(c.Zones))
	}
}
