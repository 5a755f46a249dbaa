package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/shutdown"
)

// Service answers how the process is. Its methods may be called concurrently.
type Service struct {
	stop    *shutdown.Service
	probes  []*probe
	started time.Time
	results atomic.Uint64 // grows with every run of a check
	metrics collector
}

// NewService returns a service that runs the checks when it is asked. Where the
// process stands it learns from stop. The error names every setting and every
// check that is not fit: without a name or a Run, or of a name that is taken.
func NewService(cfg Config, stop *shutdown.Service, log *slog.Logger, checks ...Check) (*Service, error) {
	errs := []error{cfg.Validate()}
	cfg = cfg.withDefaults()
	s := &Service{stop: stop, started: time.Now()}
	names := make(map[string]bool, len(checks))
	for _, c := range checks {
		errs = append(errs, c.validate())
		if names[c.Name] {
			errs = append(errs, fmt.Errorf("two health checks are named %q", c.Name))
		}
		names[c.Name] = true
		s.probes = append(s.probes, &probe{
			check: c.under(cfg), cacheFor: cfg.CacheFor, streak: streak{limits: c.limits(cfg)},
			log:    log.With(slog.String("module", "health"), slog.String("check", c.Name)),
			wanted: s.asks, changed: func() { s.results.Add(1) },
		})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s.metrics = newCollector(s.probes)
	return s, nil
}

// Live says whether the process is alive: until it has stopped or was forced to.
// It asks nothing else, so that no outage of something else has it restarted.
func (s *Service) Live() Report { return s.live(s.stop.State()) }

// Started says whether the start is over, well or not.
func (s *Service) Started() Report { return s.startup(s.stop.State()) }

// Ready says whether the process should be sent requests: it is in state
// ready, also after the checks have answered, and every check is up that is not
// optional. It takes no longer than the longest timeout of those and 150 ms,
// and ends at once when the stop is requested.
//
// Checks that are optional are told and do not decide: readiness waits 100 ms
// for them, then tells what is known of them or leaves them out.
func (s *Service) Ready(ctx context.Context) Report {
	s.askReady(ctx)
	return s.readiness(s.stop.State())
}

// Full is Ready with every check in it, all of them waited for. A check that is
// optional and down is reported, and the report stays ok.
func (s *Service) Full(ctx context.Context) Report {
	s.askAll(ctx)
	return s.full(s.stop.State())
}

// Stop cancels the checks that are running and waits until they have returned,
// or until ctx ends: the error names those that have not. Afterwards no check is
// run, and what is known is told.
func (s *Service) Stop(ctx context.Context) error {
	for _, p := range s.probes {
		p.stop()
	}
	done := make(chan struct{})
	go func() { // ends with the last check
		defer close(done)
		for _, p := range s.probes {
			p.running.Wait()
		}
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	if hanging := s.hanging(); len(hanging) > 0 {
		return fmt.Errorf("health checks still run: %s: %w", strings.Join(hanging, ", "), ctx.Err())
	}
	return nil
}

// hanging names the checks that have not returned.
func (s *Service) hanging() (names []string) {
	for _, p := range s.probes {
		if p.hangs() {
			names = append(names, p.check.Name)
		}
	}
	return names
}

// asks reports whether checks may run: what they look at is open.
func (s *Service) asks() bool {
	state := s.stop.State()
	return state != shutdown.Starting && state < shutdown.Cleanup
}

// askReady is ask for readiness, which asks nothing where the answer is no
// already.
func (s *Service) askReady(ctx context.Context) {
	if s.stop.State() == shutdown.Ready {
		s.ask(ctx, true)
	}
}

func (s *Service) askAll(ctx context.Context) {
	if s.asks() {
		s.ask(ctx, false)
	}
}

// ask makes sure that the results of all checks are fit to be told, or waits
// until ctx ends. Those that run do it side by side.
func (s *Service) ask(ctx context.Context, hurried bool) {
	now := time.Now()
	var runs []*run
	for i, p := range s.probes {
		r := p.ask(ctx, now)
		if r != nil && runs == nil {
			runs = make([]*run, len(s.probes))
		}
		if r != nil {
			runs[i] = r
		}
	}
	for i, r := range runs {
		s.await(ctx, s.probes[i], r, now, hurried)
	}
}

// await waits for a run, if there is one, and for those that follow it up at
// once. Where the patience of the question ends first, what is known will do. Who
// is hurried waits for nothing once the process is to stop.
func (s *Service) await(ctx context.Context, p *probe, r *run, since time.Time, hurried bool) {
	if r == nil {
		return
	}
	var stopping <-chan struct{}
	if hurried {
		stopping = s.stop.Requested()
	}
	limit := time.NewTimer(time.Until(since.Add(p.patience(hurried))))
	defer limit.Stop()
	for r != nil {
		select {
		case <-r.settled:
			r = p.further()
		case <-limit.C:
			return
		case <-stopping:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) live(state shutdown.State) Report {
	r := s.report(state)
	if state >= shutdown.Stopped {
		r.Status = StatusShuttingDown
	}
	return r
}

func (s *Service) startup(state shutdown.State) Report {
	r := s.report(state)
	if state == shutdown.Starting {
		r.Status = StatusError
	}
	return r
}

func (s *Service) readiness(state shutdown.State) Report {
	r := s.serving(state)
	if state == shutdown.Ready {
		s.enter(&r)
	}
	return r
}

func (s *Service) full(state shutdown.State) Report {
	r := s.serving(state)
	if state != shutdown.Starting && state < shutdown.Cleanup {
		s.enter(&r)
	}
	return r
}

// report returns a report that is ok and empty.
func (s *Service) report(state shutdown.State) Report {
	now := time.Now()
	return Report{
		Status:        StatusOK,
		State:         state.String(),
		Info:          make(map[string]Result),
		Error:         make(map[string]Result),
		Details:       make(map[string]Result),
		Timestamp:     now.UTC(),
		UptimeSeconds: now.Sub(s.started).Seconds(),
	}
}

// serving returns a report without checks.
func (s *Service) serving(state shutdown.State) Report {
	r := s.report(state)
	switch {
	case state == shutdown.Starting:
		r.Status = StatusError
	case state > shutdown.Ready:
		r.Status = StatusShuttingDown
	}
	return r
}

// enter adds what is known of every check. One of which nothing is known is
// left out if it is optional, and down otherwise.
func (s *Service) enter(r *Report) {
	for _, p := range s.probes {
		res, known := p.result()
		switch {
		case known:
			enter(r, p.check.Name, res)
		case !p.check.Optional:
			enter(r, p.check.Name, Result{Status: Down, Message: errTimeout.Error()})
		}
	}
}
