package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"
)

// ErrNotStarted is what every operation answers before Start and after Stop.
var ErrNotStarted = errors.New("database is not open: it opens in Start and closes in Stop")

// Service is one database: SQLite, Postgres or MySQL behind one face. All
// methods may be called concurrently.
type Service struct {
	cfg        Config
	guard      Guard // nil runs the function as it is
	log        *slog.Logger
	backend    backend
	migrations []Migrations
	closed     *gorm.DB // what DB gives while nothing is open

	mu       sync.Mutex // serialises Start and Stop
	current  atomic.Pointer[handle]
	migrated atomic.Bool // nothing was pending when last looked; never undone while open
}

// New checks cfg and migrations and returns a Service that Start opens. It
// does no I/O and starts nothing. guard may be nil. The error lists every
// fault: those of Config.Validate, owners with an unusable or a repeated
// name, and owners that bring no folder for the dialect of cfg.URL.
func New(cfg Config, guard Guard, log *slog.Logger, migrations ...Migrations) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	log = log.With(slog.String("module", "database"))
	t, err := parseURL(cfg.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL %w", err)
	}
	if err := checkMigrations(t.dialect, migrations); err != nil {
		return nil, err
	}
	migrations = slices.SortedFunc(slices.Values(migrations), func(a, b Migrations) int { return cmp.Compare(a.Owner, b.Owner) })
	closed, err := openRefusing()
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, guard: guard, log: log, migrations: migrations, closed: closed}
	switch t.dialect {
	case dialectPostgres:
		s.backend = postgresBackend{target: t, cfg: cfg, log: log}
	case dialectMySQL:
		s.backend = mysqlBackend{target: t, cfg: cfg, log: log}
	default:
		s.backend = sqliteBackend{target: t, cfg: cfg, log: log}
	}
	return s, nil
}

// Start connects within Config.ConnectTimeout and, by Config.Migrate, runs the
// migrations, bounded by ctx alone. Its error is one line that names
// DATABASE_URL and never its password. A second Start does nothing; a Start
// after Stop opens the database again.
func (s *Service) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.Load() != nil {
		return nil
	}
	h, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.current.Store(h)
	s.log.InfoContext(ctx, "database open",
		slog.String("database", s.backend.label()), slog.String("migrate", s.cfg.migrateMode(s.backend.dialect())))
	return nil
}

// open connects and migrates under the lock that all replicas share. SQLite
// needs it even where nothing is migrated: two processes that turn one new
// file into WAL mode at once get "locked" in spite of the busy timeout.
func (s *Service) open(ctx context.Context) (*handle, error) {
	mode := s.cfg.migrateMode(s.backend.dialect())
	if mode == migrateUp || s.backend.dialect() == dialectSQLite {
		unlock, err := s.backend.lock(ctx)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	h, err := s.backend.open(ctx)
	if err != nil {
		return nil, err
	}
	if mode == migrateUp {
		if err := s.migrate(ctx, h); err != nil {
			return nil, errors.Join(err, h.close(ctx))
		}
	}
	s.migrated.Store(mode == migrateUp)
	return h, nil
}

// Stop closes the pool and waits until every connection came back, at most
// until ctx is done; then its error says how many are still in use. From its
// first moment on every operation answers ErrNotStarted, except on sessions
// and transactions that were begun before. A second Stop does nothing.
func (s *Service) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.current.Swap(nil)
	if h == nil {
		return nil
	}
	if err := h.close(ctx); err != nil {
		return fmt.Errorf("close %s: %w", s.backend.label(), err)
	}
	s.log.InfoContext(ctx, "database closed", slog.String("database", s.backend.label()))
	return nil
}

// DB returns a gorm session bound to ctx. Before Start and after Stop it
// returns a session of which every operation fails with ErrNotStarted.
//
// Nothing guards it. Do and Transaction are the usual way in.
func (s *Service) DB(ctx context.Context) *gorm.DB {
	if h := s.current.Load(); h != nil {
		return h.gorm.WithContext(ctx)
	}
	return s.closed.WithContext(ctx)
}

// Dialect returns "sqlite", "postgres" or "mysql": what Config.URL names,
// whether the Service is open or not.
func (s *Service) Dialect() string { return s.backend.dialect() }

// Ping asks the database for a sign of life and, where migrations are checked,
// whether any is pending: the answer for a readiness probe. It fails with
// ErrNotStarted, with a *PendingError, or with what the database said. It
// never waits for the writer of SQLite.
func (s *Service) Ping(ctx context.Context) error {
	h := s.current.Load()
	if h == nil {
		return ErrNotStarted
	}
	if err := h.ping(ctx); err != nil {
		return fmt.Errorf("ping %s: %w", s.backend.label(), err)
	}
	if s.migrated.Load() || s.cfg.migrateMode(s.backend.dialect()) != migrateCheck {
		return nil
	}
	pending, err := s.pending(ctx, h)
	if err != nil || pending == nil {
		s.migrated.Store(err == nil)
		return err
	}
	return pending
}
