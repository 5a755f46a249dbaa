package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/docs/examples/upstream"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestStock(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/stock/nails" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("12"))
	}))
	t.Cleanup(server.Close)
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	c, err := upstream.New(breakers, retry.NewService(retry.Config{}, nil), server.URL)
	require.NoError(t, err)

	n, err := c.Stock(t.Context(), "nails")
	require.NoError(t, err)
	require.Equal(t, 12, n)

	_, err = c.Stock(t.Context(), "saw")
	var status *upstream.StatusError
	require.ErrorAs(t, err, &status)
	require.EqualValues(t, 2, asked.Load(), "a 404 is not repeated")
	m, _ := breakers.Metrics("stock")
	require.EqualValues(t, 2, m.Successes, "a 404 is an answer")
}

func TestPrice(t *testing.T) {
	t.Parallel()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	broken := func(context.Context) (int, error) { return 0, errors.New("out of order") }
	cents, err := upstream.Price(t.Context(), breakers, broken, func() (int, bool) { return 199, true })
	require.NoError(t, err)
	require.Equal(t, 199, cents)
	_, err = upstream.Price(t.Context(), breakers, broken, func() (int, bool) { return 0, false })
	require.ErrorIs(t, err, upstream.ErrNoPrice)
}
