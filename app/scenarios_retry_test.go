package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// unavailable is a 503, as an outcome.
func unavailable() resiliencetest.Outcome {
	return resiliencetest.Status(http.StatusServiceUnavailable)
}

// Scenario 14: two failures and a success look like one answer. What a failed
// attempt has written is gone, and each attempt reads the whole body.
func TestScenario14RetriesLookLikeOneAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(unavailable(), unavailable(), resiliencetest.OK("done"))
		var read []string
		a := play(t, []app.Mountable{
			app.Raw(http.MethodPut, "/order", func(c echo.Context) error {
				body, err := io.ReadAll(c.Request().Body)
				if err != nil {
					return err
				}
				read = append(read, string(body))
				c.SetCookie(&http.Cookie{Name: "seen", Value: "yes"}) //nolint:gosec // holds nothing
				c.Response().Header().Add("X-Part", "1")
				if _, err := d.Do(c.Request().Context()); err != nil {
					return errors.Join(c.String(http.StatusOK, "half an answer"), err)
				}
				return c.String(http.StatusOK, "the whole answer")
			}).Name("order").UseResilience(resilience.Policy{EnableRetry: true, Idempotent: true}),
		})
		r := a.Put("/order").Body("text/plain", strings.Repeat("x", 10_000)).Do().Status(http.StatusOK)
		require.Equal(t, "the whole answer", string(r.Body))
		require.Len(t, r.Header.Values("Set-Cookie"), 1)
		require.Equal(t, []string{"1"}, r.Header.Values("X-Part"))
		require.Equal(t, "3", r.Header.Get("X-Resilience-Attempts"))
		require.Len(t, read, 3)
		for _, body := range read {
			require.Len(t, body, 10_000)
		}
		d.WantWaits(t, time.Second, 2*time.Second)
	})
}

func TestScenario14Typed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(unavailable(), unavailable(), resiliencetest.OK("done"))
		type order struct {
			Items []string `json:"items"`
		}
		var read []int
		a := play(t, []app.Mountable{
			app.Put("/order", func(ctx context.Context, in *order) (*said, error) {
				read = append(read, len(in.Items))
				in.Items = nil // an attempt spoils its own copy only
				return asks(d)(ctx, nil)
			}).Name("order").UseResilience(resilience.Policy{EnableRetry: true, Idempotent: true}),
		})
		var got said
		r := a.Put("/order").JSON(order{Items: []string{"nails", "saw"}}).Do().Status(http.StatusOK).JSON(&got)
		require.Equal(t, said{"done"}, got)
		require.Equal(t, "3", r.Header.Get("X-Resilience-Attempts"))
		require.Equal(t, []int{2, 2, 2}, read)
		d.WantWaits(t, time.Second, 2*time.Second)
	})
}

// Scenario 15: a POST is made once, unless its author says that twice does no
// harm. A key in the request alone changes nothing.
func TestScenario15PostRunsOnce(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script(unavailable())
	on := resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true}
	reads := app.Prefix("").UseResilience(on)
	a := play(t, []app.Mountable{reads.Of(
		app.Post("/typed", asks(d)).Name("typed").UseResilience(resilience.Policy{Off: resilience.Retry}),
		app.Raw(http.MethodPost, "/raw", asksRaw(d)).Name("raw").UseResilience(resilience.Policy{Off: resilience.Retry}),
	)})
	for i, path := range []string{"/typed", "/raw"} {
		r := a.Post(path).Header("Idempotency-Key", "7").JSON(empty{}).Do().Status(http.StatusServiceUnavailable)
		require.Empty(t, r.Header.Get("X-Resilience-Attempts"))
		d.WantAttempts(t, i+1)
	}
}

func TestScenario15RetryOfAPostIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script()
	group := app.Prefix("").UseResilience(resilience.Policy{EnableRetry: true})
	routes := []app.Mountable{group.Of(
		app.Post("/typed", asks(d)).Name("typed"),
		app.Raw(http.MethodPost, "/raw", asksRaw(d)).Name("raw"),
	)}
	err := app.Explain(
		app.Module("shop", app.Controllers(func() *scenario { return &scenario{routes} })),
		app.WithEnvironment(config.Environment{Vars: map[string]string{"APP_ENV": "test"}}),
	)
	require.ErrorContains(t, err, "POST /typed is retried but is not idempotent")
	require.ErrorContains(t, err, "POST /raw is retried but is not idempotent")
	require.ErrorContains(t, err, "scenarios_retry_test.go:")
}

// Scenario 16: what was sent cannot be taken back: one attempt, and a connection
// that breaks off instead of a second answer.
func TestScenario16FailureAfterFlush(t *testing.T) {
	t.Parallel()
	attempts := make(chan struct{}, 10)
	a := play(t, []app.Mountable{
		app.Raw(http.MethodGet, "/feed", func(c echo.Context) error {
			attempts <- struct{}{}
			if _, err := c.Response().Write([]byte("0123456789")); err != nil {
				return err
			}
			c.Response().Flush()
			return &resiliencetest.StatusError{Code: http.StatusServiceUnavailable}
		}).Name("feed").UseResilience(resilience.Policy{EnableRetry: true, EnableFallback: true, FallbackResponse: "instead"}),
	})
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	resp := download(t, server.URL+"/feed") //nolint:bodyclose // download closes it
	require.Equal(t, http.StatusOK, resp.StatusCode)
	body, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "0123456789", string(body))
	require.Empty(t, resp.Header.Get("X-Resilience-Fallback"))
	require.Len(t, attempts, 1)
}

