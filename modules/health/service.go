package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/shutdown"
)

// Service answers how the process is. Its methods may be called concurrently.
type Service struct {
	stop    *shutdown.Service
	probes  []*probe
	started time.Time
}

// NewService returns a service that runs the checks when it is asked. Where the
// process stands it learns from stop. The error names every check that is not
// fit: without a name or a Run, or of a name that is taken.
func NewService(cfg Config, stop *shutdown.Service, log *slog.Logger, checks ...Check) (*Service, error) {
	cfg = cfg.withDefaults()
	log = log.With(slog.String("module", "health"))
	s := &Service{stop: stop, started: time.Now()}
	names := make(map[string]bool, len(checks))
	var errs []error
	for _, c := range checks {
		errs = append(errs, c.validate())
		if names[c.Name] {
			errs = append(errs, fmt.Errorf("two health checks are named %q", c.Name))
		}
		names[c.Name] = true
		if c.Timeout == 0 {
			c.Timeout = cfg.CheckTimeout
		}
		if c.Name == databaseCheck && !cfg.IncludeDB {
			c.Optional = true
		}
		s.probes = append(s.probes, &probe{check: c, cacheFor: cfg.CacheFor, log: log})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// Live says whether the process is alive: until it has stopped or was forced to.
// It asks nothing else, so that no outage of something else has it restarted.
func (s *Service) Live() Report {
	r := s.report()
	if s.stop.State() >= shutdown.Stopped {
		r.Status = StatusShuttingDown
	}
	return r
}

// Started says whether the start is over, well or not.
func (s *Service) Started() Report {
	r := s.report()
	if s.stop.State() == shutdown.Starting {
		r.Status = StatusError
	}
	return r
}

// Ready says whether the process should be sent requests: it is in state
// ready, and every check is up that is not optional. It takes no longer than
// the longest timeout of those.
func (s *Service) Ready(ctx context.Context) Report {
	r := s.serving()
	if r.OK() {
		s.ask(ctx, &r, func(c Check) bool { return !c.Optional })
	}
	return r
}

// Full is Ready with every check in it. A check that is optional and down is
// reported, and the report stays ok.
func (s *Service) Full(ctx context.Context) Report {
	r := s.serving()
	if state := s.stop.State(); state != shutdown.Starting && state < shutdown.Cleanup {
		s.ask(ctx, &r, func(Check) bool { return true })
	}
	return r
}

// Stop waits until no check is running, or ctx ends. From then on a check that
// is not fresh is down.
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
		return fmt.Errorf("wait for running health checks: %w", ctx.Err())
	}
}

// report returns a report that is ok and empty.
func (s *Service) report() Report {
	now := time.Now()
	return Report{
		Status:        StatusOK,
		State:         s.stop.State().String(),
		Info:          make(map[string]Result),
		Error:         make(map[string]Result),
		Details:       make(map[string]Result),
		Timestamp:     now.UTC(),
		UptimeSeconds: now.Sub(s.started).Seconds(),
	}
}

// serving returns a report without checks.
func (s *Service) serving() Report {
	r := s.report()
	switch state := s.stop.State(); {
	case state == shutdown.Starting:
		r.Status = StatusError
	case state > shutdown.Ready:
		r.Status = StatusShuttingDown
	}
	return r
}

// ask enters the results of the chosen checks, which run side by side.
func (s *Service) ask(ctx context.Context, r *Report, chosen func(Check) bool) {
	results := make([]Result, len(s.probes))
	var wg sync.WaitGroup
	for i, p := range s.probes {
		if chosen(p.check) {
			wg.Go(func() { results[i] = p.ask(ctx) })
		}
	}
	wg.Wait()
	for i, p := range s.probes {
		if chosen(p.check) {
			enter(r, p.check.Name, results[i])
		}
	}
}
