package database

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"modernc.org/sqlite"
)

// sqliteBackend opens SQLite files. See the picture in doc.go.
type sqliteBackend struct {
	target target
	cfg    Config
	log    *slog.Logger
}

func (sqliteBackend) dialect() string { return dialectSQLite }
func (b sqliteBackend) label() string { return b.target.label }

// lock takes an advisory lock on a file beside the database, which is left
// there: removing it would let two processes lock two files of one name.
func (b sqliteBackend) lock(ctx context.Context) (func(), error) {
	if b.target.memory() {
		return func() {}, nil // nobody else can open it
	}
	dir := filepath.Dir(b.target.path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &connectError{b.target.label, fmt.Errorf("%s is no directory: %w", dir, fs.ErrNotExist)}
	}
	unlock, err := lockFile(ctx, b.target.path+".lock")
	if err != nil {
		return nil, &connectError{b.target.label, err}
	}
	return unlock, nil
}

func (b sqliteBackend) open(ctx context.Context) (*handle, error) {
	writer, err := b.pool(ctx, b.dsn(false), 1)
	if err != nil {
		return nil, err
	}
	h := &handle{write: writer, read: writer, pools: []pool{{"writer", writer, writer.Stats}}}
	if !b.target.memory() {
		readers, err := b.pool(ctx, b.dsn(true), min(b.cfg.MaxConnections, max(4, runtime.GOMAXPROCS(0))))
		if err != nil {
			return nil, closing(ctx, h, err)
		}
		h.read, h.pools = readers, append(h.pools, pool{"reader", readers, readers.Stats})
	}
	h.gorm, err = openGorm(sqliteDialector{conn: &split{writer: h.write, reader: h.read}}, b.cfg, b.log, time.Microsecond)
	if err != nil {
		return nil, closing(ctx, h, &connectError{b.target.label, err})
	}
	return h, nil
}

// pool opens one pool and makes its first connection.
func (b sqliteBackend) pool(ctx context.Context, dsn string, most int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, &connectError{b.target.label, err}
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	if most > 1 {
		limit(db, b.cfg, most)
	}
	ctx, cancel := context.WithTimeout(ctx, b.cfg.ConnectTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // the reason not to connect says more
		return nil, &connectError{b.target.label, err}
	}
	return db, nil
}

// dsn adds what every connection needs to the parameters of the address.
// Pragmas that the address sets itself are left to it; the transaction mode
// and the form of times are not, since the guarantees rest on them.
func (b sqliteBackend) dsn(reader bool) string {
	query := maps.Clone(b.target.query)
	query.Set("_time_format", "sqlite") // sorts by time, as text, in one zone
	query.Set("_timezone", "UTC")
	query.Set("_txlock", "immediate")
	pragmas := []struct{ name, value string }{
		{"busy_timeout", "5000"}, {"foreign_keys", "1"}, {"journal_mode", "WAL"},
	}
	if reader {
		pragmas[2] = struct{ name, value string }{"query_only", "1"}
		query.Del("_journal_mode")
		query.Del("_journal")
	}
	for _, p := range pragmas {
		if !b.target.pragma(p.name) {
			query.Add("_pragma", p.name+"("+p.value+")")
		}
	}
	return "file:" + b.target.uri + "?" + query.Encode()
}

// closing closes a handle that will not be used and returns why.
func closing(ctx context.Context, h *handle, why error) error {
	_ = h.close(ctx) // nothing was begun on it
	return why
}
