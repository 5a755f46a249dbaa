package orders_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/orders"
)

// bank is a bank for tests: it answers after a while.
type bank struct {
	takes time.Duration
	err   error
}

func (b *bank) Pay(ctx context.Context, _ string) error {
	select {
	case <-time.After(b.takes):
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (*bank) Ping(context.Context) error { return nil }

func start(t *testing.T, b *bank, opts ...fx.Option) *apptest.App {
	t.Helper()
	return apptest.New(t, append([]fx.Option{
		orders.Module,
		apptest.Override[orders.Payments](b),
		apptest.Env(map[string]string{"SHOP_KEY": "key", "SHOP_BANK_KEY": "none"}),
	}, opts...)...)
}

func order(a *apptest.App, item string) *apptest.Response {
	return a.Post("/orders").Header("X-API-Key", "key").Header("X-Role", "buyer").JSON(orders.NewOrder{Item: item}).Do()
}

func TestCreate(t *testing.T) {
	t.Parallel()
	a := start(t, &bank{})
	require.Equal(t, "/orders/nails", order(a, "nails").Status(http.StatusCreated).Header.Get("Location"))
	require.Contains(t, order(a, "saw").Status(http.StatusUnprocessableEntity).Problem().Detail, `"saw"`)
	a.Post("/orders").JSON(orders.NewOrder{Item: "nails"}).Do().Status(http.StatusUnauthorized)
}

func TestBankIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := start(t, &bank{takes: time.Hour})
		began := time.Now()
		order(a, "nails").Status(http.StatusAccepted)
		require.Equal(t, 1500*time.Millisecond, time.Since(began))
	})
}

func TestBreakerOpensAndCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &bank{err: errors.New("out of order")}
		a := start(t, b, apptest.Env(map[string]string{
			"CIRCUIT_BREAKER_MIN_THROUGHPUT":      "3",
			"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS": "1",
		}))
		for range 3 {
			order(a, "nails").Status(http.StatusAccepted)
		}
		b.err = nil
		order(a, "nails").Status(http.StatusAccepted) // open: the bank is not asked

		time.Sleep(30 * time.Second) // in virtual time
		order(a, "nails").Status(http.StatusCreated)
	})
}
