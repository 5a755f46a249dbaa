package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/database"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/logging"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Scenario 23: a handler that honours its context is over at the deadline.
func TestScenario23SoftTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(resiliencetest.Hang())
		policy := resilience.Policy{Timeout: 100 * time.Millisecond}
		a := play(t, []app.Mountable{
			app.Get("/typed", asks(d)).Name("typed").UseResilience(policy),
			app.Raw(http.MethodGet, "/raw", asksRaw(d)).Name("raw").UseResilience(policy),
		})
		for _, path := range []string{"/typed", "/raw"} {
			began := time.Now()
			r := a.Get(path).Do().Status(http.StatusGatewayTimeout)
			require.Equal(t, 100*time.Millisecond, time.Since(began))
			require.Equal(t, "timeout", problemType(r.Problem()))
			require.Empty(t, r.Header.Get("Retry-After"))
		}
		for _, attempt := range d.Attempts() {
			require.ErrorIs(t, attempt.Err, context.DeadlineExceeded)
		}
	})
}

// A query that would never end is cancelled with the request: if it were not,
// the test would not end either.
func TestScenario23QueryIsCancelled(t *testing.T) {
	t.Parallel()
	var db *database.Service
	failed := make(chan error, 1)
	a := play(t, []app.Mountable{
		app.Get("/report", func(ctx context.Context, _ *empty) (*said, error) {
			var n int
			err := db.DB(ctx).Raw(`WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n`).Scan(&n).Error
			failed <- err
			return nil, err
		}).Name("report").UseResilience(resilience.Policy{Timeout: 100 * time.Millisecond}),
	}, database.Module, fx.Populate(&db))
	a.Get("/report").Do().Status(http.StatusGatewayTimeout)
	require.Error(t, <-failed)
}

// Scenario 24: 400 at the same time, half of them deaf to their context. Those
// get their 504 at the deadline, the others their own answer, and nothing that
// comes late gets anywhere.
func TestScenario24HardTimeout(t *testing.T) {
	t.Parallel()
	const n = 400
	policy := resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard, MaxConcurrent: n}
	slow := func(id int) bool { return id%2 == 1 }
	work := func(id int) {
		if slow(id) {
			time.Sleep(3 * time.Second)
		}
	}
	type key struct {
		ID int `path:"id"`
	}
	late := make(chan error, n) // what late writes get
	routes := map[string]app.Mountable{
		"typed": app.Get("/:id", func(_ context.Context, in *key) (*said, error) {
			work(in.ID)
			return &said{strconv.Itoa(in.ID)}, nil
		}).Name("work").UseResilience(policy),
		"raw": app.Raw(http.MethodGet, "/:id", func(c echo.Context) error {
			id, err := strconv.Atoi(c.Param("id"))
			if err != nil {
				return err
			}
			work(id)
			c.Response().Header().Set("X-Id", c.Param("id"))
			err = c.JSON(http.StatusOK, said{c.Param("id")})
			if slow(id) {
				late <- errors.Join(err, http.NewResponseController(c.Response()).Flush())
			}
			return err
		}).Name("work").UseResilience(policy),
	}
	for name, route := range routes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := play(t, []app.Mountable{route})
				began := time.Now()
				answers := together(n, func(i int) *apptest.Response { return a.Get(fmt.Sprintf("/%d", i)).Do() })
				require.Equal(t, time.Second, time.Since(began))
				require.Equal(t, map[int]int{http.StatusOK: n / 2, http.StatusGatewayTimeout: n / 2}, byStatus(answers))
				require.Contains(t, metricsOf(a), "resilience_abandoned_handlers 200\n")
				time.Sleep(5 * time.Second) // the late ones write now
				for i, r := range answers {
					if slow(i) {
						require.Equal(t, "timeout", problemType(r.Problem()))
						require.Empty(t, r.Header.Get("X-Id"))
						continue
					}
					var got said
					r.JSON(&got)
					require.Equal(t, strconv.Itoa(i), got.Text)
				}
				require.Contains(t, metricsOf(a), "resilience_abandoned_handlers 0\n")
			})
		})
	}
	t.Cleanup(func() {
		require.Len(t, late, n/2)
		for range n / 2 {
			require.ErrorIs(t, <-late, http.ErrHandlerTimeout)
		}
	})
}

