package database_test

import (
	"context"
	"database/sql"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

type counter struct {
	ID int
	N  int
}

func TestNotStarted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := database.New(database.Config{}, nil, quiet())
	require.NoError(t, err)
	db := s.DB(ctx)
	tests := map[string]func() error{
		"create": func() error { return db.Create(&counter{}).Error },
		"first":  func() error { return db.First(&counter{}).Error },
		"save":   func() error { return db.Save(&counter{ID: 1}).Error },
		"delete": func() error { return db.Delete(&counter{ID: 1}).Error },
		"exec":   func() error { return db.Exec("SELECT 1").Error },
		"scan":   func() error { return db.Raw("SELECT 1").Scan(new(int)).Error },
		"row":    func() error { return db.Raw("SELECT 1").Row().Scan(new(int)) },
		"rows": func() error {
			rows, err := db.Raw("SELECT 1").Rows()
			if err != nil {
				return err
			}
			defer func() { require.NoError(t, rows.Close()) }()
			return rows.Err()
		},
		"begin":         func() error { return db.Begin().Error },
		"gorm's own":    func() error { return db.Transaction(func(*gorm.DB) error { return nil }) },
		"connection":    func() error { return db.Connection(func(*gorm.DB) error { return nil }) },
		"sql.DB":        func() error { _, err := db.DB(); return err },
		"auto migrate":  func() error { return db.AutoMigrate(&counter{}) },
		"do":            func() error { return s.Do(ctx, "x", func(tx *gorm.DB) error { return tx.First(&counter{}).Error }) },
		"transaction":   func() error { return s.Transaction(ctx, "x", func(*gorm.DB) error { return nil }) },
		"ping":          func() error { return s.Ping(ctx) },
		"pending":       func() error { _, err := s.Pending(ctx); return err },
		"find in batch": func() error { return db.FindInBatches(&[]counter{}, 10, nil).Error },
	}
	for name, op := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, op(), database.ErrNotStarted)
		})
	}
}

func TestStartAndStopTwice(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			s, err := database.New(database.Config{URL: config.Secret(url(t, dialect))}, nil, quiet())
			require.NoError(t, err)
			require.NoError(t, s.Stop(ctx), "never started")
			for range 2 {
				require.NoError(t, s.Start(ctx))
				require.NoError(t, s.Start(ctx))
				require.NoError(t, s.Ping(ctx))
				require.NoError(t, s.Stop(ctx))
				require.NoError(t, s.Stop(ctx))
				require.ErrorIs(t, s.Ping(ctx), database.ErrNotStarted)
			}
		})
	}
}

func TestStopWaitsForConnectionsInUse(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			s, err := database.New(database.Config{URL: config.Secret(url(t, dialect))}, nil, quiet())
			require.NoError(t, err)
			require.NoError(t, s.Start(ctx))
			tx := s.DB(ctx).Begin()
			require.NoError(t, tx.Error)

			stopped := make(chan error, 1)
			go func() { stopped <- s.Stop(ctx) }()
			require.NoError(t, tx.Exec("SELECT 1").Error, "a transaction that was begun goes on")
			select {
			case err := <-stopped:
				require.Fail(t, "Stop did not wait", "%v", err)
			case <-time.After(50 * time.Millisecond):
			}
			require.NoError(t, tx.Commit().Error)
			require.NoError(t, <-stopped)
		})
	}
}

func TestStopGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	s, err := database.New(database.Config{URL: config.Secret(url(t, "sqlite"))}, nil, quiet())
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	tx := s.DB(t.Context()).Begin()
	require.NoError(t, tx.Error)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, s.Stop(ctx), "1 connections are still in use")
	require.NoError(t, tx.Rollback().Error)
}

