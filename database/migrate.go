package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	versions "github.com/pressly/goose/v3/database"
)

// Migrations are the SQL files of one owner, in the format of goose
// (https://pressly.github.io/goose/documentation/annotations/). FS holds a
// folder for each dialect it serves: sqlite, postgres, mysql, at its root or
// in a folder migrations, where go:embed puts them. Versions are recorded in
// the table goose_<owner>, so that owners do not meet. Owners are migrated by
// name, each by ascending version; none may rely on another's tables.
type Migrations struct {
	Owner string // a-z, 0-9 and _, at most 40 characters, begins with a letter
	FS    fs.FS
}

// PendingError is the answer of Ping while migrations wait to be applied.
type PendingError struct {
	Owner string // the first owner with pending migrations
	Count int    // how many of that owner's
	Total int    // how many of all owners
}

// Error says what is pending and how to apply it.
func (e *PendingError) Error() string {
	return fmt.Sprintf("%d of %d pending migrations belong to %q: apply them by starting once with DB_MIGRATE=up",
		e.Count, e.Total, e.Owner)
}

// StatusCode is 503: a service that is not migrated is not ready.
func (e *PendingError) StatusCode() int { return 503 }

// checkMigrations finds owners that cannot work, all at once.
func checkMigrations(dialect string, all []Migrations) error {
	var faults []error
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	seen := map[string]bool{}
	for _, m := range all {
		switch {
		case !name.MatchString(m.Owner):
			faults = append(faults, fmt.Errorf("migrations: %q is no owner; use a-z, 0-9 and _, at most 40 characters", m.Owner))
		case seen[m.Owner]:
			faults = append(faults, fmt.Errorf("migrations of %q are given twice", m.Owner))
		case m.FS == nil:
			faults = append(faults, fmt.Errorf("migrations of %q have no files", m.Owner))
		default:
			if files, err := fs.Glob(m.FS, m.folder(dialect)+"/*.sql"); err != nil || len(files) == 0 {
				faults = append(faults, fmt.Errorf("migrations of %q have no file in the folder %s", m.Owner, dialect))
			}
		}
		seen[m.Owner] = true
	}
	return errors.Join(faults...)
}

// table names the version table of an owner.
func (m Migrations) table() string { return "goose_" + m.Owner }

// folder is where the files for a dialect are.
func (m Migrations) folder(dialect string) string {
	if info, err := fs.Stat(m.FS, "migrations"); err == nil && info.IsDir() {
		return "migrations/" + dialect
	}
	return dialect
}

// provider makes goose's provider for these files.
func (m Migrations) provider(dialect string, h *handle) (*goose.Provider, error) {
	files, err := fs.Sub(m.FS, m.folder(dialect))
	if err != nil {
		return nil, fmt.Errorf("migrations of %q: %w", m.Owner, err)
	}
	p, err := goose.NewProvider(gooseDialect(dialect), h.write, files,
		goose.WithTableName(m.table()), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("migrations of %q: %w", m.Owner, err)
	}
	return p, nil
}

func gooseDialect(dialect string) goose.Dialect {
	switch dialect {
	case dialectPostgres:
		return goose.DialectPostgres
	case dialectMySQL:
		return goose.DialectMySQL
	default:
		return goose.DialectSQLite3
	}
}

// migrate applies what is pending, owner by owner. The caller holds the lock.
func (s *Service) migrate(ctx context.Context, h *handle) error {
	for _, m := range s.migrations {
		p, err := m.provider(s.Dialect(), h)
		if err != nil {
			return err
		}
		applied, err := p.Up(ctx)
		if partial, ok := errors.AsType[*goose.PartialError](err); ok {
			applied, err = partial.Applied, fmt.Errorf("%s: %w", partial.Failed.Source.Path, partial.Err)
		}
		for _, a := range applied {
			s.log.InfoContext(ctx, "migration applied", slog.String("owner", m.Owner),
				slog.String("file", a.Source.Path), slog.Duration("took", a.Duration))
		}
		if err != nil {
			return fmt.Errorf("migrate %q: %s: %w", m.Owner, s.backend.label(), oneLine(err))
		}
	}
	return nil
}

// Pending counts the migrations of all owners that are not applied, without
// changing anything in the database and whatever Config.Migrate says.
func (s *Service) Pending(ctx context.Context) (int, error) {
	h := s.current.Load()
	if h == nil {
		return 0, ErrNotStarted
	}
	found, err := s.pending(ctx, h)
	if found == nil {
		return 0, err
	}
	return found.Total, err
}

// pending is nil where nothing is. goose's own answer would create the
// version table, which a replica that only checks may not be allowed to.
func (s *Service) pending(ctx context.Context, h *handle) (*PendingError, error) {
	var found *PendingError
	for _, m := range s.migrations {
		n, err := s.pendingOf(ctx, h, m)
		if err != nil {
			return nil, fmt.Errorf("look for pending migrations of %q: %w", m.Owner, err)
		}
		switch {
		case n > 0 && found == nil:
			found = &PendingError{Owner: m.Owner, Count: n, Total: n}
		case n > 0:
			found.Total += n
		}
	}
	return found, nil
}

func (s *Service) pendingOf(ctx context.Context, h *handle, m Migrations) (int, error) {
	p, err := m.provider(s.Dialect(), h)
	if err != nil {
		return 0, err
	}
	store, err := versions.NewStore(gooseDialect(s.Dialect()), m.table())
	if err != nil {
		return 0, err
	}
	sources := p.ListSources()
	if exists, err := s.hasTable(ctx, h, m.table()); err != nil || !exists {
		return len(sources), err
	}
	rows, err := store.ListMigrations(ctx, h.read)
	if err != nil {
		return 0, err
	}
	applied := map[int64]bool{}
	for _, r := range rows { // newest first: the first row of a version is what holds
		if _, known := applied[r.Version]; !known {
			applied[r.Version] = r.IsApplied
		}
	}
	n := 0
	for _, source := range sources {
		if !applied[source.Version] {
			n++
		}
	}
	return n, nil
}

func (s *Service) hasTable(ctx context.Context, h *handle, name string) (bool, error) {
	query := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '" + name + "'"
	switch s.Dialect() {
	case dialectPostgres:
		query = "SELECT count(to_regclass('" + name + "'))"
	case dialectMySQL:
		query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = '" + name + "'"
	}
	var n int
	err := h.read.QueryRowContext(ctx, query).Scan(&n)
	return n > 0, err
}

// oneLine keeps what is wrapped and joins the lines of its text.
func oneLine(err error) error { return &lineError{err} }

type lineError struct{ err error }

func (e *lineError) Error() string { return strings.Join(strings.Fields(e.err.Error()), " ") }
func (e *lineError) Unwrap() error { return e.err }
