package shutdown

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// logPatience is how long a stop waits for a log line to be written: what hangs
// may be the log itself, such as a pipe that nobody reads.
const logPatience = 100 * time.Millisecond

// patientLog writes lines, in order as long as the log keeps up, and holds up
// nobody: who has waited for logPatience goes on without the line, and while one
// line hangs nobody waits for the next ones.
type patientLog struct {
	log   *slog.Logger
	hangs atomic.Bool
}

func (l *patientLog) write(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	l.do(ctx, func(ctx context.Context, log *slog.Logger) {
		log.LogAttrs(ctx, level, msg, attrs...) //nolint:sloglint // every caller gives a constant
	})
}

// do is write for any number of lines. Their context does not end: what ended
// is told all the same.
func (l *patientLog) do(ctx context.Context, lines func(context.Context, *slog.Logger)) {
	ctx = context.WithoutCancel(ctx)
	written := make(chan struct{})
	go func() { // left behind only where the log hangs
		defer close(written)
		defer func() { _ = recover() }() // a log that panics does not end the process in the middle of its stop
		lines(ctx, l.log)
		l.hangs.Store(false)
	}()
	if l.hangs.Load() {
		return
	}
	patience := time.NewTimer(logPatience)
	defer patience.Stop()
	select {
	case <-written:
	case <-patience.C:
		l.hangs.Store(true)
	}
}
