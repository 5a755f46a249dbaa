package chat

import (
	"context"
	"sync"

	"github.com/holdfast-go/holdfast/shutdown"
)

// NewKeep keeps the letters that were not sent for the next process.
func NewKeep(l *Letters, d *Drawer) shutdown.Task {
	return shutdown.Task{
		Name:     "chat.keep",
		Priority: shutdown.PriorityFlush,
		Run:      func(ctx context.Context) error { return d.Keep(ctx, l.unsent()) },
	}
}

// NewReceipt says of the drawer whether all that should be in it is in it.
func NewReceipt(d *Drawer) shutdown.Task {
	return shutdown.Task{
		Name:      "chat.receipt",
		DependsOn: []string{"chat.keep"},
		Run: func(ctx context.Context) error {
			if err := shutdown.DependencyError(ctx); err != nil {
				return d.Label(ctx, "incomplete: "+err.Error())
			}
			return d.Label(ctx, "complete")
		},
	}
}

// Drawer stands for a table of a database.
type Drawer struct {
	mu      sync.Mutex
	letters []string
	label   string
	broken  error
}

// NewDrawer returns an empty drawer.
func NewDrawer() *Drawer { return &Drawer{} }

// Keep puts letters into the drawer.
func (d *Drawer) Keep(_ context.Context, letters []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken != nil {
		return d.broken
	}
	d.letters = append(d.letters, letters...)
	return nil
}

// Label writes on the drawer.
func (d *Drawer) Label(_ context.Context, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.label = text
	return nil
}

// Look says what is in the drawer, and what is written on it.
func (d *Drawer) Look() (letters []string, label string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.letters, d.label
}

// Jam makes the drawer fail with err.
func (d *Drawer) Jam(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
}
