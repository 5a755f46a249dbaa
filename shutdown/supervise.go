package shutdown

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"runtime/pprof"
	"time"
)

var (
	errNoTime    = errors.New("no time was left")
	errAbandoned = errors.New("did not return when its time was over")
	errGoexit    = errors.New("ended its goroutine without returning")
)

// limits are the ends of one hook or task.
type limits struct {
	context time.Time // its context ends
	abandon time.Time // it is left behind
}

// supervise runs a hook or task in a goroutine of its own, records how it ended,
// and returns when it has ended or is left behind.
func (s *Service) supervise(report TaskReport, end limits, run func(context.Context) error) {
	ctx, cancel := context.WithDeadline(context.Background(), end.context)
	defer cancel()
	began := time.Now()
	result := make(chan error, 1)
	go s.guarded(ctx, report.Name, run, result) // left behind only where it ignores ctx
	timer := time.NewTimer(time.Until(end.abandon))
	defer timer.Stop()

	select {
	case report.Err = <-result:
	case <-timer.C:
		report.Err = errAbandoned
	case <-s.forced:
		report.Err = errAbandoned
	}
	report.Took = time.Since(began)
	switch {
	case ctx.Err() != nil || errors.Is(report.Err, errAbandoned):
		report.Result = ResultTimeout
		report.Err = cmp.Or(report.Err, context.DeadlineExceeded)
	case report.Err != nil:
		report.Result = ResultFailed
	default:
		report.Result = ResultOK
	}
	s.record(report)
}

// guarded sends exactly one result, also when run panics or ends its goroutine.
func (s *Service) guarded(ctx context.Context, name string, run func(context.Context) error, result chan<- error) {
	err := errGoexit
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			s.log.ErrorContext(ctx, "cleanup task panicked", slog.String("task", name),
				slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
		result <- err
	}()
	err = run(ctx)
}

// record adds the end of a hook or task to the report and to the log.
func (s *Service) record(t TaskReport) {
	s.journal.task(t)
	attrs := []slog.Attr{
		slog.String("task", t.Name),
		slog.String("phase", t.Phase.String()),
		slog.String("result", string(t.Result)),
		slog.Duration("took", t.Took),
	}
	level := slog.LevelDebug
	if t.Result != ResultOK {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", t.Err.Error()))
	}
	s.log.LogAttrs(context.Background(), level, "cleanup task ended", attrs...)
}

// logPatience is how long the force timeout waits for its own log lines: what
// hangs may be the log itself.
const logPatience = 100 * time.Millisecond

// force runs at the force timeout.
func (s *Service) force() {
	if !s.enter(Forced) {
		return
	}
	logged := make(chan struct{})
	go func() { // left behind only where the log hangs
		defer close(logged)
		s.logForced()
	}()
	patience := time.NewTimer(logPatience)
	defer patience.Stop()
	select {
	case <-logged:
	case <-patience.C:
	}
	s.cancelBase(ErrShutdown)
	close(s.forced)
}

func (s *Service) logForced() {
	unfinished := s.work.unfinished()
	s.log.Error("shutdown forced", slog.String("after", s.cfg.ForceTimeout.String()),
		slog.Int("in_flight", len(unfinished)), slog.Any("work", names(unfinished)))
	if s.log.Enabled(context.Background(), slog.LevelDebug) {
		s.log.Debug("goroutines at the force timeout", slog.String("dump", goroutines()))
	}
}

func goroutines() string {
	var dump bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&dump, 1); err != nil {
		return err.Error()
	}
	return dump.String()
}

// maxNames bounds a log line.
const maxNames = 20

func names(work []Unfinished) []string {
	list := make([]string, 0, min(len(work), maxNames))
	for _, w := range work[:cap(list)] {
		list = append(list, fmt.Sprintf("%s (%s)", w.Name, w.Age.Round(time.Millisecond)))
	}
	return list
}
