package database_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

func TestMigrateModes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		migrate     string
		env         config.Stage
		wantPending int
		wantReady   bool
	}{
		"empty in prod is check":      {"", config.Prod, 4, false},
		"empty and no stage is check": {"", "", 4, false},
		"empty in dev is up":          {"", config.Dev, 0, true},
		"empty in test is up":         {"", config.Test, 0, true},
		"up in prod":                  {"up", config.Prod, 0, true},
		"check in dev":                {"check", config.Dev, 4, false},
		"off in dev":                  {"off", config.Dev, 4, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := database.Config{URL: config.Secret(url(t, "sqlite")), Migrate: tt.migrate, Env: tt.env}
			s := start(t, cfg, nil, shop(t, "shop"), shop(t, "outbox"))
			pending, err := s.Pending(t.Context())
			require.NoError(t, err)
			require.Equal(t, tt.wantPending, pending)
			require.Equal(t, tt.wantReady, s.Ping(t.Context()) == nil)
		})
	}
}

// A replica that only checks leaves the database as it is, says what to do,
// and becomes ready by itself when another one has migrated.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			ctx, address := t.Context(), config.Secret(url(t, dialect))
			checks := start(t, database.Config{URL: address, Migrate: "check"}, nil, shop(t, "outbox"), shop(t, "shop"))

			err := checks.Ping(ctx)
			var pending *database.PendingError
			require.ErrorAs(t, err, &pending)
			require.Equal(t, database.PendingError{Owner: "outbox", Count: 2, Total: 4}, *pending)
			require.ErrorContains(t, err, "DB_MIGRATE=up")
			require.Error(t, checks.DB(ctx).Exec("SELECT 1 FROM goose_shop").Error, "no version table was made")

			start(t, database.Config{URL: address, Migrate: "up"}, nil, shop(t, "outbox"))
			require.ErrorAs(t, checks.Ping(ctx), &pending)
			require.Equal(t, database.PendingError{Owner: "shop", Count: 2, Total: 2}, *pending)

			start(t, database.Config{URL: address, Migrate: "up"}, nil, shop(t, "shop"))
			require.NoError(t, checks.Ping(ctx))
			require.NoError(t, checks.DB(ctx).Exec("DROP TABLE goose_shop").Error)
			require.NoError(t, checks.Ping(ctx), "once ready it looks no more")
		})
	}
}

// Two replicas migrate an empty database at once, 20 times (bar E5).
func TestTwoReplicasMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			address := url(t, dialect)
			for round := range 20 {
				if dialect == "sqlite" {
					address = url(t, dialect)
				} else if round > 0 { // emptying is faster than making a new one
					for _, table := range []string{"shop_item", "goose_shop", "outbox_item", "goose_outbox"} {
						exec(t, address, "DROP TABLE "+table)
					}
				}
				var replicas errgroup.Group
				for range 2 {
					s, err := database.New(database.Config{URL: config.Secret(address), Migrate: "up"}, nil, quiet(),
						shop(t, "shop"), shop(t, "outbox"))
					require.NoError(t, err)
					replicas.Go(func() error { return startOnce(t.Context(), s) })
				}
				require.NoError(t, replicas.Wait())
			}
		})
	}
}

// startOnce is a good start: migrated, ready, stopped.
func startOnce(ctx context.Context, s *database.Service) error {
	if err := s.Start(ctx); err != nil {
		return err
	}
	var n int
	err := s.DB(ctx).Raw("SELECT count(*) FROM outbox_item").Scan(&n).Error
	if n != 1 {
		err = errors.Join(err, fmt.Errorf("%d rows", n))
	}
	return errors.Join(err, s.Ping(ctx), s.Stop(ctx))
}

// A replica that waits for the lock of another gives up with its context.
func TestMigrateWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			address := config.Secret(url(t, dialect))
			m := database.Migrations{Owner: "slow", FS: fstest.MapFS{
				"postgres/1_slow.sql": {Data: []byte("-- +goose Up\nSELECT pg_sleep(1);")},
				"mysql/1_slow.sql":    {Data: []byte("-- +goose Up\nSELECT SLEEP(1);")},
				"sqlite/1_slow.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE slow (id INTEGER);")},
			}}
			first, err := database.New(database.Config{URL: address, Migrate: "up"}, nil, quiet(), m)
			require.NoError(t, err)
			second, err := database.New(database.Config{URL: address, Migrate: "up"}, nil, quiet(), m)
			require.NoError(t, err)
			writes := start(t, database.Config{URL: address, Migrate: "off"}, nil)
			tx := writes.DB(t.Context()).Begin() // on SQLite this is what makes the first one slow
			require.NoError(t, tx.Error)

			done := make(chan error, 1)
			go func() { done <- first.Start(t.Context()) }()
			time.Sleep(200 * time.Millisecond) // long enough for the first to hold the lock
			ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, second.Start(ctx), context.DeadlineExceeded)
			require.NoError(t, tx.Rollback().Error)
			require.NoError(t, <-done)
			require.NoError(t, first.Stop(t.Context()))
		})
	}
}

func TestMigrateFails(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			m := shop(t, "shop")
			bad := &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE bad (;\n")}
			files, ok := m.FS.(fstest.MapFS)
			require.True(t, ok)
			for _, folder := range dialects {
				files[folder+"/00003_bad.sql"] = bad
			}
			address := config.Secret(url(t, dialect))
			s, err := database.New(database.Config{URL: address, Migrate: "up"}, nil, quiet(), m)
			require.NoError(t, err)
			err = s.Start(t.Context())
			require.ErrorContains(t, err, `migrate "shop"`)
			require.ErrorContains(t, err, "00003_bad.sql")
			require.NotContains(t, err.Error(), "\n")
			require.ErrorIs(t, s.Ping(t.Context()), database.ErrNotStarted)

			s = start(t, database.Config{URL: address, Migrate: "check"}, nil, m)
			pending, err := s.Pending(t.Context())
			require.NoError(t, err)
			require.Equal(t, 1, pending, "what came before is kept")
		})
	}
}

func TestMigrationsAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		migrations []database.Migrations
		wantErr    string
	}{
		"owner with a quote": {[]database.Migrations{{Owner: "a'b"}}, "no owner"},
		"no owner":           {[]database.Migrations{{}}, "no owner"},
		"twice":              {[]database.Migrations{shop(t, "a"), shop(t, "a")}, `"a" are given twice`},
		"no files":           {[]database.Migrations{{Owner: "a"}}, "have no files"},
		"other dialect":      {[]database.Migrations{{Owner: "a", FS: fstest.MapFS{"mysql/1_a.sql": {}}}}, "no file in the folder sqlite"},
		"two versions alike": {[]database.Migrations{{Owner: "a", FS: fstest.MapFS{"sqlite/1_a.sql": {}, "sqlite/1_b.sql": {}}}}, "duplicate"},
		"no version":         {[]database.Migrations{{Owner: "a", FS: fstest.MapFS{"sqlite/a.sql": {}}}}, "no migrations"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := database.New(database.Config{URL: ":memory:", Migrate: "up"}, nil, quiet(), tt.migrations...)
			if err == nil {
				err = s.Start(t.Context())
			}
			require.ErrorContains(t, err, tt.wantErr)
		})
	}
}

// The lock is no connection of the pool, so a pool of one is enough.
func TestMigrateWithAPoolOfOne(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			cfg := database.Config{URL: config.Secret(url(t, dialect)), Migrate: "up", MaxConnections: 1}
			s := start(t, cfg, nil, shop(t, "shop"))
			require.NoError(t, s.Ping(t.Context()))
		})
	}
}