// download sends a request over a real connection, which ends with the test.
func download(t *testing.T, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// Scenario 17: nobody works for a client that has gone.
func TestScenario17ClientLeavesDuringTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(unavailable())
		policy := resilience.Policy{EnableRetry: true, Retry: retry.Policy{BaseDelay: 10 * time.Second}}
		a := play(t, []app.Mountable{
			app.Get("/typed", asks(d)).Name("typed").UseResilience(policy),
			app.Raw(http.MethodGet, "/raw", asksRaw(d)).Name("raw").UseResilience(policy),
		})
		for i, path := range []string{"/typed", "/raw"} {
			ctx, leave := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, leave)
			began := time.Now()
			r := a.Get(path).Context(ctx).Do()
			require.Equal(t, 3*time.Second, time.Since(began))
			require.Empty(t, r.Body, "nobody reads it")
			time.Sleep(time.Minute)
			d.WantAttempts(t, i+1)
		}
	})
}

// The same over a real connection, and the handler has not touched the body: the
// server notices all the same, because the body was kept for the next attempt.
func TestScenario17BodyNotRead(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script(unavailable())
	tried, ended := make(chan struct{}, 10), make(chan struct{})
	policy := resilience.Policy{
		EnableRetry: true, Idempotent: true, Timeout: 2 * time.Hour, Retry: retry.Policy{BaseDelay: time.Hour, MaxDelay: time.Hour},
	}
	a := play(t, []app.Mountable{
		app.Raw(http.MethodPut, "/order", func(c echo.Context) error {
			defer func() { tried <- struct{}{} }()
			return asksRaw(d)(c)
		}).Name("order").UseResilience(policy),
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		a.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, server.URL+"/order", bytes.NewReader(make([]byte, 100_000)))
	require.NoError(t, err)
	go func() {
		<-tried
		leave()
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, context.Canceled)
	<-ended // not after an hour
	d.WantAttempts(t, 1)
}

// Scenario 20: what a service has repeated in vain, the route does not repeat.
func TestScenario20OneRetryOnOneWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var retries *retry.Service
		d := resiliencetest.Script(unavailable())
		a := play(t, []app.Mountable{
			app.Get("/stock", func(ctx context.Context, _ *empty) (*said, error) {
				text, err := retry.Do(ctx, retries, retry.Standard, func(ctx context.Context) (string, error) {
					return resiliencetest.Play[string](ctx, d)
				})
				return &said{text}, err
			}).Name("stock").UseResilience(resilience.Policy{EnableRetry: true}),
		}, fx.Populate(&retries))
		r := a.Get("/stock").Do().Status(http.StatusServiceUnavailable)
		require.Empty(t, r.Header.Get("X-Resilience-Attempts"))
		d.WantAttempts(t, 3)
		d.WantWaits(t, time.Second, 2*time.Second)
	})
}

// Scenario 21: a breaker that opens ends the repetitions at once.
func TestScenario21OpeningBreakerEndsTheRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var breakers *circuitbreaker.Service
		d := resiliencetest.Script(unavailable())
		policy := resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true, Breaker: circuitbreaker.Config{MinThroughput: 1}}
		a := play(t, []app.Mountable{
			app.Get("/typed", asks(d)).Name("typed").UseResilience(policy),
			app.Raw(http.MethodGet, "/raw", asksRaw(d)).Name("raw").UseResilience(policy),
		}, fx.Populate(&breakers))
		for i, path := range []string{"/typed", "/raw"} {
			began := time.Now()
			a.Get(path).Do().Status(http.StatusServiceUnavailable)
			require.Zero(t, time.Since(began), "%s: there is nothing to wait for", path)
			d.WantAttempts(t, i+1)
			resiliencetest.WantState(t, breakers, "shop"+strings.ReplaceAll(path, "/", "."), circuitbreaker.Open)
		}
	})
}

// Scenario 28: a body too large to keep is served, and not repeated.
func TestScenario28LargeBody(t *testing.T) {
	t.Parallel()
	const size = 2 << 20
	tests := map[string]struct {
		first resiliencetest.Outcome
		want  int
	}{
		"works":         {resiliencetest.OK("done"), http.StatusOK},
		"fails for now": {unavailable(), http.StatusServiceUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := resiliencetest.Script(tt.first, resiliencetest.OK("again"))
			a := play(t, []app.Mountable{
				app.Raw(http.MethodPut, "/upload", func(c echo.Context) error {
					n, err := io.Copy(io.Discard, c.Request().Body)
					require.NoError(t, err)
					require.EqualValues(t, size, n)
					return asksRaw(d)(c)
				}).Name("upload").UseResilience(resilience.Policy{EnableRetry: true, Idempotent: true}),
			})
			r := a.Put("/upload").Body("application/octet-stream", strings.Repeat("x", size)).Do().Status(tt.want)
			require.Empty(t, r.Header.Get("X-Resilience-Attempts"))
			d.WantAttempts(t, 1)
		})
	}
}
