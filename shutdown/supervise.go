package shutdown

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

var (
	errNoTime    = errors.New("no time was left")
	errAbandoned = errors.New("did not return when its time was over")
	errGoexit    = errors.New("ended its goroutine without returning")
)

// Step runs one function that the owner of the process stops with after
// CLEANUP, and waits for it: a panic is its failure, its context ends after
// Config.TaskTimeout, and it is left behind Config.CancelGrace after that or
// when the stop is forced. It is in the report and the log like a task. The
// error is that of fn, or says why fn was left behind; it matches ErrForced
// where fn was not run because the stop was forced before.
func (s *Service) Step(ctx context.Context, name string, fn func(context.Context) error) error {
	report := TaskReport{Kind: kindStep, Name: name, Phase: Cleanup}
	select {
	case <-s.forced:
		report.Result, report.Err = ResultSkipped, ErrForced
		s.record(ctx, report)
		return report.Err
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.TaskTimeout)
	defer cancel()
	return s.supervise(ctx, report, s.cfg.CancelGrace, fn).Err
}

// supervise runs a hook, task or step in a goroutine of its own, records how it
// ended, and returns when it has ended or is left behind: some patience after
// its context has ended, or when the stop is forced.
func (s *Service) supervise(ctx context.Context, report TaskReport, patience time.Duration, run func(context.Context) error) TaskReport {
	began := time.Now()
	result := make(chan error, 1)
	go s.guarded(ctx, s.running.add(report.Kind, report.Name), run, result) // left behind only where run ignores ctx
	report.Err = s.await(ctx, patience, result)
	report.Took = time.Since(began)
	switch {
	case ctx.Err() != nil || errors.Is(report.Err, errAbandoned):
		report.Result = ResultTimeout
		report.Err = cmp.Or(report.Err, context.Cause(ctx))
	case report.Err != nil:
		report.Result = ResultFailed
	default:
		report.Result = ResultOK
	}
	s.record(ctx, report)
	return report
}

// await returns the result, or errAbandoned.
func (s *Service) await(ctx context.Context, patience time.Duration, result <-chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	case <-s.forced:
		return errAbandoned
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
	case <-s.forced:
	}
	return errAbandoned
}

// guarded sends exactly one result, also when run panics or ends its goroutine,
// and is running until then.
func (s *Service) guarded(ctx context.Context, self *running, run func(context.Context) error, result chan<- error) {
	err := errGoexit
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			s.log.write(ctx, slog.LevelError, "cleanup task panicked", slog.String("task", self.name),
				slog.String("kind", self.kind), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
		s.running.remove(self)
		result <- err
	}()
	err = run(ctx)
}

// record adds the end of a hook, task or step to the report and to the log. When
// the stop is forced, one line has named all of them.
func (s *Service) record(ctx context.Context, t TaskReport) {
	s.journal.task(t)
	if s.State() == Forced {
		return
	}
	attrs := []slog.Attr{
		slog.String("task", t.Name),
		slog.String("kind", t.Kind),
		slog.String("phase", t.Phase.String()),
		slog.String("result", string(t.Result)),
		slog.Duration("took", t.Took),
	}
	level := slog.LevelDebug
	if t.Result != ResultOK {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", t.Err.Error()))
	}
	s.log.write(ctx, level, "cleanup task ended", attrs...)
}
