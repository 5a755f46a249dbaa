package circuitbreaker_test

import (
	"context"
	"errors"
	"fmt"

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
