package circuitbreaker_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func ExampleNewService() {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{MinThroughput: 3}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for range 4 {
		err := breakers.Execute(ctx, "payments",
			func(context.Context) error { return errors.New("connection refused") }, nil)
		fmt.Println(errors.Is(err, circuitbreaker.ErrOpen), err)
	}
	// Output:
	// false connection refused
	// false connection refused
	// false connection refused
	// true circuit breaker "payments" is open, last failure: connection refused
}

func ExampleDo() {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	price, err := circuitbreaker.Do(context.Background(), breakers, "prices",
		func(context.Context) (int, error) { return 0, errors.New("connection refused") },
		func(context.Context, error) (int, error) { return 42, nil }, // the last known price
	)
	fmt.Println(price, err)
	// Output: 42 <nil>
}

func ExampleBreaker_Acquire() {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	permit, err := breakers.Get("queue").Acquire()
	if err != nil {
		fmt.Println(err) // open: do not call
		return
	}
	permit.Done(circuitbreaker.Success, nil)
	fmt.Println(breakers.Get("queue").Metrics().Successes)
	// Output: 1
}

func ExampleService_Subscribe() {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	leave := breakers.Subscribe(func(c circuitbreaker.Change) {
		fmt.Println(c.Name, "from", c.From, "to", c.To, "because of", c.Reason)
	})
	defer leave()
	payments := breakers.Get("payments")
	breakers.ForceOpen("payments", "maintenance", circuitbreaker.Hold)
	fmt.Println(payments.Peek())
	breakers.Reset("payments")
	fmt.Println(payments.Peek())
	// Output:
	// payments from closed to open because of maintenance
	// circuit breaker "payments" is held open
	// payments from open to closed because of none given
	// <nil>
}

func ExampleService_Configure() {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	payments := breakers.Get("payments")
	cfg := payments.Config()
	cfg.SlowCallDuration = 2 * time.Second
	fmt.Println(breakers.Configure("payments", cfg))
	fmt.Println(payments.Config().SlowCallDuration)
	cfg.MinThroughput = -1
	fmt.Println(breakers.Configure("payments", cfg) != nil)
	// Output:
	// <nil>
	// 2s
	// true
}
