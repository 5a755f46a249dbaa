package simulator

import (
	"net/http"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

// Config says what the simulated tenant is like. The zero value is a tenant as Autotask creates one today, with the
// demo credentials and 1,203 tickets. Where two behaviours of Autotask were seen, or nobody knows, there is a switch.
type Config struct {
	// Addr is where [Simulator.Start] listens for the first of Zones, 127.0.0.1:4480 by default. The second listens
	// on the port above it, and so on; port 0 picks a free one for each.
	Addr string `default:"127.0.0.1:4480" desc:"address of the simulated Autotask" envconfig:"AUTOTASK_SIMULATOR_ADDR" example:"127.0.0.1:4480"`
	// Zones are the numbers of the zones that there are, 1 to 99, at most 20 of them; the tenant begins in the first.
	// By default it is 5 alone, America West.
	Zones []int `default:"5" desc:"numbers of the zones, the tenant lives in the first" envconfig:"AUTOTASK_SIMULATOR_ZONES" example:"5,14"`

	// Seed decides every generated value: the same seed gives the same tenant. Default 1.
	Seed uint64 `default:"1" desc:"seed of the generated data" envconfig:"AUTOTASK_SIMULATOR_SEED" example:"42" min:"1"`
	// Tickets is how many tickets the tenant begins with, 1 to 1,000,000, 1,203 by default. Companies, contacts,
	// notes and time entries are in proportion.
	Tickets int `default:"1203" desc:"tickets at the start" envconfig:"AUTOTASK_SIMULATOR_TICKETS" example:"1203" max:"1000000" min:"1"`

	// Username, IntegrationCodes and Secret are the credentials that are accepted, [Credentials] by default. Several
	// codes are several integrations: they share the hourly limit and have threads of their own.
	Username         string        `default:"api@holdfast-demo.example" desc:"accepted API user" envconfig:"AUTOTASK_SIMULATOR_USERNAME" example:"api@holdfast-demo.example"`
	IntegrationCodes []string      `default:"DEMOINTEGRATIONCODEHOLDFAST" desc:"accepted integration codes" envconfig:"AUTOTASK_SIMULATOR_INTEGRATION_CODES" example:"CODEONE,CODETWO"`
	Secret           config.Secret `default:"demo-secret-that-opens-nothing" desc:"accepted secret" envconfig:"AUTOTASK_SIMULATOR_SECRET" example:"demo-secret-that-opens-nothing"`
	// BadCodeStatus answers a wrong integration code: 500 with a text (default) or 401 with no body. Both are seen.
	BadCodeStatus int `default:"500" desc:"answer to a wrong integration code" envconfig:"AUTOTASK_SIMULATOR_BAD_CODE_STATUS" example:"401" oneof:"401 500"`

	// MissingStatus answers a read of an id that does not exist: 200 with a null item (default) or 404. Both are
	// seen.
	MissingStatus int `default:"200" desc:"answer to a read of a missing id" envconfig:"AUTOTASK_SIMULATOR_MISSING_STATUS" example:"404" oneof:"200 404"`
	// ReadOnlyFields is what becomes of read-only fields in a write: they are ignored (default) or refused with a
	// text.
	ReadOnlyFields string `default:"ignore" desc:"what becomes of read-only fields in a write" envconfig:"AUTOTASK_SIMULATOR_READ_ONLY_FIELDS" example:"refuse" oneof:"ignore refuse"`

	// HourlyLimit is how many requests the whole tenant has in one Window, 10,000 by default.
	HourlyLimit int `default:"10000" desc:"requests of the tenant in one window" envconfig:"AUTOTASK_SIMULATOR_HOURLY_LIMIT" example:"10000" min:"1"`
	// Window is the rolling window of HourlyLimit, one hour by default, a day at most.
	Window time.Duration `default:"1h" desc:"rolling window of the hourly limit" envconfig:"AUTOTASK_SIMULATOR_WINDOW" example:"1h" max:"24h" min:"1s"`
	// ForeignPerHour is how many requests other integrations of the tenant make per hour, evenly spread, 0 by
	// default.
	ForeignPerHour int `default:"0" desc:"requests of other integrations per hour" envconfig:"AUTOTASK_SIMULATOR_FOREIGN_PER_HOUR" example:"4000" max:"1000000000" min:"0"`
	// SuspendedStatus answers everybody while the tenant has used up its window: 429 (default), 403 or 500.
	// SuspendedText is the text of that answer; the real one is not known, and empty is one of our own.
	SuspendedStatus int    `default:"429" desc:"answer to a suspended tenant" envconfig:"AUTOTASK_SIMULATOR_SUSPENDED_STATUS" example:"403" oneof:"429 403 500"`
	SuspendedText   string `desc:"text of the answer to a suspended tenant" envconfig:"AUTOTASK_SIMULATOR_SUSPENDED_TEXT" example:"API threshold exceeded."`
	// ThreadLimit is how many requests of one integration code may be in flight for one entity, 3 by default.
	ThreadLimit int `default:"3" desc:"concurrent requests per integration code and entity" envconfig:"AUTOTASK_SIMULATOR_THREAD_LIMIT" example:"3" min:"1"`
	// ReleaseLag is how long a thread stays taken after its answer, 0 by default. Autotask frees it a little late.
	ReleaseLag time.Duration `default:"0" desc:"how long a thread stays taken after its answer" envconfig:"AUTOTASK_SIMULATOR_RELEASE_LAG" example:"50ms" min:"0"`
	// ThreadStatus answers one request too many at once: 429 (default) or 500. Both are seen.
	ThreadStatus int `default:"429" desc:"answer to one request too many at once" envconfig:"AUTOTASK_SIMULATOR_THREAD_STATUS" example:"500" oneof:"429 500"`
	// RetryAfter is the header of both refusals: none (default, as Autotask), seconds, or an HTTP date.
	RetryAfter string `default:"none" desc:"Retry-After of a refusal" envconfig:"AUTOTASK_SIMULATOR_RETRY_AFTER" example:"seconds" oneof:"none seconds date"`
	// UsageLatency scales how much longer requests take as the window is used up: at 1, the default, 0.5 s from 50 %
	// and 1 s from 75 %. 0 in the environment, and [NoLatency] in code, is none.
	UsageLatency Scale `default:"1" desc:"scale of the latency by usage: 1 is +0.5 s from 50 %, +1 s from 75 %; 0 is none" envconfig:"AUTOTASK_SIMULATOR_USAGE_LATENCY" example:"0.1"`
	// ThreadLatency scales how much longer requests take that run side by side: none by default; at 1, 0.25 s from
	// three at once to 1 s from ten.
	ThreadLatency Scale `default:"0" desc:"scale of the latency by concurrency: 1 is +0.25 s from 3 at once to +1 s from 10" envconfig:"AUTOTASK_SIMULATOR_THREAD_LATENCY" example:"1"`

	// WebhookSignature is what the signature of a delivery is over: the escaped form of its body (default) or the
	// body as sent.
	WebhookSignature string `default:"escaped" desc:"what webhooks are signed over" envconfig:"AUTOTASK_SIMULATOR_WEBHOOK_SIGNATURE" example:"raw" oneof:"escaped raw"`
	// WebhookPublic lets webhooks be delivered to any host. By default they go to loopback and private addresses
	// alone.
	WebhookPublic bool `default:"false" desc:"deliver webhooks to public addresses too" envconfig:"AUTOTASK_SIMULATOR_WEBHOOK_PUBLIC" example:"true"`
	// WebhookLimit is how many webhooks the tenant may have, 50 by default.
	WebhookLimit int `default:"50" desc:"webhooks that the tenant may have" envconfig:"AUTOTASK_SIMULATOR_WEBHOOK_LIMIT" example:"5" min:"1"`

	// Strict logs each misuse of the protocol as a warning. They are counted in any case, see [Simulator.Violations].
	Strict bool `default:"false" desc:"log each misuse of the protocol" envconfig:"AUTOTASK_SIMULATOR_STRICT" example:"true"`
	// Faults is the plan of faults to begin with, JSON as package fault has it, for example
	// {"rules":[{"kind":"reset_after","method":"POST"}]}. Empty, the default, is none.
	Faults string `desc:"plan of faults, JSON" envconfig:"AUTOTASK_SIMULATOR_FAULTS" example:"{\"rules\":[{\"kind\":\"latency\",\"duration\":\"250ms\"}]}"`
}

// Credentials returns the credentials that a simulator accepts unless its [Config] says otherwise. They are in public
// documentation and open nothing.
func Credentials() (username, integrationCode, secret string) {
	return "api@holdfast-demo.example", "DEMOINTEGRATIONCODEHOLDFAST", "demo-secret-that-opens-nothing"
}

func (c Config) withDefaults() Config {
	username, code, secret := Credentials()
	c.Addr = orDefault(c.Addr, "127.0.0.1:4480")
	c.Zones = orList(c.Zones, 5)
	c.Seed = orDefault(c.Seed, 1)
	c.Tickets = orDefault(c.Tickets, 1203)
	c.Username = orDefault(c.Username, username)
	c.IntegrationCodes = orList(c.IntegrationCodes, code)
	c.Secret = orDefault(c.Secret, config.Secret(secret))
	c.BadCodeStatus = orDefault(c.BadCodeStatus, http.StatusInternalServerError)
	c.MissingStatus = orDefault(c.MissingStatus, http.StatusOK)
	c.ReadOnlyFields = orDefault(c.ReadOnlyFields, "ignore")
	c.HourlyLimit = orDefault(c.HourlyLimit, 10_000)
	c.Window = orDefault(c.Window, time.Hour)
	c.SuspendedStatus = orDefault(c.SuspendedStatus, http.StatusTooManyRequests)
	c.ThreadLimit = orDefault(c.ThreadLimit, 3)
	c.ThreadStatus = orDefault(c.ThreadStatus, http.StatusTooManyRequests)
	c.RetryAfter = orDefault(c.RetryAfter, "none")
	c.UsageLatency = orDefault(c.UsageLatency, 1)
	c.WebhookSignature = orDefault(c.WebhookSignature, "escaped")
	c.WebhookLimit = orDefault(c.WebhookLimit, 50)
	return c
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

func orList[T any](list []T, def T) []T {
	if len(list) == 0 {
		return []T{def}
	}
	return list
}

// limits is what concerns package limit.
func (c Config) limits() limit.Config {
	return limit.Config{
		Threads: c.ThreadLimit, Lag: c.ReleaseLag, Hourly: c.HourlyLimit, Window: c.Window,
		UsageScale: factor(c.UsageLatency), ThreadScale: factor(c.ThreadLatency),
		Mail:            limit.Mail{User: c.Username},
		SuspendedStatus: c.SuspendedStatus, SuspendedText: c.SuspendedText, ThreadStatus: c.ThreadStatus,
		RetryAfter: strings.TrimPrefix(c.RetryAfter, "none"), ForeignPerHour: c.ForeignPerHour,
	}
}

// tenant is what concerns package tenant.
func (c Config) tenant(o options) tenant.Config {
	return tenant.Config{
		Seed: c.Seed, Tickets: c.Tickets, Progress: o.progress,
		MissingStatus: c.MissingStatus, RefuseReadOnly: c.ReadOnlyFields == "refuse",
		Hooks: hook.Config{
			Transport: o.webhooks, Public: c.WebhookPublic, Raw: c.WebhookSignature == "raw",
			Max: c.WebhookLimit, Seed: c.Seed,
		},
	}
}

// plan is the plan of faults that Faults spells.
func (c Config) plan() (fault.Plan, error) {
	if c.Faults == "" {
		return fault.Plan{}, nil
	}
	return fault.Parse([]byte(c.Faults))
}
