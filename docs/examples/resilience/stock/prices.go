package stock

import (
	"context"
	"time"

	"github.com/holdfast-go/holdfast/modules/cache"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Price is how much one item costs.
type Price struct {
	Cents int `json:"cents"`
}

// Prices are asked for seldom, and known for a while.
type Prices struct {
	kept      *cache.Cache[string, int]
	warehouse Warehouse
}

// NewPrices returns prices that are fresh for a minute, and good enough for an hour while nobody answers.
func NewPrices(w Warehouse) (*Prices, error) {
	kept, err := cache.New[string, int]("prices", cache.Config{
		MaxEntries:   50_000,
		TTL:          time.Minute,
		StaleIfError: time.Hour,
	})
	return &Prices{kept, w}, err
}

// Of is the price of an item. However many ask at once, it is loaded once.
func (p *Prices) Of(ctx context.Context, item string) (int, error) {
	return p.kept.Get(ctx, item, p.load)
}

func (p *Prices) load(ctx context.Context, item string) (int, error) {
	return p.warehouse.Count(ctx, item)
}

// NewLast returns the last levels, which are never fresh: they only stand in.
func NewLast() (*cache.Cache[string, Level], error) {
	return cache.New[string, Level]("last levels", cache.Config{StaleIfError: 10 * time.Minute})
}

// NewUpkeep waits at the end for what is being loaded.
func NewUpkeep(p *Prices) shutdown.Task {
	return shutdown.Task{Name: "prices", Run: p.kept.Close}
}
