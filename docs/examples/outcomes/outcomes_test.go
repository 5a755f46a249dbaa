// Package outcomes_test holds the table "What counts as a failure" of docs/resilience.md against the code.
package outcomes_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

type status int

func (s status) Error() string { return fmt.Sprintf("status %d", int(s)) }

func (s status) StatusCode() int { return int(s) }

// call ends in the same way each time.
type call func(ctx context.Context) error

func (c call) Do(ctx context.Context) (any, error) { return nil, c(ctx) }

func (call) Fallback(context.Context, error) (any, error) { return "instead", nil }

func fails(err error) call { return func(context.Context) error { return err } }

func TestTable(t *testing.T) {
	t.Parallel()
	const yes, no = true, false
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	tests := map[string]struct {
		call               call
		breaker            string
		repeated, fallback bool
	}{
		"404":                {fails(status(404)), "success", no, no},
		"501":                {fails(status(501)), "success", no, yes},
		"408":                {fails(status(408)), "excluded", no, no},
		"429":                {fails(status(429)), "excluded", no, no},
		"503":                {fails(status(503)), "failure", yes, yes},
		"504":                {fails(status(504)), "failure", yes, yes},
		"500":                {fails(status(500)), "failure", no, yes},
		"507":                {fails(status(507)), "failure", no, yes},
		"panic":              {func(context.Context) error { panic("bug") }, "failure", no, yes},
		"unknown":            {fails(errors.New("broken")), "failure", no, yes},
		"no connection":      {fails(dial), "failure", yes, yes},
		"reset":              {fails(fmt.Errorf("read: %w", syscall.ECONNRESET)), "failure", yes, yes},
		"attempt timeout":    {wait, "failure", yes, yes},
		"total deadline":     {sleep, "failure", no, yes},
		"another is open":    {fails(&circuitbreaker.OpenError{Name: "other"}), "excluded", no, yes},
		"the caller is gone": {fails(context.Canceled), "excluded", no, no},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
				require.NoError(t, err)
				runner := resilience.NewRunner(breakers, retry.NewService(retry.DefaultConfig(), nil), resilience.Config{}, nil, nil)
				pipeline, err := runner.Compile("route", resilience.Policy{
					EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true, Idempotent: true,
					AttemptTimeout: time.Second, Timeout: 10 * time.Second,
				})
				require.NoError(t, err)
				result := pipeline.Run(t.Context(), tt.call)
				require.Equal(t, tt.repeated, result.Attempts == 3)
				require.Equal(t, tt.fallback, result.Fallback && result.Value == "instead")
				m, _ := breakers.Metrics("route")
				counted := map[string]uint64{"success": m.Successes, "failure": m.Failures, "excluded": m.Excluded}
				require.Positive(t, counted[tt.breaker], "%v", counted)
				require.Equal(t, m.Calls, counted[tt.breaker], "%v", counted)
			})
		})
	}
}

// wait ends with its attempt.
func wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// sleep ignores its context until the total deadline is over.
func sleep(context.Context) error {
	time.Sleep(11 * time.Second)
	return status(http.StatusBadGateway)
}
