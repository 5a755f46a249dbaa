package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// queryLog is gorm's logger over slog: statements at Debug, slow ones at Warn,
// never with a value that was bound. Errors go to the caller, who handles
// them; here they are a field of the Debug line.
type queryLog struct {
	log    *slog.Logger
	slow   time.Duration
	silent bool
}

// LogMode honours Silent; the other levels are for slog to decide.
func (l queryLog) LogMode(level logger.LogLevel) logger.Interface {
	l.silent = level == logger.Silent
	return l
}

// Info is what gorm says about itself.
func (l queryLog) Info(ctx context.Context, text string, data ...any) {
	l.say(ctx, slog.LevelDebug, text, data)
}

// Warn is what gorm warns of, such as a callback registered twice.
func (l queryLog) Warn(ctx context.Context, text string, data ...any) {
	l.say(ctx, slog.LevelWarn, text, data)
}

// Error is what gorm gives up on.
func (l queryLog) Error(ctx context.Context, text string, data ...any) {
	l.say(ctx, slog.LevelError, text, data)
}

func (l queryLog) say(ctx context.Context, level slog.Level, text string, data []any) {
	if !l.silent {
		l.log.LogAttrs(ctx, level, "gorm", slog.String("text", fmt.Sprintf(text, data...)))
	}
}

// Trace is called after each statement.
func (l queryLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	level, took := slog.LevelDebug, time.Since(begin)
	if took >= l.slow {
		level = slog.LevelWarn
	}
	if l.silent || !l.log.Enabled(ctx, level) {
		return
	}
	text, rows := statement()
	attrs := []slog.Attr{slog.String("sql", text), slog.Duration("took", took)}
	if rows >= 0 {
		attrs = append(attrs, slog.Int64("rows", rows))
	}
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		attrs = append(attrs, slog.String("error", withoutValues(err)))
	}
	if level == slog.LevelWarn {
		l.log.LogAttrs(ctx, level, "slow query", attrs...)
		return
	}
	l.log.LogAttrs(ctx, level, "query", attrs...)
}

// ParamsFilter is how gorm asks which values may be written out: none.
func (queryLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// withoutValues gives the code of errors whose text repeats what was bound, as
// in "Duplicate entry 'ann@example.com'".
func withoutValues(err error) string {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		return "SQLSTATE " + answer.Code
	}
	if answer, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return fmt.Sprintf("error %d", answer.Number)
	}
	return oneLine(err).Error()
}
