package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
)

// Connections are renewed after half an hour, give or take a tenth so that
// they do not all end at once, and close after ten idle minutes.
const (
	connLifetime     = 30 * time.Minute
	connLifetimeSpan = 6 * time.Minute
	connIdleTime     = 10 * time.Minute
)

// backend is one kind of database.
type backend interface {
	dialect() string
	// label names the database in messages; nothing in it is secret.
	label() string
	// lock waits until no other replica opens or migrates the database.
	lock(ctx context.Context) (unlock func(), err error)
	// open connects within the connect timeout.
	open(ctx context.Context) (*handle, error)
}

// handle is an open database.
type handle struct {
	gorm  *gorm.DB
	write *sql.DB // what migrations run on
	read  *sql.DB // what probes run on: never busy with somebody's transaction on SQLite
	pools []pool
	// after closes what lies below the pools; nil where nothing does.
	after func()
}

// pool is one pool of connections and its figures.
type pool struct {
	name  string
	db    *sql.DB
	stats func() sql.DBStats
}

func (h *handle) ping(ctx context.Context) error {
	var one int
	return h.read.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// close closes every pool and waits for the connections that are in use.
// database/sql closes idle connections at once and the others as they come
// back, without telling anybody: hence the ticker.
func (h *handle) close(ctx context.Context) error {
	var errs []error
	for _, p := range h.pools {
		errs = append(errs, p.db.Close())
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n := h.open(); n > 0; n = h.open() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(append(errs, fmt.Errorf("%d connections are still in use: %w", n, context.Cause(ctx)))...)
		}
	}
	if h.after != nil {
		h.after()
	}
	return errors.Join(errs...)
}

func (h *handle) open() (n int) {
	for _, p := range h.pools {
		n += p.db.Stats().OpenConnections
	}
	return n
}

// openGorm opens gorm over a pool that is already connected.
func openGorm(d gorm.Dialector, cfg Config, log *slog.Logger, precision time.Duration) (*gorm.DB, error) {
	return gorm.Open(d, &gorm.Config{
		Logger:               queryLog{log: log, slow: cfg.SlowQuery},
		TranslateError:       true,
		DisableAutomaticPing: true, // done already, with a context
		NowFunc:              func() time.Time { return time.Now().UTC().Truncate(precision) },
	})
}

// limit sets the bounds of a database/sql pool.
func limit(db *sql.DB, cfg Config, most int) {
	db.SetMaxOpenConns(most)
	idle := most
	if cfg.MinConnections > 0 {
		idle = min(cfg.MinConnections, most)
	}
	db.SetMaxIdleConns(idle)
	db.SetConnMaxIdleTime(connIdleTime)
	//nolint:gosec // spread, not secrecy
	db.SetConnMaxLifetime(connLifetime - connLifetimeSpan/2 + rand.N(connLifetimeSpan))
}

// connectError says in one line what could not be reached and why.
type connectError struct {
	label string
	err   error
}

func (e *connectError) Error() string {
	return "connect to " + e.label + " (DATABASE_URL): " + oneLine(e.err).Error()
}

func (e *connectError) Unwrap() error { return e.err }
