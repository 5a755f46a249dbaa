package cache

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// flight is one load, shared by all who wait for it.
type flight[K comparable, V any] struct {
	key     K
	waiters int                     // guarded by Cache.mu
	cancel  context.CancelCauseFunc // of the load's context
	ended   <-chan struct{}         // that context is over
	cause   func() error            // why

	done  chan struct{} // the load is back: value and err are set
	value V
	err   error
}

// over reports whether the load has been told to end, so that whoever joined
// now would get an error that is not about it.
func (f *flight[K, V]) over() bool {
	select {
	case <-f.ended:
		return true
	default:
		return false
	}
}

// load joins the load of key that is under way, or begins one, and waits for it.
func (c *Cache[K, V]) load(ctx context.Context, key K, load func(context.Context, K) (V, error)) (Value[V], error) {
	if ctx.Err() != nil {
		return Value[V]{}, context.Cause(ctx)
	}
	f, fresh, err := c.join(ctx, key, load)
	if f == nil {
		return fresh, err
	}
	value, err := c.wait(ctx, f)
	return Value[V]{Value: value}, err
}

// join makes the caller one of those who wait. Without a flight there is a
// fresh value by now, or an error.
func (c *Cache[K, V]) join(
	ctx context.Context, key K, load func(context.Context, K) (V, error),
) (*flight[K, V], Value[V], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.kept(key); ok && !kept.Stale {
		c.counters.hits.Add(1)
		return nil, kept, nil
	}
	if c.idle != nil {
		return nil, Value[V]{}, ErrClosed
	}
	f := c.flights[key]
	if f == nil || f.over() {
		c.counters.misses.Add(1)
		f = c.begin(ctx, key, load)
	} else {
		c.counters.coalesced.Add(1)
	}
	f.waiters++
	return f, Value[V]{}, nil
}

// begin starts a load. The caller holds mu.
func (c *Cache[K, V]) begin(ctx context.Context, key K, load func(context.Context, K) (V, error)) *flight[K, V] {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	ctx, stop := context.WithTimeoutCause(ctx, c.cfg.LoadTimeout,
		fmt.Errorf("load of cache %q took longer than %s: %w", c.name, c.cfg.LoadTimeout, context.DeadlineExceeded))
	f := &flight[K, V]{
		key: key, cancel: cancel, ended: ctx.Done(), cause: func() error { return context.Cause(ctx) },
		done: make(chan struct{}), err: errGone,
	}
	c.running[f] = struct{}{}
	if findable(key) {
		c.flights[key] = f
	}
	go func() { // ended by Close, which waits for it
		defer stop()
		defer c.land(f) // also after a panic or a Goexit
		f.value, f.err = safely(ctx, key, load)
	}()
	return f
}

// safely turns a panic into an error.
func safely[K comparable, V any](
	ctx context.Context, key K, load func(context.Context, K) (V, error),
) (value V, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &circuitbreaker.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return load(ctx, key)
}

// land keeps what a load returned, unless something newer is there, and lets
// its waiters go.
func (c *Cache[K, V]) land(f *flight[K, V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.err != nil {
		c.counters.failures.Add(1)
	}
	if c.flights[f.key] == f {
		delete(c.flights, f.key)
		switch {
		case f.err == nil:
			c.keep(f.key, f.value)
		case gone(f.err):
			c.entries.Invalidate(f.key)
		}
	}
	close(f.done)
	f.cancel(nil)
	delete(c.running, f)
	if c.idle != nil && len(c.running) == 0 {
		close(c.idle)
	}
}

// wait returns what the load returned. It ends with ctx, and with the context
// of the load, whether the load heeds that or not.
func (c *Cache[K, V]) wait(ctx context.Context, f *flight[K, V]) (V, error) {
	select {
	case <-f.done:
	case <-ctx.Done():
	case <-f.ended:
	}
	select {
	case <-f.done: // the result wins where more than one is ready
		return f.value, f.err
	default:
	}
	c.leave(f)
	var none V
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	return none, f.cause()
}

// leave ends the load if nobody is left, and keeps further callers from joining.
func (c *Cache[K, V]) leave(f *flight[K, V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.waiters--
	if f.waiters > 0 {
		return
	}
	f.cancel(errLeft)
	if c.flights[f.key] == f {
		delete(c.flights, f.key)
	}
}

// Close ends all loads and waits for them, at most until ctx ends. What is kept
// stays readable; what would have to be loaded is [ErrClosed] from now on. It
// may be called more than once.
func (c *Cache[K, V]) Close(ctx context.Context) error {
	defer c.upkeep.close()
	select {
	case <-c.closing():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close cache %q: %w", c.name, context.Cause(ctx))
	}
}

// closing refuses further loads, ends those under way and returns what is closed
// after the last one.
func (c *Cache[K, V]) closing() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		return c.idle
	}
	c.idle = make(chan struct{})
	for f := range c.running {
		f.cancel(ErrClosed)
	}
	if len(c.running) == 0 {
		close(c.idle)
	}
	return c.idle
}
