package throttle_test

import (
	"context"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
)

func ExampleNew() {
	limiter, err := throttle.New(throttle.Config{Threads: 3, Hourly: 10_000, Window: time.Hour})
	if err != nil {
		fmt.Println(err)
		return
	}
	lease, err := limiter.Acquire(context.Background(), "Tickets", 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("threads of Tickets:", limiter.Stats().Threads["Tickets"])
	lease.Release() // the answer is read
	fmt.Println("used:", limiter.Stats().Used, "of", limiter.Stats().Limit)
	// Output:
	// threads of Tickets: 1
	// used: 1 of 10000
}
