package shutdown

import (
	"log/slog"
	"time"
)

// run is the way from T0 to the end of CLEANUP, or to the force timeout.
func (s *Service) run(ends timeline) {
	defer close(s.done)
	defer s.hooks.Wait() // where forced
	s.startHooks(Grace, ends.cut)
	s.log.write(s.base, slog.LevelInfo, "shutdown started", slog.String("reason", s.Reason()), slog.Int("in_flight", s.InFlight()))
	if !s.sleep(ends.grace) || !s.released() || !s.enter(Draining) {
		return
	}
	s.drain(ends)
	if !s.enter(Cleanup) {
		return
	}
	s.log.write(s.base, slog.LevelInfo, "cleaning up")
	began := time.Now()
	s.cleanUp(ends.cleanup)
	s.log.write(s.base, slog.LevelInfo, "cleanup ended", slog.Duration("took", time.Since(began)))
}

// drain refuses new work, waits for what is there to end, cuts what is left at
// the end of the drain, and gives that a little time to answer.
func (s *Service) drain(ends timeline) {
	open := s.work.close()
	s.journal.drain(open)
	s.streams.tell()
	s.startHooks(Draining, ends.cut)
	s.log.write(s.base, slog.LevelInfo, "draining", slog.Int("in_flight", open),
		slog.Int("streams", s.streams.count()), slog.Int("workers", s.workers.count()))

	s.waitIdle(ends.drain)
	cut := s.cut()
	s.waitIdle(ends.cut)
	left := s.unfinishedWork()
	s.closeStreams()
	// Without a graceful stop, being cut is what was ordered.
	partial := len(left) > 0 || (s.cfg.EnableGraceful && cut > 0)
	s.journal.end(count(left, kindRequest), partial)
}

// cut cancels what has not ended, and returns how much that is.
func (s *Service) cut() int {
	open := s.unfinishedWork()
	s.journal.cut(count(open, kindRequest), count(open, kindStream), count(open, kindWorker))
	s.cancelBase(ErrShutdown)
	if len(open) > 0 {
		s.log.write(s.base, slog.LevelWarn, "work cut at the end of the drain", culprits(open)...)
	}
	return len(open)
}

// left is what a drain waits for besides hooks.
func (s *Service) left() int { return s.InFlight() + s.streams.count() + s.workers.count() }

// waitIdle returns when nothing is left and no hook runs, at the end, or when
// forced.
func (s *Service) waitIdle(end time.Time) {
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	for s.left() > 0 || s.pendingHooks.Load() > 0 {
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
