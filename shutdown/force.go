package shutdown

import (
	"bytes"
	"context"
	"log/slog"
	"runtime/pprof"
)

// force runs at the force timeout, beside the sequence and whatever holds that
// up. It names what has not ended and lets go of everything.
func (s *Service) force() {
	if !s.enter(Forced) {
		return
	}
	s.skipRest()
	culprits := append([]slog.Attr{slog.String("after", s.cfg.ForceTimeout.String())}, culprits(s.unfinished())...)
	s.log.do(s.base, func(ctx context.Context, log *slog.Logger) {
		log.LogAttrs(ctx, slog.LevelError, "shutdown forced", culprits...)
		if log.Enabled(ctx, slog.LevelDebug) {
			log.DebugContext(ctx, "goroutines at the force timeout", slog.String("dump", goroutines()))
		}
	})
	s.cancelBase(ErrShutdown)
	s.letGo()
	close(s.forced)
}

// skipRest puts into the report what was accepted and will not run any more.
func (s *Service) skipRest() {
	hooks, tasks := s.registry.close()
	for _, h := range hooks {
		s.journal.task(TaskReport{Kind: kindHook, Name: h.name, Phase: h.phase, Result: ResultSkipped, Err: ErrForced})
	}
	for _, t := range tasks {
		s.journal.task(TaskReport{Kind: kindTask, Name: t.Name, Phase: Cleanup, Priority: t.Priority, Result: ResultSkipped, Err: ErrForced})
	}
}

// letGo refuses everything new, tells what is attached to end, and closes it.
func (s *Service) letGo() {
	s.registry.close()
	s.work.close()
	s.workers.tell()
	s.streams.tell()
	s.closeStreams()
}

func goroutines() string {
	var dump bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&dump, 1); err != nil {
		return err.Error()
	}
	return dump.String()
}
