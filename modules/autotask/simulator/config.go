package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config says what the simulated tenant is like. The zero value is a tenant as Autotask creates one today, with the
// demo credentials and 1,203 tickets.
type Config struct {
	// Addr is where [Simulator.Start] listens, 127.0.0.1:4480 by default; port 0 picks a free one.
	Addr string `default:"127.0.0.1:4480" desc:"address of the simulated Autotask" envconfig:"AUTOTASK_SIMULATOR_ADDR" example:"127.0.0.1:4480"`
	// Seed decides every generated value: the same seed gives the same tenant. Default 1.
	Seed uint64 `default:"1" desc:"seed of the generated data" envconfig:"AUTOTASK_SIMULATOR_SEED" example:"42" min:"1"`
	// Tickets is how many tickets the tenant begins with, 1 to 1,000,000, 1,203 by default. Companies, contacts, notes
	// and time entries are in proportion.
	Tickets int `default:"1203" desc:"tickets at the start" envconfig:"AUTOTASK_SIMULATOR_TICKETS" example:"1203" max:"1000000" min:"1"`
	// ThreadLimit is how many requests of one integration code may be in flight for one entity, 3 by default.
	ThreadLimit int `default:"3" desc:"concurrent requests per integration code and entity" envconfig:"AUTOTASK_SIMULATOR_THREAD_LIMIT" example:"3" min:"1"`
	// ReleaseLag is how long a thread stays taken after its answer, 0 by default. Autotask frees it a little late.
	ReleaseLag time.Duration `default:"0" desc:"how long a thread stays taken after its answer" envconfig:"AUTOTASK_SIMULATOR_RELEASE_LAG" example:"50ms" min:"0"`
	// HourlyLimit is how many requests the whole tenant has in one Window, 10,000 by default.
	HourlyLimit int `default:"10000" desc:"requests of the tenant in one window" envconfig:"AUTOTASK_SIMULATOR_HOURLY_LIMIT" example:"10000" min:"1"`
	// Window is the rolling window of HourlyLimit, one hour by default.
	Window time.Duration `default:"1h" desc:"rolling window of the hourly limit" envconfig:"AUTOTASK_SIMULATOR_WINDOW" example:"1h" min:"1s"`
	// Username, IntegrationCodes and Secret are the credentials that are accepted, [Credentials] by default. Several codes
	// are several integrations: they share the hourly limit and have threads of their own.
	Username         string        `default:"api@holdfast-demo.example" desc:"accepted API user" envconfig:"AUTOTASK_SIMULATOR_USERNAME" example:"api@holdfast-demo.example"`
	IntegrationCodes []string      `default:"DEMOINTEGRATIONCODEHOLDFAST" desc:"accepted integration codes" envconfig:"AUTOTASK_SIMULATOR_INTEGRATION_CODES" example:"CODEONE,CODETWO"`
	Secret           config.Secret `default:"demo-secret-that-opens-nothing" desc:"accepted secret" envconfig:"AUTOTASK_SIMULATOR_SECRET" example:"demo-secret-that-opens-nothing"`
	// BadCodeStatus answers a wrong integration code: 500 with a text (default) or 401 with no body. Both are seen.
	BadCodeStatus int `default:"500" desc:"answer to a wrong integration code" envconfig:"AUTOTASK_SIMULATOR_BAD_CODE_STATUS" example:"401" oneof:"401 500"`
	// MissingStatus answers a read of an id that does not exist: 200 with a null item (default) or 404. Both are seen.
	MissingStatus int `default:"200" desc:"answer to a read of a missing id" envconfig:"AUTOTASK_SIMULATOR_MISSING_STATUS" example:"404" oneof:"200 404"`
}

// Credentials returns the credentials that a simulator accepts unless its [Config] says otherwise. They are in public
// documentation and open nothing.
func Credentials() (username, integrationCode, secret string) {
	return "api@holdfast-demo.example", "DEMOINTEGRATIONCODEHOLDFAST", "demo-secret-that-opens-nothing"
}

// Validate returns every fault of the configuration at once. Zero values are no faults: they take their defaults.
func (c Config) Validate() error {
	c = c.withDefaults()
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	check(c.Tickets > 0 && c.Tickets <= 1_000_000, "tickets: %d is not between 1 and 1000000", c.Tickets)
	check(c.ThreadLimit > 0, "thread limit: %d is not above 0", c.ThreadLimit)
	check(c.HourlyLimit > 0, "hourly limit: %d is not above 0", c.HourlyLimit)
	check(c.Window >= time.Second, "window: %s is shorter than 1s", c.Window)
	check(c.ReleaseLag >= 0, "release lag: %s is negative", c.ReleaseLag)
	check(c.BadCodeStatus == http.StatusUnauthorized || c.BadCodeStatus == http.StatusInternalServerError,
		"bad code status: %d is neither 401 nor 500", c.BadCodeStatus)
	check(c.MissingStatus == http.StatusOK || c.MissingStatus == http.StatusNotFound,
		"missing status: %d is neither 200 nor 404", c.MissingStatus)
	return errors.Join(faults...)
}

func (c Config) withDefaults() Config {
	username, code, secret := Credentials()
	c.Addr = orDefault(c.Addr, "127.0.0.1:4480")
	c.Seed = orDefault(c.Seed, 1)
	c.Tickets = orDefault(c.Tickets, 1203)
	c.ThreadLimit = orDefault(c.ThreadLimit, 3)
	c.HourlyLimit = orDefault(c.HourlyLimit, 10_000)
	c.Window = orDefault(c.Window, time.Hour)
	c.Username = orDefault(c.Username, username)
	c.Secret = orDefault(c.Secret, config.Secret(secret))
	c.BadCodeStatus = orDefault(c.BadCodeStatus, http.StatusInternalServerError)
	c.MissingStatus = orDefault(c.MissingStatus, http.StatusOK)
	if len(c.IntegrationCodes) == 0 {
		c.IntegrationCodes = []string{code}
	}
	return c
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