// metricsOf is what a scrape gets.
func metricsOf(a *apptest.App) string {
	return string(a.Get("/metrics").DoAdmin().Status(http.StatusOK).Body)
}

// Scenario 25: the total deadline holds all attempts; the last gets what is left.
func TestScenario25AttemptsShareTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		var mu sync.Mutex
		d := resiliencetest.Script(resiliencetest.Hang())
		a := play(t, []app.Mountable{
			app.Get("/stock", func(ctx context.Context, in *empty) (*said, error) {
				at, _ := ctx.Deadline()
				mu.Lock()
				left = append(left, time.Until(at))
				mu.Unlock()
				return asks(d)(ctx, in)
			}).Name("stock").UseResilience(resilience.Policy{
				EnableRetry: true, Timeout: time.Second, AttemptTimeout: 600 * time.Millisecond,
				Retry: retry.Policy{MaxAttempts: 3, BaseDelay: 10 * time.Millisecond},
			}),
		})
		began := time.Now()
		r := a.Get("/stock").Do().Status(http.StatusGatewayTimeout)
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, []time.Duration{600 * time.Millisecond, 390 * time.Millisecond}, left)
		require.Equal(t, "2", r.Header.Get("X-Resilience-Attempts"))
		d.WantAttempts(t, 2)
	})
}

// Scenario 26: what a fallback replaces, and what it does not.
func TestScenario26Fallback(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		outcome resiliencetest.Outcome
		open    bool
		want    int // 200 is by the fallback
	}{
		"breaker open":    {outcome: resiliencetest.OK("never"), open: true, want: http.StatusOK},
		"total timeout":   {outcome: resiliencetest.Deaf(6*time.Second, resiliencetest.OK("late")), want: http.StatusOK},
		"attempt timeout": {outcome: resiliencetest.Hang(), want: http.StatusOK},
		"500":             {outcome: resiliencetest.Status(500), want: http.StatusOK},
		"503":             {outcome: resiliencetest.Status(503), want: http.StatusOK},
		"no connection":   {outcome: resiliencetest.Fail(errors.New("connection refused")), want: http.StatusOK},
		"panic":           {outcome: resiliencetest.Panic("bug"), want: http.StatusOK},
		"404":             {outcome: resiliencetest.Status(404), want: http.StatusNotFound},
		"409":             {outcome: resiliencetest.Status(409), want: http.StatusConflict},
		"429":             {outcome: resiliencetest.Status(429), want: http.StatusTooManyRequests},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var breakers *circuitbreaker.Service
				a := play(t, []app.Mountable{
					app.Get("/stock", asks(resiliencetest.Script(tt.outcome))).Name("stock").UseResilience(resilience.Policy{
						EnableCircuitBreaker: true, EnableFallback: true, Timeout: 5 * time.Second, AttemptTimeout: 2 * time.Second,
					}).Fallback(func(context.Context, *empty, error) (*said, error) { return &said{"instead"}, nil }),
				}, fx.Populate(&breakers))
				if tt.open {
					resiliencetest.Force(t, breakers, "shop.stock", circuitbreaker.Open)
				}
				r := a.Get("/stock").Do().Status(tt.want)
				require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
				if tt.want != http.StatusOK {
					require.Empty(t, r.Header.Get("X-Resilience-Fallback"))
					return
				}
				require.Equal(t, "true", r.Header.Get("X-Resilience-Fallback"))
				var got said
				r.JSON(&got)
				require.Equal(t, said{"instead"}, got)
			})
		})
	}
}

func TestScenario26FallbackPanics(t *testing.T) {
	t.Parallel()
	log := &lines{}
	a := play(t, []app.Mountable{
		app.Get("/stock", asks(resiliencetest.Script(resiliencetest.Fail(errors.New("the stock has burnt down"))))).Name("stock").
			UseResilience(resilience.Policy{EnableFallback: true}).
			Fallback(func(context.Context, *empty, error) (*said, error) { panic("no") }),
	}, apptest.Override[logging.Output](logging.Output{Writer: log}))
	r := a.Get("/stock").Do().Status(http.StatusServiceUnavailable)
	require.NotContains(t, string(r.Body), "burnt down")
	require.Empty(t, r.Header.Get("X-Resilience-Fallback"))
	r.Problem()
	require.Contains(t, log.String(), "the stock has burnt down")
}

// lines is a log that is read.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
