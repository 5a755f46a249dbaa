package shutdown

import (
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

// panicked is the failure of a function that panicked.
type panicked struct {
	value any
	stack []byte // for the log
}

func (e *panicked) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// leastPatience is how long a function whose context has ended may at least take
// to return: one that obeys is not abandoned.
const leastPatience = 50 * time.Millisecond

// patience is that with hooks and tasks. It takes no more than half of what is
// left until the force timeout: the other half is for who comes next.
func (s *Service) patience() time.Duration {
	return min(leastPatience, time.Until(s.Deadline(Forced))/2)
}

// Step runs one function that the owner of the process stops with after
// CLEANUP, and waits for it: a panic is its failure, its context ends after
// Config.TaskTimeout, and it is left behind Config.CancelGrace after that, 50 ms
// at least, or when the stop is forced. It is in the report and the log like a
// task. The error is that of fn, or says why fn was left behind; it matches
// ErrForced where fn was not run because the stop was forced before.
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
	patience := func() time.Duration { return max(s.cfg.CancelGrace, leastPatience) }
	return s.supervise(ctx, report, patience, fn).Err
}

// supervise runs a hook, task or step in a goroutine of its own, records how it
// ended, and returns when it has ended or is left behind: some patience after
// its context has ended, or when the stop is forced.
func (s *Service) supervise(ctx context.Context, report TaskReport, patience func() time.Duration, run func(context.Context) error) TaskReport {
	began := time.Now()
	result := make(chan error, 1)
	go s.guarded(ctx, s.running.add(report.Kind, report.Name), run, result) // left behind only where run ignores ctx
	report.Err = s.await(ctx, patience, result)
	report.Took = time.Since(began)
	switch {
	case report.Err == nil:
		report.Result = ResultOK // also where its time was over: it has done what it had to
	case ctx.Err() != nil || errors.Is(report.Err, errAbandoned):
		report.Result = ResultTimeout
	default:
		report.Result = ResultFailed
	}
	s.record(ctx, report)
	return report
}

// await returns the result, or errAbandoned.
func (s *Service) await(ctx context.Context, patience func() time.Duration, result <-chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	case <-s.forced:
		return errAbandoned
	}
	timer := time.NewTimer(patience())
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
			err = &panicked{value: p, stack: debug.Stack()}
		}
		s.running.remove(self)
		result <- err
	}()
	err = run(ctx)
}

// record adds the end of a hook, task or step to the report and to the log: a
// failure with its details is one warning, and the last line of the log, which the
// owner of the process writes from the report, is the one error. When the stop is
// forced, one line has named all of them.
func (s *Service) record(ctx context.Context, t TaskReport) {
	s.journal.task(t)
	if s.State() == Forced {
		return
	}
	attrs := []slog.Attr{
		slog.String("name", t.Name),
		slog.String("phase", t.Phase.String()),
		slog.String("result", string(t.Result)),
		slog.Duration("took", t.Took),
	}
	if t.Result == ResultOK {
		s.log.write(ctx, slog.LevelDebug, endedMessage(t.Kind), attrs...)
		return
	}
	attrs = append(attrs, slog.String("error", t.Err.Error()))
	if p, ok := errors.AsType[*panicked](t.Err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	s.log.write(ctx, slog.LevelWarn, failedMessage(t.Kind), attrs...)
}

func endedMessage(kind string) string {
	return map[string]string{kindHook: "phase hook ended", kindTask: "cleanup task ended", kindStep: "stop hook ended"}[kind]
}

func failedMessage(kind string) string {
	return map[string]string{kindHook: "phase hook failed", kindTask: "cleanup task failed", kindStep: "stop hook failed"}[kind]
}
