package autotask_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// I1 and I2: a request goes over the wire once for each admission, also where a kept connection breaks under it.
func TestLostConnectionIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context, *autotask.Client) error{
		"get": func(ctx context.Context, c *autotask.Client) error {
			_, err := c.Tickets.Get(ctx, 1)
			return err
		},
		"query": func(ctx context.Context, c *autotask.Client) error {
			_, err := c.Tickets.Page(ctx, query.New())
			return err
		},
		"create": func(ctx context.Context, c *autotask.Client) error {
			_, err := c.Tickets.Create(ctx, newTicket("x"))
			return err
		},
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if seen.Add(1) == 2 {
					panic(http.ErrAbortHandler) // read, perhaps done, and never answered
				}
				_, _ = io.WriteString(w, `{"item":{"id":1}}`)
			}))
			defer server.Close()
			client := overSocket(t, server.URL, discard())
			_, err := client.Tickets.Get(t.Context(), 1)
			require.NoError(t, err)

			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // too short for a second attempt
			defer cancel()
			err = call(ctx, client)
			var network *apierror.NetworkError
			require.ErrorAs(t, err, &network)
			require.True(t, network.Sent)
			require.Equal(t, name == "create", network.Ambiguous)
			require.EqualValues(t, 2, seen.Load())
			require.Equal(t, 2, client.Limits().Used)
		})
	}
}

// How far a request got decides whether it is sent again, and whether its unit is given back.
func TestHowFarARequestGot(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	begun := io.MultiReader(strings.NewReader(`{"itemId":`), iotest.ErrReader(broken))
	tests := map[string]struct {
		connected bool
		wrote     error
		body      io.Reader // nil: no answer
		sent      bool
	}{
		"not connected": {},
		"half written":  {connected: true, wrote: broken},
		"written":       {connected: true, sent: true},
		"answer begun":  {connected: true, wrote: broken, body: begun, sent: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				client := fixed(t, tripper(func(req *http.Request) (*http.Response, error) {
					requests++
					trace := httptrace.ContextClientTrace(req.Context())
					trace.GetConn("")
					if !test.connected {
						return nil, broken
					}
					trace.GotConn(httptrace.GotConnInfo{})
					trace.WroteRequest(httptrace.WroteRequestInfo{Err: test.wrote})
					if test.body == nil {
						return nil, broken
					}
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(test.body), Request: req}, nil
				}))
				_, err := client.Tickets.Create(t.Context(), newTicket("x"))
				var network *apierror.NetworkError
				require.ErrorAs(t, err, &network)
				require.Equal(t, test.sent, network.Sent)
				require.Equal(t, test.sent, network.Ambiguous)
				if test.sent {
					require.Equal(t, 1, requests)
					require.Equal(t, 1, client.Limits().Used)
					return
				}
				require.Equal(t, 3, requests)
				require.Zero(t, client.Limits().Used)
			})
		})
	}
}

// Nobody waits for an upstream that is down: neither in the queue, nor for a zone whose lookup hangs.
func TestOpenBreakerIsAskedBeforeTheZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, discard())
		require.NoError(t, err)
		client, err := autotask.New(
			access(), breakers, retry.NewService(retry.Config{}, discard()), discard(), autotask.WithTransport(sim.Transport()),
		)
		require.NoError(t, err)
		firstTicket(t, client)
		time.Sleep(25 * time.Hour) // the zone is to be asked for again
		sim.SetOutage(simulator.OutageHang)
		require.True(t, breakers.ForceOpen("autotask.Tickets", "a test", time.Minute))
		begin := time.Now()
		_, err = client.Tickets.Get(t.Context(), 1)
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
		require.Zero(t, time.Since(begin))
		sim.Outage(false)
	})
}
