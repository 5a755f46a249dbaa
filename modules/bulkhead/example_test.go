package bulkhead_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

func ExampleNew() {
	reports := bulkhead.New(bulkhead.Config{Max: 1})
	ctx := context.Background()
	err := reports.Do(ctx, bulkhead.Normal, func(ctx context.Context) error {
		return reports.Do(ctx, bulkhead.Critical, func(context.Context) error { return nil })
	})
	if full, ok := errors.AsType[*bulkhead.FullError](err); ok {
		fmt.Println(full.StatusCode(), full.Reason, full.RetryAfter() >= time.Second)
	}
	fmt.Println(reports.Stats().Running, "running,", reports.Stats().Refused.Full, "refused")
	// Output:
	// 503 full true
	// 0 running, 1 refused
}
