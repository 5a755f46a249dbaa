package chaos_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
)

func ExampleNew() {
	cfg := chaos.Config{Rules: "orders.create fault=503 rate=100% key=tenant-7"}
	injector, err := chaos.New(cfg, config.Dev, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	create := injector.For("orders.create")
	for _, tenant := range []string{"tenant-6", "tenant-7"} {
		_, err, injected := create.Inject(chaos.WithKey(context.Background(), tenant))
		fmt.Println(tenant, injected, err)
	}
	// Output:
	// tenant-6 false <nil>
	// tenant-7 true injected by chaos: 503 Service Unavailable
}

func ExampleParseRules() {
	_, err := chaos.ParseRules("orders.create fault=503; * latency=fast rate=5%")
	fmt.Println(err)
	// Output:
	// rule for "orders.create": has no rate, such as rate=0.1
	// rule for "*": latency: must be a duration such as 1500 (milliseconds), 30s or 5m
}
