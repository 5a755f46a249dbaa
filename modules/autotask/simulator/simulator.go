package simulator

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/inject"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Simulator is one simulated Autotask tenant. Make it with [New]; all methods may be called concurrently.
type Simulator struct {
	cfg      Config
	plan     fault.Plan   // of cfg
	skew     atomic.Int64 // nanoseconds that the clock is ahead
	eras     eras
	room     *pause.Room
	zones    *zones
	weather  *weather
	gate     *limit.Gate
	injector *inject.Injector
	tenant   *tenant.Tenant
	strict   *strict
	journal  *journal
	orders   orders
	control  http.Handler
	server   server
}

// Option is something that only code can give to a simulator.
type Option func(o *options)

type options struct {
	progress func(done, total int)
	webhooks http.RoundTripper
	log      *slog.Logger
}

// WithProgress has fn told now and then how many of the generated rows are made. It is called by [New] alone.
func WithProgress(fn func(done, total int)) Option { return func(o *options) { o.progress = fn } }

// WithWebhookTransport delivers webhooks by rt, to any host. By default they go over the network, to loopback and
// private addresses alone unless [Config] says otherwise.
func WithWebhookTransport(rt http.RoundTripper) Option { return func(o *options) { o.webhooks = rt } }

// WithLogger has warnings about misuse of the protocol logged, where [Config] is Strict. By default they are not.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// New returns a simulator with its data generated. It starts no goroutine and opens no port: mount
// [Simulator.Handler], use [Simulator.Transport], or call [Simulator.Start]. Webhooks start goroutines when there is
// something to deliver; [Simulator.Stop] ends them. The error names every fault of cfg.
func New(cfg Config, opts ...Option) (*Simulator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("autotask simulator: %w", err)
	}
	o := options{log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	s := &Simulator{cfg: cfg.withDefaults(), journal: newJournal(), room: pause.New()}
	s.weather = newWeather(s.room)
	s.plan, _ = s.cfg.plan() // valid, as everything else
	s.zones = newZones(s.cfg.Zones)
	s.strict = newStrict(s.cfg.Strict, o.log)
	s.gate = limit.New(s.cfg.limits())
	s.injector = inject.New(s.Now, s.room)
	s.injector.Set(s.plan)
	s.tenant = tenant.New(s.cfg.tenant(o), s.Now)
	s.orders.reset(s.cfg)
	s.control = newControl(s)
	s.gate.Rolling(s.Now()) // requests of others are made from now on
	return s, nil
}

// Handler returns the API together with its control calls under /__sim/. The host of a request names its zone:
// webservices14.autotask.net and zone14.<anything> are zone 14, any other host is the first zone.
func (s *Simulator) Handler() http.Handler { return s.handler(byHost) }

func (s *Simulator) handler(port int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isControl(r.URL.Path) {
			s.control.ServeHTTP(w, r)
			return
		}
		a, _ := s.respond(s.hosted(r), port)
		s.write(r.Context(), w, a)
	})
}

// respond answers a request and records it; broken is why its body broke off, if it did. A request that was under way
// during a [Simulator.Reset] is answered by a broken connection, and no count knows it.
func (s *Simulator) respond(r *http.Request, port int) (a wire.Answer, broken error) {
	v := &visit{Call: wire.Read(r), port: port, began: s.eras.current()}
	a = s.answer(r.Context(), v)
	var found []Violation
	known := s.eras.counting(v.began, func() {
		now := s.Now()
		found = s.strict.watch(now, v, a)
		s.journal.record(now, v.Call, a)
	})
	if !known {
		return wire.Reset(), v.Broken
	}
	s.strict.warn(r.Context(), found)
	return a, v.Broken
}

// visit is a call on its way.
type visit struct {
	*wire.Call

	port      int // which of the listeners it came by, or byHost
	began     era
	refused   bool   // by its credentials
	duplicate string // the external id that was created a second time
}

// answer is the whole way of a request, in the order of doc.go.
func (s *Simulator) answer(ctx context.Context, v *visit) wire.Answer {
	if v.Broken != nil {
		return wire.Reset() // nobody does half of what was asked
	}
	if a, dark := s.weather.dark(ctx); dark {
		return a
	}
	if a, ok := s.unauthenticated(v); ok {
		return a
	}
	if a, refused := s.elsewhere(v); refused {
		return a
	}
	if a, refused := s.authenticate(v); refused {
		return a
	}
	lease, longer, a, refused := s.enter(v)
	if refused {
		return a
	}
	defer s.leave(lease)
	if !s.weather.wait(ctx, longer) {
		return wire.Reset()
	}
	var fate inject.Fate
	if !s.eras.within(v.began, func() { fate = s.injector.Decide(v.Call) }) {
		return wire.Reset()
	}
	return fate.Apply(ctx, func() wire.Answer { return s.serve(v) })
}

// enter lets a call in, or refuses it.
func (s *Simulator) enter(v *visit) (l limit.Lease, longer time.Duration, a wire.Answer, refused bool) {
	known := s.eras.within(v.began, func() { l, longer, a, refused = s.gate.Enter(s.Now(), v.Code, v.Entity) })
	return l, longer, a, refused || !known
}

func (s *Simulator) leave(l limit.Lease) { s.eras.touch(func() { l.Leave(s.Now()) }) }

// serve answers a call that is let in. Where the data are no longer those that it came to, its connection breaks.
func (s *Simulator) serve(v *visit) (a wire.Answer) {
	s.eras.within(v.began, func() {
		if len(v.Segments) == 1 && strings.EqualFold(v.Segments[0], "ThresholdInformation") {
			a = getOnly(v.Call, func() wire.Answer { return s.gate.Threshold(s.Now()) })
			return
		}
		a = s.tenant.Answer(v.Call)
		v.duplicate = s.strict.created(v.Call, a, s.tenant.Duplicates)
	})
	return a
}

// Now returns the time inside the simulation.
func (s *Simulator) Now() time.Time { return time.Now().Add(time.Duration(s.skew.Load())).UTC() }

// farthest is how far ahead the clock can be. Twice that is still a time.Duration.
const farthest = 100 * 365 * 24 * time.Hour

// Advance moves the clock of the simulation forward, so that the rolling window, slow releases, retries of webhooks
// and aborted executions are over without a wait. A negative d changes nothing: [Simulator.Reset] alone takes the clock
// back. A century ahead the clock is at its end.
func (s *Simulator) Advance(d time.Duration) {
	step := int64(min(max(d, 0), farthest))
	for {
		ahead := s.skew.Load()
		if s.skew.CompareAndSwap(ahead, min(ahead+step, int64(farthest))) {
			break
		}
	}
	s.injector.Moved()
	s.tenant.Hooks().Moved()
}

// Reset puts everything back to the state after [New]: data, rights, clock, zone, counters, recorded requests,
// violations, outage, latency, faults, webhooks; snapshots that the control API has named are dropped. A request in
// flight has its effect before the reset or none: its connection breaks, and no counter knows it.
func (s *Simulator) Reset() {
	s.eras.reset(func() {
		s.skew.Store(0)
		s.weather.reset()
		s.zones.reset()
		s.injector.Set(s.plan)
		s.injector.Moved()
		s.tenant.Reset()
		s.tenant.Hooks().Disturb(Disturbance{})
		s.gate.Reset()
		s.gate.Rolling(s.Now())
		s.strict.reset()
		s.journal.reset()
		s.orders.reset(s.cfg)
	})
}
