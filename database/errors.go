package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What an *Error is about; errors.Is finds them.
var (
	// ErrUnavailable says that the database could not be reached, is starting,
	// stopping or out of connections. Nothing was done.
	ErrUnavailable = errors.New("database unavailable")
	// ErrBusy says that the statement lost against others: a deadlock, a
	// serialisation failure, a lock that was not given in time. Its
	// transaction did nothing and may be tried again as a whole.
	ErrBusy = errors.New("database busy")
	// ErrConnectionLost says that the connection broke after something was
	// sent. What was sent outside a transaction may have taken effect.
	ErrConnectionLost = errors.New("database connection lost")
	// ErrCommitUnknown says that the connection broke during a commit, so
	// that nobody knows whether the transaction took effect.
	ErrCommitUnknown = errors.New("outcome of the commit unknown")
	// ErrFailed says that the database met trouble of its own, such as a full
	// disk or a damaged file.
	ErrFailed = errors.New("database failed")
)

// Error is a failure of the database, as opposed to an answer that the caller
// does not like. It counts as a failure for a breaker, except ErrBusy.
type Error struct {
	Name string // the name given to Do or Transaction
	Kind error  // ErrUnavailable, ErrBusy, ErrConnectionLost, ErrCommitUnknown or ErrFailed
	Err  error  // what the driver said
}

// Error names the operation, the kind and the cause in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %v: %v", e.Name, e.Kind, oneLine(e.Err))
}

// Unwrap gives both the kind and the driver's error.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Err} }

// StatusCode is 500 where something may have been done, else 503.
func (e *Error) StatusCode() int {
	if e.Kind == ErrCommitUnknown || e.Kind == ErrFailed { //nolint:errorlint // a field, not a chain
		return http.StatusInternalServerError
	}
	return http.StatusServiceUnavailable
}

// RetryAfter is one second where trying again is safe, else zero.
func (e *Error) RetryAfter() time.Duration {
	if e.Transient() {
		return time.Second
	}
	return 0
}

// Transient reports that nothing was done and that a later attempt may
// succeed.
func (e *Error) Transient() bool {
	return e.Kind == ErrUnavailable || e.Kind == ErrBusy //nolint:errorlint // as above
}

// settled wraps, on its way through the guard only, an error that does not
// speak against the database: what the server answered in good health, and
// whatever is the caller's own.
type settled struct{ error }

// StatusCode is one that breakers count as a success and nobody repeats.
func (settled) StatusCode() int { return http.StatusUnprocessableEntity }

// Transient answers for the cause: contention passes, an answer stays.
func (s settled) Transient() bool { return errors.Is(s.error, ErrBusy) }

func (s settled) Unwrap() error { return s.error }

// plain takes the wrapping of classify off again.
func plain(err error) error {
	if s, ok := errors.AsType[settled](err); ok {
		return s.error
	}
	return err
}

// classify turns the error of a function into what a guard should see.
func classify(ctx context.Context, name string, err error) error {
	if known, ok := errors.AsType[*Error](err); ok { // from a Do within fn, or from the commit
		if known.Name == "" {
			known.Name = name
		}
		return busyIsSettled(err, known.Kind)
	}
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err // whose context it was is for the guard to know
	}
	kind := kindOf(err)
	switch {
	case ctx.Err() != nil && (kind != nil || errors.Is(err, sql.ErrTxDone)):
		return fmt.Errorf("%s: %w: %w", name, ctx.Err(), err) // drivers break off what a context ends
	case kind == nil:
		return settled{err}
	default:
		return busyIsSettled(&Error{Name: name, Kind: kind, Err: err}, kind)
	}
}

// busyIsSettled keeps contention, which a healthy database reports, away from
// the breaker.
func busyIsSettled(err, kind error) error {
	if kind == ErrBusy { //nolint:errorlint // a kind, not a chain
		return settled{err}
	}
	return err
}

// commitError tells a commit that the server refused, so that it is known not
// to have happened, from one of which the answer is missing.
func commitError(err error) error {
	answer, fromPostgres := errors.AsType[*pgconn.PgError](err)
	_, fromMySQL := errors.AsType[*mysql.MySQLError](err)
	_, fromSQLite := errors.AsType[*sqlite.Error](err)
	switch {
	case err == nil, fromMySQL, fromSQLite,
		fromPostgres && answer.Severity == "ERROR" && answer.Code != "08007" && answer.Code != "40003",
		errors.Is(err, pgx.ErrTxCommitRollback), // Postgres rolled back and said so
		errors.Is(err, sql.ErrTxDone):           // rolled back before, because the context ended
		return err
	default:
		return &Error{Kind: ErrCommitUnknown, Err: err}
	}
}

// kindOf is nil for what is no failure of the database: constraints, syntax,
// permissions, rows that are not there, and every error of the caller's own.
func kindOf(err error) error {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok { // whatever the server said to that
		return ErrUnavailable
	}
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresKind(answer.Code)
	}
	if answer, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return mysqlKind(answer.Number)
	}
	if answer, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteKind(answer.Code() & 0xff)
	}
	var own interface{ StatusCode() int }
	if errors.As(err, &own) { // an upstream that fn called, an answer it chose
		return nil
	}
	return connectionKind(err)
}

// connectionKind knows errors that no server answered with.
func connectionKind(err error) error {
	var network net.Error
	dial, _ := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, ErrNotStarted), pgconn.SafeToRetry(err),
		errors.Is(err, driver.ErrBadConn), dial != nil && dial.Op == "dial":
		return ErrUnavailable
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		return ErrConnectionLost
	default:
		return nil
	}
}

// postgresKind reads https://www.postgresql.org/docs/current/errcodes-appendix.html.
func postgresKind(code string) error {
	switch {
	case code == "40001", code == "40P01", code == "55P03": // serialisation, deadlock, lock_timeout
		return ErrBusy
	case code == "57P01", code == "57P02": // the server ended the session
		return ErrConnectionLost
	case code == "57P03", code == "53300", code == "08001", code == "08004": // starting up, too many connections
		return ErrUnavailable
	case strings.HasPrefix(code, "08"), code == "40003":
		return ErrConnectionLost
	case strings.HasPrefix(code, "53"), strings.HasPrefix(code, "58"), strings.HasPrefix(code, "XX"), code == "57014":
		return ErrFailed // resources, system, internal; a statement that the server cut off
	default:
		return nil
	}
}

// mysqlKind reads https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html.
func mysqlKind(number uint16) error {
	switch number {
	case 1205, 1213, 3572: // lock wait timeout, deadlock, NOWAIT
		return ErrBusy
	case 1040, 1045, 1049, 1129, 1130, 1203, 1226: // connections used up, or refused
		return ErrUnavailable
	case 1053, 1927: // server shutdown, connection killed
		return ErrConnectionLost
	case 1021, 1030, 1037, 1041, 1114, 1290, 1317, 1836, 3024, 1969: // disk, memory, read only, cut off
		return ErrFailed
	default:
		return nil
	}
}

// sqliteKind reads the primary codes of https://www.sqlite.org/rescode.html.
func sqliteKind(code int) error {
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_CANTOPEN:
		return ErrUnavailable
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT:
		return ErrFailed
	default:
		return nil
	}
}
