package health

import "time"

// Config bounds what probes cost. The zero value of a field means its default.
type Config struct {
	// CacheFor is how long the result of a check is good. In that time a check
	// runs once, however many probes ask. Default 1 s, at least 1 ms.
	CacheFor time.Duration `envconfig:"HEALTH_CACHE_FOR" default:"1000" min:"1" max:"60000" desc:"Time for which the result of a health check is good."`

	// CheckTimeout bounds a check that sets no timeout itself. Default 1 s.
	CheckTimeout time.Duration `envconfig:"HEALTH_CHECK_TIMEOUT" default:"1000" min:"1" max:"30000" desc:"Time for a health check that sets none itself."`

	// IncludeDB is false where the process can serve without its database, for
	// instance from fallbacks: the check named "database" is then reported, but
	// does not decide readiness. In code the zero value is false; the setting is
	// true unless it is set.
	IncludeDB bool `envconfig:"READINESS_INCLUDE_DB" default:"true" desc:"Not ready when the database is down. Turn it off where routes have fallbacks: a database that all replicas share takes them all out at once."`
}

// databaseCheck is the name of the check that IncludeDB is about.
const databaseCheck = "database"

func (c Config) withDefaults() Config {
	if c.CacheFor <= 0 {
		c.CacheFor = time.Second
	}
	if c.CheckTimeout <= 0 {
		c.CheckTimeout = time.Second
	}
	return c
}
