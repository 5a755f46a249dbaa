package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
)

// ErrUnits is matched where a call asks for fewer units than 1, or for more than a key can ever have at once.
var ErrUnits = errors.New("number of units that can never be allowed")

const (
	defaultKeys  = 10_000
	maxKeys      = 10_000_000
	keysForShard = 512 // at least, so that the shards fill about evenly
)

// Limiter admits calls by key. All methods may be called concurrently. It starts no goroutine and needs no Close. It is a
// [prometheus.Collector]; two limiters in one registry must have different names.
type Limiter struct {
	name   string
	limit  Limit
	rule   rule
	size   int // units of a key at rest
	keys   int
	start  time.Time
	seed   maphash.Seed
	shards []shard // a power of two
	descs  descs
}

var _ prometheus.Collector = (*Limiter)(nil)

// Option changes how a Limiter is made.
type Option func(*Limiter)

// WithKeys sets how many keys are known at most, from 1 to 10,000,000, by default 10,000. Memory grows with the keys that are
// seen, up to about 160 bytes for each, and in a sliding window 8 bytes more for each unit it holds.
func WithKeys(n int) Option { return func(l *Limiter) { l.keys = n } }

// New returns a Limiter with nothing used. The name is for metrics and errors: fixed, never from a request.
func New(name string, limit Limit, opts ...Option) (*Limiter, error) {
	l := &Limiter{name: name, limit: limit, keys: defaultKeys, start: time.Now(), seed: maphash.MakeSeed(), descs: newDescs(name)}
	for _, opt := range opts {
		opt(l)
	}
	if err := l.validate(); err != nil {
		return nil, fmt.Errorf("rate limit %q: %w", name, err)
	}
	l.size = limit.size()
	if limit.Algorithm == TokenBucket {
		l.rule = newBucket(limit)
	} else {
		l.rule = &window{limit: limit.Requests, per: int64(limit.Per)}
	}
	l.shards = make([]shard, shardsFor(l.keys))
	for i := range l.shards {
		l.shards[i].limiter = l
		l.shards[i].room = (l.keys + i) / len(l.shards) // sums up to keys
	}
	return l, nil
}

func (l *Limiter) validate() error {
	faults := []error{l.limit.Validate()}
	if l.name == "" || !utf8.ValidString(l.name) {
		faults = append(faults, errors.New("the name must be text, and not empty"))
	}
	if l.keys < 1 || l.keys > maxKeys {
		faults = append(faults, fmt.Errorf("keys must be between 1 and %d, not %d", maxKeys, l.keys))
	}
	return errors.Join(faults...)
}

// shardsFor returns the greatest power of two that leaves every shard enough keys.
func shardsFor(keys int) int { return 1 << (bits.Len64(uint64(max(keys/keysForShard, 1))) - 1) }

// Name returns the name given to New.
func (l *Limiter) Name() string { return l.name }

// Limit returns the limit given to New.
func (l *Limiter) Limit() Limit { return l.limit }

// Allow uses one unit of key, or refuses with *[LimitedError]; it never waits. The Decision is complete either way. A refusal
// uses nothing. A ctx that is over uses nothing either: then the error is its cause, and the Decision is zero.
func (l *Limiter) Allow(ctx context.Context, key string) (Decision, error) {
	return l.AllowN(ctx, key, 1)
}

// AllowN is Allow for n units, all or none. N from 1 to what a key at rest has (Requests, or Burst); any other is [ErrUnits].
func (l *Limiter) AllowN(ctx context.Context, key string, n int) (Decision, error) {
	if ctx.Err() != nil {
		return Decision{}, l.ended(ctx)
	}
	if n < 1 || n > l.size {
		return Decision{}, fmt.Errorf("rate limit %q of %s: %d: %w", l.name, l.limit, n, ErrUnits)
	}
	s, hash := l.shard(key)
	d := s.allow(hash, l.now(), n)
	if !d.Allowed {
		return d, l.refusal(d)
	}
	return d, nil
}

// shard returns who keeps key, and as what.
func (l *Limiter) shard(key string) (s *shard, hash uint64) {
	hash = maphash.String(l.seed, key)
	return &l.shards[hash&uint64(len(l.shards)-1)], hash //nolint:gosec // a length
}

// now is by the monotonic clock: no change of the wall clock moves it.
func (l *Limiter) now() int64 { return int64(time.Since(l.start)) }

func (l *Limiter) refusal(d Decision) error {
	return &LimitedError{Name: l.name, Limit: l.limit, Decision: d}
}

func (l *Limiter) ended(ctx context.Context) error {
	return fmt.Errorf("rate limit %q: %w", l.name, context.Cause(ctx))
}
