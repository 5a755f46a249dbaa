package cache

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Cache keeps values by key. All methods may be called concurrently. It is a
// [prometheus.Collector].
type Cache[K comparable, V any] struct {
	name    string
	cfg     Config // complete
	base    time.Time
	entries *otter.Cache[K, entry[V]]
	upkeep  tasks

	counters counters
	descs    descs

	mu      sync.Mutex
	flights map[K]*flight[K, V]        // which a further call may join
	running map[*flight[K, V]]struct{} // also those that nobody waits for
	idle    chan struct{}              // not nil once closed; closed when nothing runs
}

// entry is a value and when it came, counted from base.
type entry[V any] struct {
	value V
	at    time.Duration
}

// Value is a kept value and what there is to know about it.
type Value[V any] struct {
	Value V
	Age   time.Duration // since it was loaded or put
	Stale bool          // older than Config.TTL
	Err   error         // of the load that a stale value stands in for
}

// New returns an empty cache. The name is the label cache of its metrics; the
// error is that of [Config.Validate].
func New[K comparable, V any](name string, cfg Config) (*Cache[K, V], error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("cache %q: %w", name, err)
	}
	c := &Cache[K, V]{
		name: name, cfg: cfg.complete(), base: time.Now(), descs: newDescs(name),
		flights: map[K]*flight[K, V]{}, running: map[*flight[K, V]]struct{}{},
	}
	entries, err := otter.New(&otter.Options[K, entry[V]]{
		MaximumSize:      c.cfg.MaxEntries,
		Executor:         c.upkeep.run,
		OnAtomicDeletion: c.deleted, // under its locks: counts, no more
	})
	if err != nil {
		return nil, fmt.Errorf("cache %q: %w", name, err)
	}
	c.entries = entries
	return c, nil
}

func (c *Cache[K, V]) deleted(e otter.DeletionEvent[K, entry[V]]) {
	if e.WasEvicted() {
		c.counters.evictions.Add(1)
	}
}

// Get returns the value of key: a fresh one if there is one, else what load
// returns, else, where load fails, a stale one. See [Cache.Fetch].
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context, K) (V, error)) (V, error) {
	value, err := c.Fetch(ctx, key, load)
	return value.Value, err
}

// Fetch is [Cache.Get] that also tells the age of the value, and the error that
// a stale one stands in for. All calls for a key that is not fresh share one
// load, which is the first one's. It returns the error of load as it is, a
// [*circuitbreaker.PanicError] where load panicked, [context.DeadlineExceeded]
// wrapped where it took longer than Config.LoadTimeout, and the cause of ctx
// where that ends first. load must not ask the cache for the same key.
//
// The caller must not change what Value points to: others have it too. To keep a
// hit free of allocations, give a load that captures nothing, or a func value
// that is made once.
func (c *Cache[K, V]) Fetch(ctx context.Context, key K, load func(context.Context, K) (V, error)) (Value[V], error) {
	if kept, ok := c.kept(key); ok && !kept.Stale {
		c.counters.hits.Add(1)
		return kept, nil
	}
	loaded, err := c.load(ctx, key, load)
	if err == nil {
		return loaded, nil
	}
	if stale, ok := c.standIn(ctx, key, err); ok {
		return stale, nil
	}
	return Value[V]{}, err
}

// standIn returns the value that may be returned in place of err. Somebody may
// have put a fresh one in the meantime.
func (c *Cache[K, V]) standIn(ctx context.Context, key K, err error) (Value[V], bool) {
	if errors.Is(ctx.Err(), context.Canceled) || !circuitbreaker.Replaceable(err) {
		return Value[V]{}, false
	}
	kept, ok := c.kept(key)
	if ok {
		kept.Err = err
		c.counters.stale.Add(1)
	}
	return kept, ok
}

// Lookup returns the value of key if it is fresh, and loads nothing.
func (c *Cache[K, V]) Lookup(key K) (Value[V], bool) {
	if kept, ok := c.kept(key); ok && !kept.Stale {
		return kept, true
	}
	return Value[V]{}, false
}

// Stale returns the value of key that could stand in for a failed load: a fresh
// one, or one that is not older than TTL + StaleIfError.
func (c *Cache[K, V]) Stale(key K) (Value[V], bool) { return c.kept(key) }

// Put keeps value for key, fresh from now on.
func (c *Cache[K, V]) Put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, key) // what is being loaded is older
	c.keep(key, value)
}

// Delete forgets the value of key, also as a stale one.
func (c *Cache[K, V]) Delete(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, key)
	c.entries.Invalidate(key)
}

// Clear forgets everything.
func (c *Cache[K, V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.flights)
	c.entries.InvalidateAll()
}

// kept returns what there is for key, unless it is too old for any use.
func (c *Cache[K, V]) kept(key K) (Value[V], bool) {
	e, ok := c.entries.GetIfPresent(key)
	if !ok {
		return Value[V]{}, false
	}
	age := time.Since(c.base) - e.at
	if age < c.cfg.TTL {
		return Value[V]{Value: e.value, Age: age}, true
	}
	if age <= c.cfg.TTL+c.cfg.StaleIfError && c.cfg.StaleIfError > 0 {
		return Value[V]{Value: e.value, Age: age, Stale: true}, true
	}
	return Value[V]{}, false
}

// keep stores a value that has just come. The caller holds mu.
func (c *Cache[K, V]) keep(key K, value V) {
	if c.cfg.TTL+c.cfg.StaleIfError > 0 && findable(key) {
		c.entries.Set(key, entry[V]{value: value, at: time.Since(c.base)})
	}
}

// findable reports whether a map finds key again. One that holds NaN it does
// not, so nothing may be kept under it: nobody could remove it.
func findable[K comparable](key K) bool { return key == key } //nolint:gocritic // false for NaN

// gone reports whether the source says that there is nothing any more.
func gone(err error) bool {
	type coded interface {
		error
		StatusCode() int
	}
	answer, ok := errors.AsType[coded](err)
	return ok && (answer.StatusCode() == http.StatusNotFound || answer.StatusCode() == http.StatusGone)
}
