package orders

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
)

// Payments is what this module needs of a bank.
type Payments interface {
	Pay(ctx context.Context, item string) error
	Ping(ctx context.Context) error
}

// Stripe is a bank.
type Stripe struct {
	cfg Config
	log *slog.Logger
}

// NewStripe returns a bank. The logger is that of the module: module=orders.
func NewStripe(cfg Config, log *slog.Logger) *Stripe { return &Stripe{cfg, log} }

// Pay pays nothing here: an example has no account.
func (s *Stripe) Pay(ctx context.Context, item string) error {
	s.log.InfoContext(ctx, "payment asked for", slog.String("item", item), slog.String("bank", s.cfg.BankURL))
	return errors.New("there is no bank behind this example")
}

// Ping asks whether the bank is there.
func (*Stripe) Ping(context.Context) error { return nil }

// Outbox keeps what is to be sent.
type Outbox struct {
	mu   sync.Mutex
	kept []string
}

// NewOutbox returns an empty outbox.
func NewOutbox() *Outbox { return &Outbox{} }

// Put keeps a message.
func (o *Outbox) Put(message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, message)
}

// Flush sends what is kept.
func (o *Outbox) Flush(context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = nil
	return nil
}

// Catalogue knows what is sold.
type Catalogue struct {
	mu    sync.RWMutex
	items []string
}

// NewCatalogue returns an empty catalogue.
func NewCatalogue() *Catalogue { return &Catalogue{} }

// Fill puts items into the catalogue.
func (c *Catalogue) Fill(items ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items = append(c.items, items...)
	return nil
}

// Has tells whether an item is sold.
func (c *Catalogue) Has(item string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Contains(c.items, item)
}
