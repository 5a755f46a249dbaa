package shutdown

import (
	"log/slog"
	"sync"
	"time"
)

// timeline holds the absolute ends of the phases.
type timeline struct {
	grace   time.Time // GRACE is over
	drain   time.Time // work in flight is cancelled
	cut     time.Time // cancelled work is given up
	cleanup time.Time // contexts of tasks end
}

// forceMargin is the time between the end of CLEANUP and the force timeout, for
// what the owner of the process stops afterwards.
const forceMargin = time.Second

func (s *Service) timeline(t0 time.Time, served bool) timeline {
	grace, drain := s.cfg.HealthGracePeriod, s.cfg.DrainTimeout
	if !served { // nobody was told to send anything
		grace = 0
	}
	if !s.cfg.EnableGraceful {
		grace, drain = 0, 0
	}
	spare := s.cfg.ForceTimeout - s.cfg.HealthGracePeriod - s.cfg.DrainTimeout - s.cfg.CancelGrace
	return timeline{
		grace:   t0.Add(grace),
		drain:   t0.Add(grace + drain),
		cut:     t0.Add(grace + drain + s.cfg.CancelGrace),
		cleanup: t0.Add(s.cfg.ForceTimeout - min(forceMargin, spare/2)),
	}
}

// run is the way from T0 to the end of CLEANUP, or to the force timeout.
func (s *Service) run(t0 time.Time, served bool) {
	defer close(s.done)
	defer s.journal.end()
	ends := s.timeline(t0, served)
	s.log.Info("shutdown started", slog.String("reason", s.Reason()), slog.Int("in_flight", s.InFlight()))

	s.startHooks(Grace, ends.cut)
	if !s.sleep(ends.grace) || !s.enter(Draining) {
		return
	}
	s.log.Info("draining", slog.Int("in_flight", s.InFlight()))
	s.work.close()
	s.startHooks(Draining, ends.cut)
	s.drain(ends)

	if !s.enter(Cleanup) {
		return
	}
	s.log.Info("cleaning up")
	for _, band := range s.registry.takeBands() {
		s.runBand(band, ends.cleanup)
	}
	s.hooks.Wait() // they were given up at the end of the drain
	s.log.Info("cleanup ended", slog.Duration("took", time.Since(t0)))
}

// drain waits for work and hooks to end, cancels what is left at the end of the
// drain, and gives that a little time to answer.
func (s *Service) drain(ends timeline) {
	s.waitIdle(ends.drain)
	cut := s.work.unfinished()
	if len(cut) > 0 {
		s.log.Warn("work cut at the end of the drain", slog.Int("count", len(cut)), slog.Any("work", names(cut)))
	}
	s.cancelBase(ErrShutdown)
	s.waitIdle(ends.cut)
	left := s.work.unfinished()
	// Without a graceful stop, being cut is what was ordered.
	partial := len(left) > 0 || (s.cfg.EnableGraceful && len(cut) > 0)
	s.journal.drained(len(cut), left, partial)
}

// waitIdle returns when nothing is in flight and no hook runs, at the end, or
// when forced.
func (s *Service) waitIdle(end time.Time) {
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	for s.InFlight() > 0 || s.pendingHooks.Load() > 0 {
		select {
		case <-s.work.wake:
		case <-timer.C:
			return
		case <-s.forced:
			return
		}
	}
}

// sleep reports whether the time was reached without being forced.
func (s *Service) sleep(until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.forced:
		return false
	}
}

// startHooks runs the hooks of a phase beside the sequence.
func (s *Service) startHooks(phase State, end time.Time) {
	for _, h := range s.registry.takeHooks(phase) {
		s.pendingHooks.Add(1)
		s.hooks.Go(func() {
			defer notify(s.work.wake)
			defer s.pendingHooks.Add(-1)
			s.supervise(TaskReport{Name: h.name, Phase: phase}, limits{context: end, abandon: end}, h.run)
		})
	}
}

// runBand runs tasks side by side and returns when all have ended or were abandoned.
func (s *Service) runBand(band []Task, end time.Time) {
	var tasks sync.WaitGroup
	for _, t := range band {
		report := TaskReport{Name: t.Name, Phase: Cleanup, Priority: t.Priority}
		if !time.Now().Before(end) {
			report.Result, report.Err = ResultSkipped, errNoTime
			s.record(report)
			continue
		}
		tasks.Go(func() {
			abandon := time.Now().Add(t.Timeout)
			s.supervise(report, limits{context: earlier(abandon, end), abandon: abandon}, t.Run)
		})
	}
	tasks.Wait()
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
