package database

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config is read from DATABASE_URL and DB_*. Its zero value is a working one:
// SQLite in the file holdfast.db with production rules.
//
// A number at zero takes the default that its field names.
type Config struct {
	// URL picks the database. Empty is file:holdfast.db. SQLite takes
	// file:path, sqlite:path and :memory:, each with SQLite's own parameters
	// (?_pragma=synchronous(NORMAL)); Postgres postgres:// or postgresql://,
	// MySQL and MariaDB mysql://user:password@host:3306/name.
	URL config.Secret `envconfig:"DATABASE_URL" desc:"file:…, sqlite:…, postgres://…, postgresql://… or mysql://…; empty is file:holdfast.db" example:"postgres://shop:secret@db:5432/shop"`

	// Migrate says what Start does about migrations: up runs them, check
	// leaves them alone and makes Ping fail while one is pending, off does
	// neither. Empty is up on SQLite outside production, else check.
	Migrate string `envconfig:"DB_MIGRATE" oneof:"up check off" desc:"up runs migrations at start, check is not ready while one is pending, off does neither; empty is up on SQLite outside prod, else check"`

	// MaxConnections bounds the pool; callers beyond it wait for their
	// context. 0 is 50 in production and 10 elsewhere. On SQLite it bounds
	// the readers, of which there are never more than 4 or the number of
	// processors; the writer is always one.
	MaxConnections int `envconfig:"DB_MAX_CONNECTIONS" default:"0" min:"0" max:"1000" desc:"size of the pool; 0 is 50 in prod, else 10"`

	// MinConnections are kept when nobody uses them: Postgres opens that many
	// in advance, MySQL and SQLite keep at most that many. At 0 nothing is
	// opened in advance, and a connection closes after 10 idle minutes.
	MinConnections int `envconfig:"DB_MIN_CONNECTIONS" default:"0" min:"0" max:"1000" desc:"idle connections that are kept"`

	// ConnectTimeout bounds the connection that Start makes, and every later
	// one. 0 is 10 s.
	ConnectTimeout time.Duration `envconfig:"DB_CONNECT_TIMEOUT_MS" default:"10000" min:"100" max:"600000" desc:"time to connect"`

	// SlowQuery is the duration from which a statement is logged as a
	// warning, without its parameters. 0 is 1 s.
	SlowQuery time.Duration `envconfig:"DB_SLOW_QUERY_THRESHOLD_MS" default:"1000" min:"1" max:"3600000" desc:"statements that take longer are logged"`

	// Env sets the defaults that differ in production. Empty is production.
	Env config.Stage `envconfig:"APP_ENV" default:"prod"`
}

// What Config.Migrate may be.
const (
	migrateUp    = "up"
	migrateCheck = "check"
	migrateOff   = "off"
)

// Validate reports, all at once, an address that New would refuse, a mode that
// does not exist and bounds that contradict each other. No message holds the
// address or a part of its password.
func (c Config) Validate() error {
	var faults []error
	if _, err := parseURL(c.URL.Reveal()); err != nil {
		faults = append(faults, config.Fault{ //nolint:gosec // the password is an example
			Name: "DATABASE_URL", Value: "***", Problem: err.Error(),
			Example: "postgres://shop:secret@db:5432/shop",
		})
	}
	switch c.Migrate {
	case "", migrateUp, migrateCheck, migrateOff:
	default:
		faults = append(faults, config.Fault{
			Name: "DB_MIGRATE", Value: c.Migrate, Problem: "must be up, check or off", Example: migrateUp,
		})
	}
	if c.MaxConnections < 0 || c.MaxConnections > 1000 {
		faults = append(faults, config.Fault{
			Name: "DB_MAX_CONNECTIONS", Value: fmt.Sprint(c.MaxConnections),
			Problem: "must be between 0 and 1000", Example: "10",
		})
	} else if most := c.withDefaults().MaxConnections; c.MinConnections < 0 || c.MinConnections > most {
		faults = append(faults, config.Fault{
			Name: "DB_MIN_CONNECTIONS", Value: fmt.Sprint(c.MinConnections),
			Problem: fmt.Sprintf("must be between 0 and DB_MAX_CONNECTIONS (%d)", most), Example: "2",
		})
	}
	return errors.Join(faults...)
}

// withDefaults fills what is zero.
func (c Config) withDefaults() Config {
	c.Env = cmp.Or(c.Env, config.Prod)
	if c.MaxConnections == 0 {
		c.MaxConnections = 10
		if c.Env == config.Prod {
			c.MaxConnections = 50
		}
	}
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 10*time.Second)
	c.SlowQuery = cmp.Or(c.SlowQuery, time.Second)
	return c
}

// migrateMode applies the rule for an empty Migrate.
func (c Config) migrateMode(dialect string) string {
	switch {
	case c.Migrate != "":
		return c.Migrate
	case dialect == dialectSQLite && c.Env != config.Prod:
		return migrateUp
	default:
		return migrateCheck
	}
}
