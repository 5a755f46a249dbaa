package health

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config bounds what probes cost and says when a check turns. The zero value of
// a field means its default.
type Config struct {
	// CacheFor is how long the result of a check is good, from the begin of its
	// run. In that time a check runs once, however many probes ask. Default 1 s,
	// from 1 ms to 1 min.
	CacheFor time.Duration `envconfig:"HEALTH_CACHE_FOR" default:"1000" min:"1" max:"60000" desc:"Time for which the result of a health check is good."`

	// CheckTimeout bounds a check that sets no timeout itself. Default 1 s, from
	// 1 ms to 30 s.
	CheckTimeout time.Duration `envconfig:"HEALTH_CHECK_TIMEOUT" default:"1000" min:"1" max:"30000" desc:"Time for a health check that sets none itself."`

	// DegradedAfter is how many failed runs in a row make a check degraded,
	// which is told and nothing more. Default 2, not above DownAfter; the same
	// as DownAfter is never.
	DegradedAfter int `envconfig:"HEALTH_DEGRADED_AFTER" default:"2" min:"1" max:"100" desc:"Failed runs in a row that make a health check degraded, which is still up; at most HEALTH_DOWN_AFTER."`

	// DownAfter is how many failed runs in a row make a check down. Default 3,
	// from 1 to 100. A check that has never answered well is down at once.
	DownAfter int `envconfig:"HEALTH_DOWN_AFTER" default:"3" min:"1" max:"100" desc:"Failed runs in a row that make a health check down. One is enough before its first good run."`

	// UpAfter is how many good runs in a row a check that is down needs to be up.
	// Default 3, from 1 to 100. A check that has never answered well needs one.
	UpAfter int `envconfig:"HEALTH_UP_AFTER" default:"3" min:"1" max:"100" desc:"Good runs in a row that bring a health check back up. One is enough for the first time."`

	// IncludeDB is false where the process can serve without its database, for
	// instance from fallbacks: the check named [Database] is then reported, but
	// does not decide readiness. In code the zero value is false; the setting is
	// true unless it is set.
	IncludeDB bool `envconfig:"READINESS_INCLUDE_DB" default:"true" desc:"Not ready when the database is down. Turn it off where routes have fallbacks: a database that all replicas share takes them all out at once."`

	// IncludeBreakers is true where a process with an open circuit breaker
	// should get no requests, not even those that do not need what broke: the
	// check named [Breakers] then decides readiness. It is reported anyway.
	IncludeBreakers bool `envconfig:"READINESS_INCLUDE_BREAKERS" default:"false" desc:"Not ready while a circuit breaker is open. A dependency that all replicas share then takes them all out at once."`
}

// Validate reports a DegradedAfter above DownAfter.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.DegradedAfter <= c.DownAfter {
		return nil
	}
	return config.Fault{
		Name: "HEALTH_DEGRADED_AFTER", Value: strconv.Itoa(c.DegradedAfter),
		Problem: fmt.Sprintf("must not be above HEALTH_DOWN_AFTER, which is %d", c.DownAfter), Example: strconv.Itoa(c.DownAfter),
	}
}

func (c Config) withDefaults() Config {
	c.CacheFor = cmp.Or(max(c.CacheFor, 0), time.Second)
	c.CheckTimeout = cmp.Or(max(c.CheckTimeout, 0), time.Second)
	c.DegradedAfter = cmp.Or(max(c.DegradedAfter, 0), 2)
	c.DownAfter = cmp.Or(max(c.DownAfter, 0), 3)
	c.UpAfter = cmp.Or(max(c.UpAfter, 0), 3)
	return c
}
