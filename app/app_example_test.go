package app_test

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
)

func ExampleModule() {
	payments := app.Module("payments",
		app.Exports(app.Bind[Payments](NewStripe)), // others see Payments, never *Stripe
	)
	orders := app.Module("orders",
		app.Imports(payments),
		app.Providers(NewOrders),
		fx.Invoke(func(o *Orders) { fmt.Println("paid:", o.payments.Pay(100) == nil) }),
	)
	if _, err := app.New("shop", orders, testEnvironment()); err != nil {
		fmt.Println(err)
	}
	// Output: paid: true
}

func ExampleNew() {
	a, err := app.New("shop",
		fx.Invoke(func(lc fx.Lifecycle) {
			lc.Append(fx.StartStopHook(
				func() { fmt.Println("started") },
				func() { fmt.Println("stopped") },
			))
		}),
		app.WithoutListeners(),
		testEnvironment(),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	fmt.Println(errors.Join(a.Start(ctx), a.Stop(ctx)))
	// Output:
	// started
	// stopped
	// <nil>
}

func ExampleExplain() {
	payments := app.Module("payments", app.Exports(app.Bind[Payments](NewStripe)))
	orders := app.Module("orders", app.Providers(NewOrders)) // forgot to import payments
	err := app.Explain(payments, orders, testEnvironment())
	if fault, ok := errors.AsType[app.Fault](err); ok {
		fmt.Println(fault.Problem)
	}
	// Output: app_test.NewOrders takes app_test.Payments of module "payments", which module "orders" does not import
}

func ExampleWithEnvironment() {
	a, err := app.New("shop", testEnvironment("HTTP_ADDR=127.0.0.1:8080"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range a.Settings() {
		if s.Name == "HTTP_ADDR" {
			fmt.Println(s.Name, s.Value, s.Source)
		}
	}
	// Output: HTTP_ADDR 127.0.0.1:8080 environment
}
