package autotask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// request is one logical call: what each of its attempts sends.
type request struct {
	apierror.Request

	breaker  *circuitbreaker.Breaker
	key      string // whose threads it takes
	priority int
	query    string // encoded
	body     []byte
}

// reply is a good answer, and where it came from.
type reply struct {
	body []byte
	zone zone.Zone
}

// call is the one way out: retry( zone ▸ breaker open? ▸ thread and hourly unit ▸ breaker( HTTP ▸ read ▸ classify )).
func (c *Client) call(ctx context.Context, r request) (reply, error) {
	if c.missing != nil {
		return reply{}, fmt.Errorf("autotask: no credentials: %w", c.missing)
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, overall)
		defer cancel()
	}
	var answer apierror.Answer
	attempts := 0
	attempt := func(ctx context.Context, z zone.Zone) error {
		if err := r.breaker.Peek(); err != nil { // nobody queues for an upstream that is down
			return err
		}
		lease, err := c.throttle.Acquire(ctx, r.key, r.priority) // the one queue
		if err != nil {
			return err
		}
		defer lease.Release()
		sent := false
		err = r.breaker.Do(ctx, func(ctx context.Context) (err error) {
			attempts++
			if answer, err = c.transport.exchange(ctx, z.Join(r.Path, r.query), r, attempts); err != nil {
				return err
			}
			sent = answer.Err == nil || answer.Sent
			answer.Usage = c.throttle.Usage()
			err = apierror.Classify(ctx, r.Request, answer)
			c.observe(ctx, r, answer, err)
			return err
		})
		if !sent { // the breaker opened meanwhile, or nobody could be reached: no unit is used
			lease.Refund()
		}
		return err
	}
	var from zone.Zone
	err := c.retries.Do(ctx, c.policy(r.breaker), func(ctx context.Context) (err error) {
		if err = r.breaker.Peek(); err != nil { // nor for a zone lookup, which may hang as well
			return err
		}
		if from, err = c.zones.Pick(ctx); err != nil {
			return err
		}
		err = attempt(ctx, from)
		if moved, ok := c.moved(ctx, from, err); ok {
			from, err = moved, attempt(ctx, moved)
		}
		return err
	})
	return reply{answer.Body, from}, err
}

// moved tells whether err is a 401 from a zone that the tenant has left.
func (c *Client) moved(ctx context.Context, from zone.Zone, err error) (zone.Zone, bool) {
	refused, ok := errors.AsType[*apierror.AuthError](err)
	if !ok || refused.Status != http.StatusUnauthorized {
		return zone.Zone{}, false
	}
	return c.zones.Moved(ctx, from)
}

// observe counts and logs a request, and stops all others where Autotask suspended the tenant.
func (c *Client) observe(ctx context.Context, r request, a apierror.Answer, err error) {
	c.metrics.count(r.Entity, err)
	c.log.DebugContext(
		ctx, "answer", slog.String("entity", r.Entity), slog.String("method", r.Method), slog.String("path", r.Path),
		slog.Int("status", a.Status), slog.String("kind", kind(err)), slog.Duration("took", a.Took.Round(time.Millisecond)),
	)
	if suspended, ok := errors.AsType[*apierror.RateLimitError](err); ok {
		c.log.WarnContext(
			ctx, "tenant suspended", slog.String("entity", r.Entity), slog.Duration("wait", suspended.Wait),
			slog.Any("messages", suspended.Messages),
		)
		c.throttle.Pause(suspended.Wait)
	}
}
