package autotask

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
)

// Config is one tenant's access. In code, zero numbers mean the defaults.
type Config struct {
	// Username is the API user, an e-mail address.
	Username string `envconfig:"AUTOTASK_USERNAME" desc:"API user" example:"api@example.com"`
	// IntegrationCode is the tracking identifier of the API user, 27 characters.
	IntegrationCode config.Secret `envconfig:"AUTOTASK_INTEGRATION_CODE" desc:"Tracking identifier of the API user"`
	// Secret is the API user's password.
	Secret config.Secret `envconfig:"AUTOTASK_SECRET" desc:"Secret of the API user"`

	// APIURL is the tenant's zone. Empty, which is right outside of tests, asks Autotask for it.
	APIURL string `envconfig:"AUTOTASK_API_URL" desc:"Address of the zone; empty asks Autotask" example:"https://webservices3.autotask.net/atservicesrest/"`
	// ZoneURL is where the zone is asked for.
	ZoneURL string `envconfig:"AUTOTASK_ZONE_URL" default:"https://webservices.autotask.net/atservicesrest/" desc:"Where the zone of the user is asked for"`

	// Timeout bounds one attempt, from the connection to the last byte. A call without a deadline ends after 5 minutes.
	Timeout time.Duration `envconfig:"AUTOTASK_TIMEOUT" default:"30s" min:"1ms" max:"5m" desc:"Time limit of one attempt"`

	// HourlyLimit is how many requests this process sends within LimitWindow: 10,000 is Autotask's limit of a tenant.
	HourlyLimit int `envconfig:"AUTOTASK_HOURLY_LIMIT" default:"10000" min:"1" max:"1000000" desc:"Requests within the limit window"`
	// LimitWindow is the rolling window of HourlyLimit; Autotask's is an hour.
	LimitWindow time.Duration `envconfig:"AUTOTASK_LIMIT_WINDOW" default:"1h" min:"1s" max:"24h" desc:"Rolling window of the hourly limit"`
	// ThreadLimit is how many requests run at once for one entity; 3 is Autotask's limit.
	ThreadLimit int `envconfig:"AUTOTASK_THREAD_LIMIT" default:"3" min:"1" max:"100" desc:"Requests at once for one entity"`

	// Env decides where credentials may go: to this machine only outside production.
	Env config.Stage `envconfig:"APP_ENV" default:"prod"`
}

// Validate reports every fault. Outside production it is none to have no credentials at all: a program may point the
// client at a simulator, and one that never calls Autotask starts without.
func (c Config) Validate() error {
	faults := c.addressFaults()
	if missing := c.missing(); c.production() || len(missing) < 3 {
		faults = append(faults, missing...)
	}
	if c.Timeout < 0 {
		faults = append(faults, config.Fault{
			Name: "AUTOTASK_TIMEOUT", Value: c.Timeout.String(), Problem: "is below zero", Example: defaultTimeout.String(),
		})
	}
	credentials := []struct{ name, value string }{
		{"AUTOTASK_USERNAME", c.Username},
		{"AUTOTASK_INTEGRATION_CODE", c.IntegrationCode.Reveal()},
		{"AUTOTASK_SECRET", c.Secret.Reveal()},
	}
	for _, header := range credentials {
		if strings.ContainsFunc(header.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			faults = append(faults, config.Fault{
				Name: header.name, Problem: "holds a line break or another control character, which an HTTP header cannot",
			})
		}
	}
	return errors.Join(faults...)
}

func (c Config) production() bool { return c.Env != config.Dev && c.Env != config.Test }

func (c Config) hosts() zone.Hosts { return zone.Hosts{Loopback: !c.production()} }

// missing is a fault for each credential that is not set.
func (c Config) missing() []error {
	var faults []error
	absent := func(name string, empty bool, problem, example string) {
		if empty {
			faults = append(faults, config.Fault{Name: name, Problem: problem, Example: example})
		}
	}
	absent("AUTOTASK_USERNAME", c.Username == "", "is not set: the API user of the tenant", "api@example.com")
	absent("AUTOTASK_INTEGRATION_CODE", c.IntegrationCode == "", "is not set: the tracking identifier of the API user", "")
	absent("AUTOTASK_SECRET", c.Secret == "", "is not set: the secret of the API user", "")
	return faults
}

func (c Config) addressFaults() []error {
	var faults []error
	addresses := []struct{ name, value string }{{"AUTOTASK_API_URL", c.APIURL}, {"AUTOTASK_ZONE_URL", c.ZoneURL}}
	for _, address := range addresses {
		if address.value == "" {
			continue
		}
		u, err := zone.Parse(address.value)
		if err == nil {
			err = c.hosts().Check(u)
		}
		if err != nil {
			faults = append(faults, config.Fault{Name: address.name, Problem: fmt.Sprintf("is refused: %v", err), Example: zone.DefaultURL})
		}
	}
	return faults
}

func (c Config) withDefaults() Config {
	c.ZoneURL = cmp.Or(c.ZoneURL, zone.DefaultURL)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.HourlyLimit = cmp.Or(c.HourlyLimit, defaultHourly)
	c.LimitWindow = cmp.Or(c.LimitWindow, time.Hour)
	c.ThreadLimit = cmp.Or(c.ThreadLimit, defaultThreads)
	return c
}

const (
	defaultTimeout = 30 * time.Second
	defaultHourly  = 10_000
	defaultThreads = 3
)

func (c Config) limits() throttle.Config {
	return throttle.Config{Threads: c.ThreadLimit, Hourly: c.HourlyLimit, Window: c.LimitWindow}
}
