package prove_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
)

// secret is the text of every panic: no client may read it.
const secret = "password hunter2"

type nothing struct{}

type panics struct{}

func newPanics() *panics { return &panics{} }

func (*panics) typed(context.Context, *nothing) (*nothing, error) { panic(secret) }

func (*panics) raw(echo.Context) error { panic(errors.New(secret)) }

func (*panics) abort(echo.Context) error { panic(http.ErrAbortHandler) }

func (*panics) well(context.Context, *nothing) (*nothing, error) { return &nothing{}, nil }

// Routes has each kind of route, with and without a policy. No breaker: after
// ten panics it would let none through.
func (p *panics) Routes() app.Routes {
	soft := resilience.Policy{EnableRetry: true, EnableFallback: false, Timeout: time.Minute}
	hard := resilience.Policy{Timeout: time.Minute, TimeoutMode: resilience.Hard}
	return app.Prefix("").Of(
		app.Get("/typed", p.typed).Name("panics.typed"),
		app.Get("/typed-soft", p.typed).Name("panics.typed_soft").UseResilience(soft),
		app.Get("/typed-hard", p.typed).Name("panics.typed_hard").UseResilience(hard),
		app.Raw(http.MethodGet, "/raw", p.raw).Name("panics.raw"),
		app.Raw(http.MethodGet, "/raw-soft", p.raw).Name("panics.raw_soft").UseResilience(soft),
		app.Raw(http.MethodGet, "/raw-hard", p.raw).Name("panics.raw_hard").UseResilience(hard),
		app.Raw(http.MethodGet, "/abort", p.abort).Name("panics.abort"),
		app.Get("/well", p.well).Name("panics.well"),
	)
}

// TestF8 has handlers that panic, 100 of a kind at once: each is a 500 that says
// nothing, one count and one line of the log, and the process lives on.
func TestF8(t *testing.T) { //nolint:paralleltest // it has the machine for itself
	const each = 100
	paths := []string{"typed", "typed-soft", "typed-hard", "raw", "raw-soft", "raw-hard"}
	a := start(t, nil, app.Module("panics", app.Controllers(newPanics)))
	c := browser(t)
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // nothing is sent again on another connection
	var all sync.WaitGroup
	var aborted atomic.Int64
	for _, path := range paths {
		for range each {
			all.Go(func() {
				if got, err := fetch(t.Context(), c, a.url+"/"+path); err != nil {
					t.Errorf("%s: %v", path, err)
				} else if fault := problem(got); fault != "" {
					t.Errorf("%s: %s", path, fault)
				}
			})
		}
		all.Wait()
	}
	for range each {
		all.Go(func() {
			_, err := fetch(t.Context(), fresh, a.url+"/abort")
			if errors.Is(err, io.EOF) || err != nil && strings.Contains(err.Error(), "reset") {
				aborted.Add(1)
			}
		})
	}
	all.Wait()

	total := each * len(paths)
	logged := a.records(t, "handler panicked")
	counted := a.count(t, "http_requests_total", `code_class="5xx"`)
	t.Logf("%d panics: %d logged, %.0f counted as 5xx; %d of %d connections aborted", total, len(logged), counted, aborted.Load(), each)
	require.Len(t, logged, total, "one line each")
	for _, record := range logged {
		require.Contains(t, fmt.Sprint(record["panic"]), secret, "the operator is told")
		require.NotEmpty(t, record["stack"])
	}
	require.InDelta(t, total+each, counted, 0, "the aborted ones, too")
	require.EqualValues(t, each, aborted.Load())
	got, err := fetch(t.Context(), c, a.url+"/well")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.status)
}

// problem says what is wrong with the answer to a panic.
func problem(got reply) string {
	switch {
	case got.status != http.StatusInternalServerError:
		return fmt.Sprint("status ", got.status)
	case !strings.HasPrefix(got.header.Get("Content-Type"), "application/problem+json"):
		return "no problem+json but " + got.header.Get("Content-Type")
	case strings.Contains(got.text, "hunter2"), strings.Contains(got.text, "goroutine"), strings.Contains(got.text, ".go:"):
		return "tells of the panic: " + got.text
	default:
		return ""
	}
}
