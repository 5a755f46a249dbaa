package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

func ExampleNew() {
	logins, err := ratelimit.New("logins", ratelimit.Limit{Requests: 2, Per: 15 * time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, user := range []string{"alice", "alice", "alice", "bob"} {
		decision, err := logins.Allow(context.Background(), user)
		var limited *ratelimit.LimitedError
		switch {
		case errors.As(err, &limited):
			fmt.Println(user, limited.StatusCode(), "retry in", limited.RetryAfter().Round(time.Minute))
		case err != nil:
			fmt.Println(err) // the context is over
		default:
			fmt.Println(user, "has", decision.Remaining, "left")
		}
	}
	// Output:
	// alice has 1 left
	// alice has 0 left
	// alice 429 retry in 15m0s
	// bob has 1 left
}

func ExampleParse() {
	for _, text := range []string{"100/1m", "10/s burst 20", "100"} {
		limit, err := ratelimit.Parse(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(limit, "is a", limit.Algorithm)
	}
	// Output:
	// 100/1m is a sliding window
	// 10/1s burst 20 is a token bucket
	// must be requests per time such as 100/1m, or 100/1m burst 20 for a token bucket
}

func ExampleLimiter_Wait() {
	upstream, err := ratelimit.New("upstream", ratelimit.Limit{Requests: 1, Per: time.Hour})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	fmt.Println(upstream.Wait(ctx, ""))
	var limited *ratelimit.LimitedError
	if err := upstream.Wait(ctx, ""); errors.As(err, &limited) { // at once: the turn is after the deadline
		fmt.Println("not before", limited.RetryAfter().Round(time.Minute))
	}
	// Output:
	// <nil>
	// not before 1h0m0s
}
