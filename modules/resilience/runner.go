package resilience

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Config holds the defaults of every policy. A field at zero takes the default
// in its tag.
type Config struct {
	// Timeout is the total deadline of a call whose policy sets none.
	Timeout time.Duration `envconfig:"REQUEST_TIMEOUT" default:"30000" min:"1" desc:"Total deadline of a call whose policy sets none"`
	// FallbackTimeout bounds a fallback; it counts from the failure of the call.
	FallbackTimeout time.Duration `envconfig:"REQUEST_FALLBACK_TIMEOUT" default:"1000" min:"1" desc:"Time a fallback may take, beyond the deadline of its call"`
}

const (
	defaultTimeout         = 30 * time.Second
	defaultFallbackTimeout = time.Second
	defaultBuffer          = 1 << 20 // bytes
)

// Validate reports every setting that is out of bounds, joined.
func (c Config) Validate() error {
	return errors.Join(positive("REQUEST_TIMEOUT", c.Timeout), positive("REQUEST_FALLBACK_TIMEOUT", c.FallbackTimeout))
}

func positive(name string, d time.Duration) error {
	if d >= 0 {
		return nil
	}
	return config.Fault{Name: name, Value: d.String(), Problem: "must not be negative", Example: "1000"}
}

// Runner compiles policies and owns what their calls leave behind.
type Runner struct {
	breakers *circuitbreaker.Service
	retries  *retry.Service
	cfg      Config // complete
	stopping func() bool
	log      *slog.Logger
	descs    descs

	mu        sync.Mutex
	pipelines []*Pipeline
	detached  int           // calls with a hard deadline that run
	idle      chan struct{} // closed when detached falls to 0; nil if nobody waits
}

// NewRunner returns a Runner. stopping reports that the process is draining: no
// retry begins then; nil is never. A log that is nil discards.
func NewRunner(
	breakers *circuitbreaker.Service, retries *retry.Service, cfg Config, stopping func() bool, log *slog.Logger,
) *Runner {
	if stopping == nil {
		stopping = func() bool { return false }
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	cfg.FallbackTimeout = cmp.Or(cfg.FallbackTimeout, defaultFallbackTimeout)
	return &Runner{
		breakers: breakers, retries: retries, cfg: cfg, stopping: stopping,
		log:   log.With(slog.String("module", "resilience")),
		descs: newDescs(),
	}
}

// Pipelines returns all compiled pipelines, sorted by name.
func (r *Runner) Pipelines() []*Pipeline {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(slices.Values(r.pipelines), func(a, b *Pipeline) int { return cmp.Compare(a.name, b.name) })
}

// begin notes a call that runs in a goroutine of its own.
func (r *Runner) begin() {
	r.mu.Lock()
	r.detached++
	r.mu.Unlock()
}

func (r *Runner) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.detached--
	if r.detached == 0 && r.idle != nil {
		close(r.idle)
		r.idle = nil
	}
}

// Stop waits until every call with a hard deadline has returned, abandoned ones
// above all. Where ctx ends first, its error says how many have not.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	running := r.detached
	if running > 0 && r.idle == nil {
		r.idle = make(chan struct{})
	}
	idle := r.idle
	r.mu.Unlock()
	if running == 0 {
		return nil
	}
	r.log.InfoContext(ctx, "waiting for abandoned calls", slog.Int("calls", running))
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %d abandoned calls: %w", running, context.Cause(ctx))
	}
}
