package client_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func names(p parts) []string {
	var all []string
	for _, pipeline := range p.runner.Pipelines() {
		all = append(all, pipeline.Name())
	}
	return all
}

func TestBreakerPerHost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		err    error
		name   string // of the policy
		want   string // state of the breaker of down.test
		others string // and what the other host answers
	}{
		"500":         {500, nil, "", "open", "200"},
		"line":        {0, errDial, "", "open", "200"},
		"one for all": {500, nil, "billing", "open", "open"},
		"404":         {404, nil, "", "closed", "200"},
		"429":         {429, nil, "", "closed", "200"},
		"408":         {408, nil, "", "closed", "200"},
		"501":         {501, nil, "", "closed", "200"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParts(t)
			s := inner(func(req *http.Request) (*http.Response, error) {
				if req.URL.Host == "up.test" {
					return &http.Response{StatusCode: http.StatusOK}, nil
				}
				if tt.err != nil {
					return nil, tt.err
				}
				return &http.Response{StatusCode: tt.status}, nil
			})
			policy := resilience.Policy{Name: tt.name, EnableCircuitBreaker: true}
			c, err := client.New("billing", p.runner, client.Config{Policy: policy}, client.WithTransport(s))
			require.NoError(t, err)
			for range 10 {
				_, _, _ = ask(t, c, request(t.Context(), t, "GET", "http://down.test/", nil))
			}
			breaker := tt.name
			if breaker == "" {
				breaker = "billing.down.test"
			}
			m, ok := p.breakers.Metrics(breaker)
			require.True(t, ok)
			require.Equal(t, tt.want, m.State.String())
			_, _, err = ask(t, c, request(t.Context(), t, "GET", "http://up.test/", nil))
			if tt.others == "open" {
				require.ErrorIs(t, err, circuitbreaker.ErrOpen)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestHostsAreOneByNameAndPort(t *testing.T) {
	t.Parallel()
	p := newParts(t)
	c, err := client.New("billing", p.runner, client.Config{}, client.WithTransport(statuses(200)))
	require.NoError(t, err)
	for _, url := range []string{
		"http://api.test/a", "https://api.test/b", "http://API.test:80/", "https://api.TEST:443/", "http://api.test:/",
		"http://api.test:8080/", "http://api.test:443/", "http://[::1]:80/", "http://[::1]/",
	} {
		_, _, err := ask(t, c, request(t.Context(), t, "GET", url, nil))
		require.NoError(t, err)
	}
	require.Equal(t, []string{"billing.[::1]", "billing.api.test", "billing.api.test:443", "billing.api.test:8080", "billing.other"}, names(p))
}

func TestHostsAreBounded(t *testing.T) {
	t.Parallel()
	p := newParts(t)
	c, err := client.New("billing", p.runner, client.Config{MaxHosts: 5}, client.WithTransport(statuses(200)))
	require.NoError(t, err)
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			resp, err := c.Get(fmt.Sprintf("http://h%d.test/", i%50))
			if err == nil {
				_ = resp.Body.Close()
			}
		})
	}
	wait.Wait()
	require.Len(t, names(p), 6)
}

func TestThousandHostsAtMost(t *testing.T) {
	t.Parallel()
	p := newParts(t)
	c, err := client.New("billing", p.runner, client.Config{}, client.WithTransport(statuses(200)))
	require.NoError(t, err)
	for i := range 1010 {
		_, _, err := ask(t, c, request(t.Context(), t, "GET", fmt.Sprintf("http://h%d.test/", i), nil))
		require.NoError(t, err)
	}
	require.Len(t, names(p), 1001)
}

