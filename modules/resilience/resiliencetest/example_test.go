package resiliencetest_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
)

func ExampleScript() {
	ctx := context.Background()
	stock := resiliencetest.Script(
		resiliencetest.Status(http.StatusServiceUnavailable),
		resiliencetest.OK(12),
	)
	for range 3 {
		fmt.Println(resiliencetest.Play[int](ctx, stock))
	}
	fmt.Println(len(stock.Attempts()), "attempts")
	// Output:
	// 0 the dependency answered 503 Service Unavailable
	// 12 <nil>
	// 12 <nil>
	// 3 attempts
}
