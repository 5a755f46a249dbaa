package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// mysqlBackend opens MySQL and MariaDB.
type mysqlBackend struct {
	target target
	cfg    Config
	log    *slog.Logger
}

func (mysqlBackend) dialect() string { return dialectMySQL }
func (b mysqlBackend) label() string { return b.target.label }

// lock holds a named lock on a connection of its own. The names belong to the
// whole server, so ours holds a hash of the database's.
func (b mysqlBackend) lock(ctx context.Context) (func(), error) {
	db, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	unlock := func() { _ = db.Close() } // the server drops the lock with the connection
	sum := sha256.Sum256([]byte(strings.TrimPrefix(b.target.server.Path, "/")))
	conn, err := db.Conn(ctx)
	if err != nil {
		unlock()
		return nil, &connectError{b.target.label, err}
	}
	release := func() { _ = conn.Close(); unlock() }
	for {
		var got sql.NullInt64
		err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, 1)", "holdfast:"+hex.EncodeToString(sum[:16])).Scan(&got)
		switch {
		case err != nil:
			release()
			return nil, &connectError{b.target.label, err}
		case got.Int64 == 1:
			return release, nil
		}
	}
}

func (b mysqlBackend) open(ctx context.Context) (*handle, error) {
	db, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	limit(db, b.cfg, b.cfg.MaxConnections)
	h := &handle{write: db, read: db, pools: []pool{{"main", db, db.Stats}}}
	dialector := mysqlDialector{mysql.Dialector{Config: &mysql.Config{Conn: db}}}
	h.gorm, err = openGorm(dialector, b.cfg, b.log, time.Millisecond) // gorm's columns are datetime(3)
	if err != nil {
		return nil, closing(ctx, h, &connectError{b.target.label, err})
	}
	return h, nil
}

// connect opens a pool and makes its first connection.
func (b mysqlBackend) connect(ctx context.Context) (*sql.DB, error) {
	cfg, err := b.config()
	if err != nil {
		return nil, &connectError{b.target.label, err}
	}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return nil, &connectError{b.target.label, err}
	}
	db := sql.OpenDB(connector)
	ctx, cancel := context.WithTimeout(ctx, b.cfg.ConnectTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // the reason not to connect says more
		return nil, &connectError{b.target.label, err}
	}
	return db, nil
}

// config turns the address into the driver's own form
// (https://github.com/go-sql-driver/mysql#dsn-data-source-name). The driver
// reads the parameters; user, password and name are laid in beside, since its
// text form has no escape for them. Times are UTC on both ends. Parameters
// are interpolated by the driver unless the address says otherwise: one round
// trip in place of three for a statement that is not prepared.
func (b mysqlBackend) config() (*driver.Config, error) {
	u, query := b.target.server, maps.Clone(b.target.query)
	if !query.Has("interpolateParams") {
		query.Set("interpolateParams", "true")
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	cfg, err := driver.ParseDSN("tcp(" + net.JoinHostPort(u.Hostname(), port) + ")/?" + query.Encode())
	if err != nil {
		return nil, fmt.Errorf("parameters of the address: %w", err)
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.DBName = strings.TrimPrefix(u.Path, "/")
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.Timeout = b.cfg.ConnectTimeout
	cfg.Logger = driverLog{b.log}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["time_zone"] = "'+00:00'"
	return cfg, nil
}

// driverLog receives what the driver would write to stderr. Whatever it says
// reaches the caller as an error too.
type driverLog struct{ log *slog.Logger }

// Print is called by the driver.
func (l driverLog) Print(v ...any) {
	l.log.Debug("mysql driver", slog.String("text", fmt.Sprint(v...)))
}

// mysqlDialector is gorm's, with errors translated as on the other two: the
// driver's error stays in the chain, and a check that failed is recognised.
type mysqlDialector struct{ mysql.Dialector }

// Translate follows
// https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
// and https://mariadb.com/kb/en/mariadb-error-codes/.
func (mysqlDialector) Translate(err error) error {
	answer, ok := errors.AsType[*driver.MySQLError](err)
	if !ok {
		return err
	}
	switch answer.Number {
	case 1062, 1586: // ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME
		return fmt.Errorf("%w: %w", gorm.ErrDuplicatedKey, err)
	case 1216, 1217, 1451, 1452: // ER_NO_REFERENCED_ROW, ER_ROW_IS_REFERENCED, and their successors
		return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
	case 3819, 4025: // ER_CHECK_CONSTRAINT_VIOLATED of MySQL and ER_CONSTRAINT_FAILED of MariaDB
		return fmt.Errorf("%w: %w", gorm.ErrCheckConstraintViolated, err)
	default:
		return err
	}
}
