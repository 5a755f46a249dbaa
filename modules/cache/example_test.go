package cache_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/modules/cache"
)

// Companies is a service that asks a slow upstream.
type Companies struct {
	names *cache.Cache[int, string]
	asked int
	down  bool
}

// NewCompanies is a provider; Companies.Close belongs into app.OnShutdown.
func NewCompanies() (*Companies, error) {
	names, err := cache.New[int, string]("companies", cache.Config{TTL: time.Minute, StaleIfError: time.Hour})
	if err != nil {
		return nil, err
	}
	return &Companies{names: names}, nil
}

// Name returns the name of a company: asked for once a minute at most, and as it
// was up to an hour ago while the upstream is down.
func (s *Companies) Name(ctx context.Context, id int) (string, error) {
	return s.names.Get(ctx, id, s.fetch)
}

func (s *Companies) fetch(_ context.Context, id int) (string, error) {
	if s.down {
		return "", errors.New("connection refused")
	}
	s.asked++
	return fmt.Sprintf("Company %d, asked for %d times", id, s.asked), nil
}

// Close waits for what is being loaded.
func (s *Companies) Close(ctx context.Context) error { return s.names.Close(ctx) }

// Inside a service.
func ExampleNew() {
	ctx := context.Background()
	companies, err := NewCompanies()
	if err != nil {
		panic(err)
	}
	for range 3 {
		fmt.Println(companies.Name(ctx, 7))
	}
	companies.down = true
	_, err = companies.Name(ctx, 8)
	fmt.Println(err)
	fmt.Println(companies.Close(ctx))
	// Output:
	// Company 7, asked for 1 times <nil>
	// Company 7, asked for 1 times <nil>
	// Company 7, asked for 1 times <nil>
	// connection refused
	// <nil>
}

func ExampleCache_Fetch() {
	prices, err := cache.New[string, int]("prices", cache.Config{StaleIfError: time.Hour})
	if err != nil {
		panic(err)
	}
	prices.Put("tea", 3)
	price, err := prices.Fetch(context.Background(), "tea", func(context.Context, string) (int, error) {
		return 0, errors.New("no connection")
	})
	fmt.Println(price.Value, price.Stale, price.Err, err)
	// Output: 3 true no connection <nil>
}

type (
	// GetPrice is what a route takes, Price what it answers.
	GetPrice struct {
		Item string `path:"item"`
	}
	Price struct {
		Cents int `json:"cents"`
	}
)

// As the fallback of a route:
//
//	app.Get("/:item", handle).UseResilience(policy).Fallback(fallback)
func ExampleFallback() {
	item := func(in *GetPrice) string { return in.Item }
	last, err := cache.New[string, Price]("last prices", cache.Config{StaleIfError: time.Hour})
	if err != nil {
		panic(err)
	}
	handle := cache.Keep(last, item, func(context.Context, *GetPrice) (*Price, error) { return &Price{Cents: 300}, nil })
	fallback := cache.Fallback(last, item)

	ctx, tea := context.Background(), &GetPrice{Item: "tea"}
	errOpen := errors.New("circuit breaker is open")
	_, err = fallback(ctx, tea, errOpen)
	fmt.Println(err)

	_, _ = handle(ctx, tea)
	price, err := fallback(ctx, tea, errOpen)
	fmt.Println(price.Cents, err)
	// Output:
	// circuit breaker is open
	// 300 <nil>
}
