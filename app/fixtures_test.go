package app_test

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/shutdown"
)

// The constructors that the tests of the graph are about. The golden files hold
// their lines: run the tests with -update after a change here.

type (
	Payments interface{ Pay(amount int) error }
	Refunds  interface{ Refund(amount int) error }
	Stripe   struct{}
	Ledger   struct{ payments Payments }
	Orders   struct{ payments Payments }
	Clock    struct{}
	Hen      struct{}
	Egg      struct{}
	Yolk     struct{}
	Unbound  struct{}
)

func (*Stripe) Pay(int) error    { return nil }
func (*Stripe) Refund(int) error { return nil }

func NewStripe() *Stripe                  { return &Stripe{} }
func NewStripeAgain() *Stripe             { return &Stripe{} }
func NewStripeValue() Stripe              { return Stripe{} }
func NewPayments() Payments               { return &Stripe{} } //nolint:ireturn // what is tested
func NewLedger(p Payments) *Ledger        { return &Ledger{p} }
func NewOrders(p Payments) *Orders        { return &Orders{p} }
func NewOrdersOfStripe(s *Stripe) *Orders { return &Orders{s} }
func NewClock() *Clock                    { return &Clock{} }
func NewOrdersOfClock(*Clock) *Orders     { return &Orders{} }
func NewOrdersOfClockValue(Clock) *Orders { return &Orders{} }
func NewHen(*Egg) *Hen                    { return &Hen{} }
func NewEgg(*Yolk) *Egg                   { return &Egg{} }
func NewYolk(*Hen) *Yolk                  { return &Yolk{} }
func NewUnbound() *Unbound                { return &Unbound{} }
func NewNothing()                         {}
func NewFailing() (*Clock, error)         { return nil, errors.New("the clock has stopped") }
func NewPanicking() *Clock                { panic("tick") }
func NewCheck(*Clock) health.Check        { return health.Check{Name: "clock", Run: always} }
func NewFlush(*Clock) shutdown.Task       { return shutdown.Task{Name: "flush", Run: always} }
func NewMailer(Settings) *Clock           { return &Clock{} }
func NewVariadic(_ *Clock, _ ...int) *Hen { return &Hen{} }
func NewNamed(in NamedIn) *Orders         { return &Orders{in.Payments} }
func NewOptional(in OptionalIn) *Orders   { return &Orders{in.Payments} }
func NewController(*Orders) *Controller   { return &Controller{} }
func NewLogging(log *slog.Logger) *Clock  { log.Info("made"); return &Clock{} }
func NewBadController() *BadController    { return &BadController{} }
func always(context.Context) error        { return nil }

type NamedIn struct {
	fx.In

	Payments Payments `name:"live"`
}

type OptionalIn struct {
	fx.In

	Payments Payments `optional:"true"`
	Names    []string `group:"names"`
}

type Settings struct {
	From string `envconfig:"MAIL_FROM" required:"true" example:"shop@example.com"`
}

type Controller struct{}

func (c *Controller) Routes() app.Routes { return app.Prefix("/orders").Of(app.Get("", c.List)) }

func (*Controller) List(context.Context, *ListIn) (*ListOut, error) { return &ListOut{}, nil }

type BadController struct{}

func (*BadController) Routes() app.Routes { panic("no routes today") }

type Listing struct{}

type (
	ListIn  struct{}
	ListOut struct{}
	OneIn   struct {
		ID int `path:"id"`
	}
)

func NewListing(*Clock) *Listing { return &Listing{} }

func (l *Listing) Routes() app.Routes {
	return app.Prefix("/orders").Of(
		app.Get("", l.List),
		app.Get("/:id", l.One).UseResilience(resilience.Policy{EnableCircuitBreaker: true, Timeout: 2 * time.Second}),
	)
}

func (*Listing) List(context.Context, *ListIn) (*ListOut, error) { return &ListOut{}, nil }
func (*Listing) One(context.Context, *OneIn) (*ListOut, error)   { return &ListOut{}, nil }