// A server that is away, and one that accepts and never says a word.
func TestStartWithTheServerAway(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	mute := listener.Addr().String()
	tests := map[string]struct{ url, wantErr string }{
		"postgres, refused":       {"postgres://u:hunter2@127.0.0.1:1/shop", "connect to postgres at 127.0.0.1:1/shop (DATABASE_URL): "},
		"postgres, mute":          {"postgres://u:hunter2@" + mute + "/shop", "connect to postgres at " + mute},
		"postgres, bad parameter": {"postgres://u:hunter2@127.0.0.1:1/shop?sslmode=hunter", "connect to postgres at 127.0.0.1:1/shop (DATABASE_URL): "},
		"mysql, refused":          {"mysql://u:hunter2@127.0.0.1:1/shop", "connect to mysql at 127.0.0.1:1/shop (DATABASE_URL): "},
		"mysql, mute":             {"mysql://u:hunter2@" + mute + "/shop", "connect to mysql at " + mute},
		"mysql, bad parameter":    {"mysql://u:hunter2@127.0.0.1:1/shop?tls=nonsense", "connect to mysql at 127.0.0.1:1/shop (DATABASE_URL): "},
		"sqlite, no directory":    {"file:" + filepath.Join(t.TempDir(), "none", "a.db"), "is no directory"},
		"sqlite, a directory":     {"file:" + t.TempDir(), "connect to sqlite file"},
		"sqlite, bad pragma":      {"file:" + filepath.Join(t.TempDir(), "a.db") + "?_txlock=x&_pragma=journal_mode%28", "connect to sqlite file"},
	}
	for name, tt := range tests {
		for _, mode := range []string{"up", "check"} {
			t.Run(name+", "+mode, func(t *testing.T) {
				t.Parallel()
				cfg := database.Config{URL: config.Secret(tt.url), Migrate: mode, ConnectTimeout: 300 * time.Millisecond}
				s, err := database.New(cfg, nil, quiet())
				require.NoError(t, err)
				began := time.Now()
				err = s.Start(t.Context())
				require.ErrorContains(t, err, tt.wantErr)
				require.Less(t, time.Since(began), 3*time.Second)
				require.NotContains(t, err.Error(), "\n")
				require.NotContains(t, err.Error(), "hunter2")
				require.ErrorIs(t, s.Ping(t.Context()), database.ErrNotStarted)
			})
		}
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	for _, address := range []string{":memory:", "file::memory:", "file:x?mode=memory", "sqlite::memory:"} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			s := start(t, database.Config{URL: config.Secret(address)}, nil)
			require.NoError(t, s.DB(t.Context()).Exec("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER)").Error)
			require.NoError(t, s.DB(t.Context()).Create(&counter{N: 1}).Error)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.Error(t, s.DB(ctx).First(&counter{}).Error)
			var got counter
			require.NoError(t, s.DB(t.Context()).First(&got).Error, "a cancelled query costs no data")
			require.Equal(t, 1, got.N)
		})
	}
}

func TestSQLitePragmas(t *testing.T) {
	t.Parallel()
	s := start(t, database.Config{URL: config.Secret(url(t, "sqlite") + "?_pragma=synchronous(NORMAL)&_pragma=busy_timeout(1234)")}, nil)
	want := map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "1234", "synchronous": "1"}
	for name, value := range want {
		var got string
		require.NoError(t, s.DB(t.Context()).Raw("PRAGMA "+name).Scan(&got).Error)
		require.Equal(t, value, got, name)
	}
}

// A transaction that writes holds up neither reads nor probes, and they see
// what is committed at once.
func TestReadersDoNotWaitForTheWriter(t *testing.T) {
	t.Parallel()
	s := sqliteService(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, s.DB(ctx).Create(&counter{ID: 1, N: 1}).Error)

	n := func() (n int) {
		require.NoError(t, s.DB(ctx).Model(&counter{}).Where("id = ?", 1).Pluck("n", &n).Error)
		return n
	}
	require.NoError(t, s.Transaction(ctx, "write", func(tx *gorm.DB) error {
		require.NoError(t, tx.Model(&counter{ID: 1}).Update("n", 2).Error)
		require.Equal(t, 1, n(), "not committed yet")
		require.NoError(t, s.Ping(ctx))
		read := s.DB(ctx).Begin(&sql.TxOptions{ReadOnly: true})
		require.NoError(t, read.First(&counter{}).Error)
		require.Error(t, read.Create(&counter{}).Error, "a snapshot is read only")
		return read.Rollback().Error
	}))
	require.Equal(t, 2, n())
	rows, err := s.DB(ctx).Model(&counter{}).Rows()
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	require.True(t, rows.Next())
	require.NoError(t, s.DB(ctx).Create(&counter{ID: 2}).Error, "writing while rows are open")
	hidden := s.DB(ctx).Raw("SELECT 1; INSERT INTO counters VALUES (3, 3)").Scan(new(int))
	require.ErrorContains(t, hidden.Error, "readonly", "a write behind a SELECT must not slip past the writer")
	require.NoError(t, rows.Err())
}

func TestSQLitePath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, database.Config{URL: config.Secret("sqlite:" + dir + "/100%25%20shop.db?mode=rwc#shop")}, nil)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Contains(t, names, "100% shop.db")
	require.Contains(t, names, "100% shop.db.lock")
}
