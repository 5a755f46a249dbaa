package autotask_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	load := func(env map[string]string) (autotask.Config, error) {
		values, err := config.Load(config.Environment{Vars: env}, config.SpecOf[autotask.Config]())
		if err != nil {
			return autotask.Config{}, err
		}
		return config.Get[autotask.Config](values)
	}
	cfg, err := load(map[string]string{
		"AUTOTASK_USERNAME": "u", "AUTOTASK_INTEGRATION_CODE": "c", "AUTOTASK_SECRET": "s", "AUTOTASK_TIMEOUT": "5000",
	})
	require.NoError(t, err)
	require.Equal(t, autotask.Config{
		Username: "u", IntegrationCode: "c", Secret: "s", ZoneURL: "https://webservices.autotask.net/atservicesrest/",
		Timeout: 5 * time.Second, HourlyLimit: 10_000, LimitWindow: time.Hour, ThreadLimit: 3, Env: config.Prod,
	}, cfg)

	_, err = load(map[string]string{"AUTOTASK_SECRET": "s"})
	require.ErrorContains(t, err, "AUTOTASK_USERNAME")
	require.ErrorContains(t, err, "AUTOTASK_INTEGRATION_CODE")
	require.NotContains(t, err.Error(), "AUTOTASK_SECRET")

	_, err = load(map[string]string{"APP_ENV": "dev"})
	require.NoError(t, err, "in development a simulator may stand in")

	for name, value := range map[string]string{
		"AUTOTASK_TIMEOUT": "0", "AUTOTASK_HOURLY_LIMIT": "0", "AUTOTASK_LIMIT_WINDOW": "10ms", "AUTOTASK_THREAD_LIMIT": "-1",
	} {
		_, err = load(map[string]string{"APP_ENV": "dev", name: value})
		require.ErrorContains(t, err, name)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*autotask.Config)
		want   string
	}{
		"fine":                   {func(*autotask.Config) {}, ""},
		"a zone without version": {func(c *autotask.Config) { c.APIURL = "https://webservices3.autotask.net" }, ""},
		"loopback in tests":      {func(c *autotask.Config) { c.Env, c.ZoneURL = config.Test, "http://127.0.0.1:4480" }, ""},
		"loopback in production": {func(c *autotask.Config) { c.ZoneURL = "http://127.0.0.1:4480" }, "AUTOTASK_ZONE_URL: is refused: host is not allowed: 127.0.0.1:4480 is this machine"},
		"loopback, no stage":     {func(c *autotask.Config) { c.Env, c.APIURL = "", "http://localhost" }, "AUTOTASK_API_URL: is refused"},
		"http":                   {func(c *autotask.Config) { c.APIURL = "http://webservices3.autotask.net/" }, "AUTOTASK_API_URL: is refused: host is not allowed: http://webservices3.autotask.net is no https host under autotask.net"},
		"foreign":                {func(c *autotask.Config) { c.Env, c.APIURL = config.Dev, "https://evil.example" }, "AUTOTASK_API_URL"},
		"no address":             {func(c *autotask.Config) { c.APIURL = "webservices3" }, "AUTOTASK_API_URL: is refused: not an address with scheme and host"},
		"line break":             {func(c *autotask.Config) { c.Username = "a\r\nSecret: x" }, "AUTOTASK_USERNAME: holds a line break"},
		"line break in secret":   {func(c *autotask.Config) { c.Secret = "a\nb" }, "AUTOTASK_SECRET: holds a line break"},
		"negative timeout":       {func(c *autotask.Config) { c.Timeout = -1 }, `AUTOTASK_TIMEOUT="-1ns": is below zero`},
		"missing":                {func(c *autotask.Config) { c.IntegrationCode = "" }, "AUTOTASK_INTEGRATION_CODE: is not set"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := autotask.Config{Username: "u", IntegrationCode: "c", Secret: "s", Env: config.Prod}
			test.change(&cfg)
			err := cfg.Validate()
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			_, ok := errors.AsType[config.Fault](err)
			require.True(t, ok)
		})
	}
}

func TestWithoutCredentials(t *testing.T) {
	t.Parallel()
	rt := plays(answers(200, `{"item":{}}`))
	_, err := newClient(t, autotask.Config{Env: config.Dev}, rt).Tickets.Get(t.Context(), 1)
	for _, name := range []string{"AUTOTASK_USERNAME", "AUTOTASK_INTEGRATION_CODE", "AUTOTASK_SECRET"} {
		require.ErrorContains(t, err, name)
	}
	require.Empty(t, rt.seen, "nothing is sent")
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, discard())
	require.NoError(t, err)
	retries := retry.NewService(retry.Config{}, discard())
	for name, wrong := range map[string]autotask.Config{
		"no credentials in production": {Env: config.Prod},
		"half of the credentials":      {Env: config.Dev, Username: "u"},
		"no threads":                   {Username: "u", IntegrationCode: "c", Secret: "s", ThreadLimit: -1},
		"a foreign host":               {Username: "u", IntegrationCode: "c", Secret: "s", APIURL: "https://evil.example"},
	} {
		_, err = autotask.New(wrong, breakers, retries, discard())
		require.Error(t, err, name)
	}
}
