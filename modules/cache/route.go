package cache

import (
	"context"
	"time"
)

// Fallback returns the fallback of a typed route: the last good answer that c
// has for the request, fresh or stale, else the cause. key says which answer
// belongs to a request; [Keep] is what puts them there.
//
//	app.Get("/:id", cache.Keep(last, id, c.Get)).UseResilience(policy).Fallback(cache.Fallback(last, id))
//
// Each call gets a copy of the answer; what the copy points to is shared and not
// to be changed. If *Out has a method SetAge(time.Duration), it is told the age.
func Fallback[In, Out any, K comparable](
	c *Cache[K, Out], key func(*In) K,
) func(context.Context, *In, error) (*Out, error) {
	return func(ctx context.Context, in *In, cause error) (*Out, error) {
		kept, ok := c.standIn(ctx, key(in), cause)
		if !ok {
			return nil, cause
		}
		if aged, ok := any(&kept.Value).(interface{ SetAge(age time.Duration) }); ok {
			aged.SetAge(kept.Age)
		}
		return &kept.Value, nil
	}
}

// Keep returns the handler of a typed route that keeps each answer of handle
// in c, for [Fallback]. It answers nothing from c by itself.
func Keep[In, Out any, K comparable](
	c *Cache[K, Out], key func(*In) K, handle func(context.Context, *In) (*Out, error),
) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		out, err := handle(ctx, in)
		if err == nil && out != nil {
			c.Put(key(in), *out)
		}
		return out, err
	}
}