// TestNoRoomForBreakers has the bound of circuitbreaker reached by others.
func TestNoRoomForBreakers(t *testing.T) {
	t.Parallel()
	p := newParts(t)
	policy := resilience.Policy{EnableCircuitBreaker: true}
	c, err := client.New("billing", p.runner, client.Config{Policy: policy}, client.WithTransport(statuses(200)))
	require.NoError(t, err)
	for i := range 2000 {
		p.breakers.Get(fmt.Sprint("full", i))
	}
	for range 2 {
		_, _, err = ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
	}
	m, ok := p.breakers.Metrics("billing.other")
	require.True(t, ok)
	require.EqualValues(t, 2, m.Successes)
}

func TestSettingsAreRefused(t *testing.T) {
	t.Parallel()
	fallback := func(*http.Request, error) (*http.Response, error) { return nil, http.ErrNotSupported }
	tests := map[string]struct {
		name string
		cfg  client.Config
		want string
	}{
		"no name":              {"", client.Config{}, "needs a name"},
		"hosts":                {"billing", client.Config{MaxHosts: -1}, "MaxHosts is -1"},
		"body":                 {"billing", client.Config{MaxResponseBody: -2}, "MaxResponseBody is -2"},
		"redirects":            {"billing", client.Config{Redirects: 9}, "Redirects is 9"},
		"header":               {"billing", client.Config{SendDeadline: true, DeadlineHeader: "a b"}, `"a b" is no name of a header`},
		"header not sent":      {"billing", client.Config{DeadlineHeader: "X-Deadline"}, "would never be sent"},
		"policy":               {"billing", client.Config{Policy: resilience.Policy{Timeout: 1, AttemptTimeout: 2}}, "AttemptTimeout"},
		"fallback of nothing":  {"billing", client.Config{Policy: resilience.Policy{EnableFallback: true}}, "EnableFallback needs"},
		"fallback not enabled": {"billing", client.Config{Fallback: fallback}, "would never be asked"},
		"two fallbacks":        {"billing", client.Config{Fallback: fallback, Policy: resilience.Policy{EnableFallback: true, FallbackResponse: 1}}, "leave out one"},
		"no JSON":              {"billing", client.Config{Policy: resilience.Policy{EnableFallback: true, FallbackResponse: make(chan int)}}, "encode as JSON"},
		"shared response":      {"billing", client.Config{Policy: resilience.Policy{EnableFallback: true, FallbackResponse: &http.Response{}}}, "read only once"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.New(tt.name, newParts(t).runner, tt.cfg)
			require.ErrorContains(t, err, tt.want)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		t.Parallel()
		_, err := client.New("", newParts(t).runner, client.Config{MaxHosts: -1, MaxResponseBody: -2})
		require.Len(t, strings.Split(err.Error(), "\n"), 3)
	})
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		p := newParts(t)
		_, err := client.New("billing", p.runner, client.Config{})
		require.NoError(t, err)
		_, err = client.New("billing", p.runner, client.Config{})
		require.ErrorContains(t, err, "compiled twice")
	})
}

func TestVariablesOfHosts(t *testing.T) {
	t.Parallel()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	runner := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, nil, nil,
		resilience.WithOverrides([]resilience.Override{
			{Name: "RESILIENCE_BILLING_TIMEOUT", Value: "7s", Source: "environment"},
			{Name: "RESILIENCE_BILLING_API_TEST_TIMEOUT", Value: "3s", Source: "environment"},
		}))
	c, err := client.New("billing", runner, client.Config{}, client.WithTransport(statuses(200)))
	require.NoError(t, err)
	require.NoError(t, runner.Check(), "the host has not been called yet")
	for _, url := range []string{here, "http://other.test/"} {
		_, _, err = ask(t, c, request(t.Context(), t, http.MethodGet, url, nil))
		require.NoError(t, err)
	}
	timeouts := map[string]time.Duration{}
	for _, p := range runner.Pipelines() {
		timeouts[p.Name()] = p.Policy().Timeout
	}
	require.Equal(t, 3*time.Second, timeouts["billing.api.test"])
	require.Equal(t, 7*time.Second, timeouts["billing.other.test"])
}
