package resilience

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
)

// Config holds the defaults of every policy. A field at zero takes the default
// in its tag.
type Config struct {
	// Mode is on, or off: then calls keep their deadlines and fallbacks, and
	// nothing else.
	Mode string `envconfig:"RESILIENCE" default:"on" oneof:"on off" desc:"off leaves deadlines and fallbacks alone"`
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

// Runner compiles policies and owns what their calls leave behind. All methods
// may be called concurrently.
type Runner struct {
	breakers *circuitbreaker.Service
	retries  *retry.Service
	shedder  *shed.Shedder   // nil is none
	chaos    *chaos.Injector // nil is none
	cfg      Config          // complete
	stopping func() bool
	log      *slog.Logger
	descs    descs
	table    []setting
	clock    clock
	records  records
	off      atomic.Bool

	changing  sync.Mutex          // held to compile and to change
	overrides map[string]Override // by variable
	claims    map[string][]string // what each variable was used for
	expected  []string            // groups with names yet to come
	changes   map[target]change   // at run time

	configured map[string]circuitbreaker.Config // breakers that were changed at run time

	mu        sync.Mutex
	pipelines map[string]*Pipeline
	detached  int           // calls in goroutines of their own that run
	idle      chan struct{} // closed when detached falls to 0; nil if nobody waits
}

// Option sets what is optional of a [Runner].
type Option func(*Runner)

// WithShedder makes every pipeline ask s before it lets a call in. Nil is none.
func WithShedder(s *shed.Shedder) Option { return func(r *Runner) { r.shedder = s } }

// WithChaos injects faults as the innermost strategy of every pipeline, inside
// the attempt timeout. Nil is none.
func WithChaos(i *chaos.Injector) Option { return func(r *Runner) { r.chaos = i } }

// WithOverrides lays variables over the policies of code. Two of one name: the
// last counts.
func WithOverrides(overrides []Override) Option {
	return func(r *Runner) {
		for _, o := range overrides {
			r.overrides[o.Name] = o
		}
	}
}

// NewRunner returns a Runner. stopping reports that the process is draining: no
// retry or hedge begins then; nil is never. A log that is nil discards.
func NewRunner(
	breakers *circuitbreaker.Service, retries *retry.Service, cfg Config, stopping func() bool, log *slog.Logger, opts ...Option,
) *Runner {
	if stopping == nil {
		stopping = func() bool { return false }
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	cfg.FallbackTimeout = cmp.Or(cfg.FallbackTimeout, defaultFallbackTimeout)
	r := &Runner{
		breakers: breakers, retries: retries, cfg: cfg, stopping: stopping,
		log:   log.With(slog.String("module", "resilience")),
		descs: newDescs(), table: table(),
		clock:     clock{base: breakers.Base()},
		overrides: make(map[string]Override), claims: make(map[string][]string), changes: make(map[target]change),
		configured: make(map[string]circuitbreaker.Config), pipelines: make(map[string]*Pipeline),
	}
	r.off.Store(cfg.Mode == "off")
	for _, opt := range opts {
		opt(r)
	}
	return r
}

// Pipelines returns all compiled pipelines, sorted by name.
func (r *Runner) Pipelines() []*Pipeline {
	return slices.SortedFunc(slices.Values(r.list()), func(a, b *Pipeline) int { return cmp.Compare(a.name, b.name) })
}

// Pipeline returns the pipeline of that name, and whether there is one.
func (r *Runner) Pipeline(name string) (*Pipeline, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.pipelines[name]
	return p, ok
}

// Remove forgets the pipeline of that name, so that the name can be compiled
// again, and reports whether there was one. Calls in flight end as they would;
// the breaker stays.
func (r *Runner) Remove(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.pipelines[name]
	delete(r.pipelines, name)
	return ok
}

// list returns all pipelines, in no order.
func (r *Runner) list() []*Pipeline {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.pipelines))
}

func (r *Runner) add(p *Pipeline) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pipelines[p.name] = p
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
		r.mu.Lock()
		defer r.mu.Unlock()
		return fmt.Errorf("wait for %d abandoned calls: %w", r.detached, context.Cause(ctx))
	}
}
