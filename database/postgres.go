package database

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
)

// postgresBackend opens Postgres: one pgxpool, and gorm above it through
// database/sql, so that what needs pgx itself can share the connections.
type postgresBackend struct {
	target target
	cfg    Config
	log    *slog.Logger
}

// postgresLock is the key of the advisory lock around migrations, "holdfast"
// in ASCII. Postgres keeps such locks per database.
const postgresLock int64 = 0x686f6c6466617374

func (postgresBackend) dialect() string { return dialectPostgres }
func (b postgresBackend) label() string { return b.target.label }

// lock holds a session lock on a connection of its own, so that a pool of one
// cannot block itself. Closing the connection is the unlocking.
func (b postgresBackend) lock(ctx context.Context) (func(), error) {
	cfg, err := b.config()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
	if err != nil {
		return nil, &connectError{b.target.label, err}
	}
	unlock := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // the server drops the lock with the connection
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", postgresLock); err != nil {
		unlock()
		return nil, &connectError{b.target.label, err}
	}
	return unlock, nil
}

func (b postgresBackend) open(ctx context.Context) (*handle, error) {
	cfg, err := b.config()
	if err != nil {
		return nil, err
	}
	shared, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, &connectError{b.target.label, err}
	}
	db := stdlib.OpenDBFromPool(shared)
	h := &handle{
		write: db, read: db, after: shared.Close,
		pools: []pool{{"main", db, func() sql.DBStats { return pgxStats(shared.Stat()) }}},
	}
	reach, cancel := context.WithTimeout(ctx, b.cfg.ConnectTimeout)
	defer cancel()
	if err := h.ping(reach); err != nil {
		return nil, closing(ctx, h, &connectError{b.target.label, err})
	}
	h.gorm, err = openGorm(postgres.New(postgres.Config{Conn: db}), b.cfg, b.log, time.Microsecond)
	if err != nil {
		return nil, closing(ctx, h, &connectError{b.target.label, err})
	}
	return h, nil
}

// config lets pgx read the address and lays our bounds over it. Sessions
// speak UTC, and times come back in UTC wherever the process runs.
func (b postgresBackend) config() (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(b.target.server.String())
	if err != nil {
		// pgx repeats the address in its error; what lies below does not.
		if inner := errors.Unwrap(err); inner != nil {
			err = inner
		}
		return nil, &connectError{b.target.label, err}
	}
	cfg.MaxConns = int32(b.cfg.MaxConnections) //nolint:gosec // Validate keeps it below 1,001
	cfg.MinConns = int32(b.cfg.MinConnections) //nolint:gosec // as above
	cfg.MaxConnIdleTime = connIdleTime
	cfg.MaxConnLifetime = connLifetime - connLifetimeSpan/2
	cfg.MaxConnLifetimeJitter = connLifetimeSpan
	cfg.ConnConfig.ConnectTimeout = b.cfg.ConnectTimeout
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	return cfg, nil
}

// pgxStats gives the figures of the shared pool: database/sql above it keeps
// no connection and knows of no limit.
func pgxStats(s *pgxpool.Stat) sql.DBStats {
	return sql.DBStats{
		MaxOpenConnections: int(s.MaxConns()),
		OpenConnections:    int(s.TotalConns()),
		InUse:              int(s.AcquiredConns()),
		Idle:               int(s.IdleConns()),
		WaitCount:          s.EmptyAcquireCount(),
		WaitDuration:       s.EmptyAcquireWaitTime(),
		MaxIdleTimeClosed:  s.MaxIdleDestroyCount(),
		MaxLifetimeClosed:  s.MaxLifetimeDestroyCount(),
	}
}
