package apptest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Payments is what the tests replace.
type Payments interface {
	Pay(amount int) error
}

type stripe struct{}

func (*stripe) Pay(int) error { return errors.New("tests must not pay") }

func newStripe() *stripe { return &stripe{} }

type fakePayments struct{ paid int }

func (f *fakePayments) Pay(amount int) error {
	f.paid += amount
	return nil
}

type controller struct{ payments Payments }

func newController(p Payments) *controller { return &controller{p} }

func (c *controller) Routes() app.Routes {
	return app.Prefix("/payments").Of(app.Post("", c.Pay), app.Get("", c.Show))
}

type payment struct {
	Who    string `header:"X-Who"`
	Amount int    `json:"amount" validate:"min=1"`
}

type receipt struct {
	Who    string `json:"who"`
	Amount int    `json:"amount"`
}

func (c *controller) Pay(_ context.Context, in *payment) (*receipt, error) {
	if err := c.payments.Pay(in.Amount); err != nil {
		return nil, err
	}
	return &receipt{in.Who, in.Amount}, nil
}

type showIn struct {
	Since string `query:"since"`
}

func (*controller) Show(ctx context.Context, in *showIn) (*receipt, error) {
	return &receipt{Who: in.Since}, ctx.Err()
}

func module() *app.ModuleDef {
	return app.Module("payments", app.Providers(app.Bind[Payments](newStripe)), app.Controllers(newController))
}

func TestOverrideReachesAPrivateProvider(t *testing.T) {
	t.Parallel()
	fake := &fakePayments{}
	a := apptest.New(t, module(), apptest.Override[Payments](fake))
	var got receipt
	a.Post("/payments").Header("X-Who", "ann").JSON(map[string]int{"amount": 5}).Do().Status(http.StatusCreated).JSON(&got)
	require.Equal(t, receipt{"ann", 5}, got)
	require.Equal(t, 5, fake.paid)
}

func TestWithoutOverrideTheRealOneIsAsked(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, module())
	p := a.Post("/payments").JSON(map[string]int{"amount": 5}).Do().Status(http.StatusInternalServerError).Problem()
	require.NotContains(t, p.Detail, "must not pay")
}

func TestProblems(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, module(), apptest.Env(map[string]string{"ACCESS_LOG": "all"}))
	p := a.Post("/payments").JSON(map[string]int{"amount": 0}).Do().Status(http.StatusUnprocessableEntity).Problem()
	require.Equal(t, "amount", p.Errors[0].Field)
	a.Post("/payments").Body("text/plain", "5").Do().Status(http.StatusUnsupportedMediaType)
	a.Get("/payments?since=2026").Do().Status(http.StatusOK)
	a.Put("/payments").Do().Status(http.StatusMethodNotAllowed)
	a.Patch("/nothing").Do().Status(http.StatusNotFound)
	a.Delete("/nothing").Do().Status(http.StatusNotFound)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Empty(t, a.Get("/payments").Context(ctx).Do().Body)
}

func TestHealthAndAdmin(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, module())
	a.Get("/readyz").Do().Status(http.StatusOK)
	a.Get("/readyz").DoAdmin().Status(http.StatusOK)
	require.Contains(t, string(a.Get("/routes").DoAdmin().Status(http.StatusOK).Body), `"payments.pay"`)
	require.Contains(t, string(a.Get("/metrics").DoAdmin().Status(http.StatusOK).Body), "http_in_flight")
	require.Empty(t, a.Addr())
}

func TestTheLastOverrideWins(t *testing.T) {
	t.Parallel()
	first, last := &fakePayments{}, &fakePayments{}
	a := apptest.New(t, apptest.Override[Payments](first), module(), apptest.Override[Payments](last))
	a.Post("/payments").JSON(map[string]int{"amount": 5}).Do().Status(http.StatusCreated)
	require.Zero(t, first.paid)
	require.Equal(t, 5, last.paid)
}
