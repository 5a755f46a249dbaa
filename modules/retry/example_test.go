package retry_test

import (
	"context"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/retry"
)

func ExampleNewService() {
	retries := retry.NewService(retry.DefaultConfig(), nil)
	attempts := 0
	err := retries.Do(context.Background(), retry.Policy{BaseDelay: time.Millisecond}, func(context.Context) error {
		attempts++
		if attempts < 3 {
			return errDown
		}
		return nil
	})
	fmt.Println(attempts, err)
	// Output: 3 <nil>
}

func ExampleParseAfter() {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, header := range []string{"120", "Sun, 22 Nov 2026 12:00:30 GMT", "soon"} {
		fmt.Println(retry.ParseAfter(header, now))
	}
	// Output:
	// 2m0s true
	// 30s true
	// 0s false
}

// A caller that counts its first attempts itself.
func ExampleService_Budget() {
	retries := retry.NewService(retry.DefaultConfig(), nil)
	budget := retries.Budget("payments")
	granted := 0
	for budget.Take(1000) { // 1000 × 0.2 + 3 × 10
		granted++
	}
	fmt.Println(granted)
	// Output: 230
}
