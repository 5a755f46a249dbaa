package database_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

// seen is what a guard was asked and what it saw.
type seen struct {
	mode   database.Mode
	name   string
	calls  int
	err    error
	status int
	again  bool
}

func (s *seen) guard(ctx context.Context, mode database.Mode, name string, fn func(context.Context) error) error {
	s.mode, s.name, s.calls = mode, name, s.calls+1
	s.err = fn(ctx)
	var coded interface{ StatusCode() int }
	if errors.As(s.err, &coded) {
		s.status = coded.StatusCode()
	}
	var transient interface{ Transient() bool }
	s.again = errors.As(s.err, &transient) && transient.Transient()
	return s.err
}

func TestDoTellsTheGuardWhoFailed(t *testing.T) {
	t.Parallel()
	coded := statusError(http.StatusBadGateway)
	const answered = http.StatusUnprocessableEntity // any 4xx: the database is well
	tests := map[string]struct {
		fn         func(tx *gorm.DB) error
		want       error
		wantStatus int
	}{
		"success":        {func(tx *gorm.DB) error { return tx.Create(&counter{}).Error }, nil, 0},
		"no row":         {func(tx *gorm.DB) error { return tx.First(&counter{}, 9).Error }, gorm.ErrRecordNotFound, answered},
		"duplicate":      {func(tx *gorm.DB) error { return tx.Create(&counter{ID: 7}).Error }, gorm.ErrDuplicatedKey, answered},
		"own error":      {func(*gorm.DB) error { return errOwn }, errOwn, answered},
		"an upstream's":  {func(*gorm.DB) error { return coded }, coded, answered},
		"cancelled":      {func(*gorm.DB) error { return context.Canceled }, context.Canceled, 0},
		"deadline":       {func(*gorm.DB) error { return context.DeadlineExceeded }, context.DeadlineExceeded, 0},
		"connection":     {func(*gorm.DB) error { return &net.OpError{Op: "read", Err: errOwn} }, database.ErrConnectionLost, 503},
		"dial":           {func(*gorm.DB) error { return &net.OpError{Op: "dial", Err: errOwn} }, database.ErrUnavailable, 503},
		"full":           {full, database.ErrFailed, 500},
		"syntax":         {func(tx *gorm.DB) error { return tx.Exec("SELEKT").Error }, nil, answered},
		"readers cannot": {func(tx *gorm.DB) error { return tx.Exec("PRAGMA query_only(1)").Error }, nil, 0},
	}
	for name, tt := range tests {
		for kind, call := range map[string]func(*database.Service) func(context.Context, string, func(*gorm.DB) error) error{
			"do": func(s *database.Service) func(context.Context, string, func(*gorm.DB) error) error { return s.Do },
			"transaction": func(s *database.Service) func(context.Context, string, func(*gorm.DB) error) error {
				return s.Transaction
			},
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				t.Parallel()
				saw := &seen{}
				s := sqliteService(t, saw.guard)
				require.NoError(t, s.DB(t.Context()).Create(&counter{ID: 7}).Error)
				err := call(s)(t.Context(), "orders.save", tt.fn)
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
				}
				require.Equal(t, database.Breaker, saw.mode)
				require.Equal(t, "orders.save", saw.name)
				require.Equal(t, 1, saw.calls)
				require.Equal(t, tt.wantStatus, saw.status)
				require.Equal(t, errors.Is(err, database.ErrUnavailable), saw.again)
				if tt.wantStatus == answered {
					require.NotEqual(t, saw.err, err, "what the guard saw is taken off again")
				}
			})
		}
	}
}

type statusError int

func (e statusError) Error() string   { return http.StatusText(int(e)) }
func (e statusError) StatusCode() int { return int(e) }

// full makes SQLite run out of pages.
func full(tx *gorm.DB) error {
	if err := tx.Exec("PRAGMA max_page_count = 3").Error; err != nil {
		return err
	}
	return tx.Exec("WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) INSERT INTO counters SELECT i, i FROM n").Error
}

func TestDoReturnsWhatTheGuardSays(t *testing.T) {
	t.Parallel()
	refuse := func(context.Context, database.Mode, string, func(context.Context) error) error { return errOwn }
	s := sqliteService(t, refuse)
	never := func(*gorm.DB) error { panic("must not run") }
	require.ErrorIs(t, s.Do(t.Context(), "x", never), errOwn)
	require.ErrorIs(t, s.Transaction(t.Context(), "x", never), errOwn)
}

func TestDoGivesTheContextOfTheGuard(t *testing.T) {
	t.Parallel()
	type key struct{}
	s := sqliteService(t, func(ctx context.Context, _ database.Mode, _ string, fn func(context.Context) error) error {
		return fn(context.WithValue(ctx, key{}, "guarded"))
	})
	check := func(tx *gorm.DB) error {
		require.Equal(t, "guarded", tx.Statement.Context.Value(key{}))
		return nil
	}
	require.NoError(t, s.Do(t.Context(), "x", check))
	require.NoError(t, s.Transaction(t.Context(), "x", check))
}

func TestTransactionEnds(t *testing.T) {
	t.Parallel()
	insert := func(tx *gorm.DB) error { return tx.Create(&Author{Name: "a"}).Error }
	tests := map[string]struct {
		fn        func(tx *gorm.DB, cancel func()) error
		want      error
		wantPanic bool
		wantRows  int64
	}{
		"commit":   {func(tx *gorm.DB, _ func()) error { return insert(tx) }, nil, false, 1},
		"error":    {func(tx *gorm.DB, _ func()) error { return errors.Join(insert(tx), errOwn) }, errOwn, false, 0},
		"panic":    {func(tx *gorm.DB, _ func()) error { _ = insert(tx); panic(errOwn) }, nil, true, 0},
		"canceled": {func(tx *gorm.DB, cancel func()) error { err := insert(tx); cancel(); return err }, context.Canceled, false, 0},
		"error in the middle": {func(tx *gorm.DB, _ func()) error {
			err := insert(tx)
			if dup := insert(tx); dup == nil {
				return errOwn
			}
			return err
		}, nil, false, 1},
	}
	for _, dialect := range dialects {
		for name, tt := range tests {
			t.Run(dialect+", "+name, func(t *testing.T) {
				t.Parallel()
				s := library(t, dialect)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var err error
				run := func() {
					err = s.Transaction(ctx, "authors.save", func(tx *gorm.DB) error { return tt.fn(tx, cancel) })
				}
				if tt.wantPanic {
					require.PanicsWithValue(t, errOwn, run)
				} else {
					run()
				}
				want, rows := tt.want, tt.wantRows
				if dialect == "postgres" && name == "error in the middle" { // Postgres gives such a transaction up
					rows = 0
					require.ErrorContains(t, err, "rollback")
					require.NotErrorIs(t, err, database.ErrCommitUnknown)
				} else {
					require.ErrorIs(t, err, want)
					require.NotErrorIs(t, err, database.ErrCommitUnknown)
				}
				var n int64
				require.NoError(t, s.DB(t.Context()).Model(&Author{}).Count(&n).Error)
				require.Equal(t, rows, n)

				after, done := contextWithTimeout(t, 2*time.Second)
				defer done()
				err = s.DB(after).Clauses(clause.OnConflict{DoNothing: true}).Create(&Author{Name: "a"}).Error
				require.NoError(t, err, "a transaction that goes on holds the row")
			})
		}
	}
}

// 50 writers, 40 transactions each that read and then write, on one row:
// nothing is lost and nobody hears "locked" (bar E2). Two services on one file
// are what two processes are; those wait by polling, so they get fewer writers
// and more time.
func TestManyWritersOnSQLite(t *testing.T) {
	t.Parallel()
	const each = 40
	for processes, writers := range map[int]int{1: 50, 2: 4} {
		t.Run(strconv.Itoa(processes), func(t *testing.T) {
			t.Parallel()
			address := config.Secret(url(t, "sqlite") + "?_pragma=busy_timeout(60000)")
			services := make([]*database.Service, processes)
			for i := range services {
				services[i] = start(t, database.Config{URL: address}, nil)
			}
			s := services[0]
			require.NoError(t, s.DB(t.Context()).Exec("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)").Error)
			require.NoError(t, s.DB(t.Context()).Create(&counter{ID: 1}).Error)
			took := make([]time.Duration, writers)
			var group errgroup.Group
			for w := range writers {
				group.Go(func() error {
					for range each {
						began := time.Now()
						if err := services[w%processes].Transaction(t.Context(), "count", countUp); err != nil {
							return err
						}
						took[w] = max(took[w], time.Since(began))
					}
					return nil
				})
			}
			require.NoError(t, group.Wait())
			var c counter
			require.NoError(t, s.DB(t.Context()).First(&c, 1).Error)
			require.Equal(t, writers*each, c.N)
			t.Logf("slowest of %d transactions: %v", writers*each, slices.Max(took))
		})
	}
}

func countUp(tx *gorm.DB) error {
	var c counter
	if err := tx.First(&c, 1).Error; err != nil {
		return err
	}
	return tx.Model(&c).Update("n", c.N+1).Error
}

// Another process that holds the file is contention, not a failure: it speaks
// neither for the breaker nor against a retry.
func TestBusy(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			m := database.Migrations{Owner: "library", FS: testdata(t)}
			address := url(t, dialect)
			if dialect == "sqlite" {
				address += "?_pragma=busy_timeout(10)"
			}
			saw := &seen{}
			cfg := database.Config{URL: config.Secret(address), Migrate: "up"}
			s, other := start(t, cfg, saw.guard, m), start(t, cfg, nil, m)
			require.NoError(t, s.DB(t.Context()).Create(&Author{ID: 1, Name: "a"}).Error)
			lock := func(tx *gorm.DB) error {
				if dialect == "sqlite" {
					return tx.Exec("UPDATE authors SET name = 'b'").Error
				}
				return tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "NOWAIT"}).First(&Author{}, 1).Error
			}
			err := other.Transaction(t.Context(), "holds", func(tx *gorm.DB) error {
				require.NoError(t, lock(tx))
				return s.Do(t.Context(), "authors.lock", lock)
			})
			require.ErrorIs(t, err, database.ErrBusy)
			require.Less(t, saw.status, 500)
			require.True(t, saw.again)
			var failure *database.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "authors.lock", failure.Name)
			require.Equal(t, 503, failure.StatusCode())
			require.Equal(t, time.Second, failure.RetryAfter())
			require.True(t, failure.Transient())
		})
	}
}

// A session that the server ends in the middle of a transaction.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	kill := map[string][2]string{
		"postgres": {"SELECT pg_backend_pid()", "SELECT pg_terminate_backend(?)"},
		"mysql":    {"SELECT CONNECTION_ID()", "KILL ?"},
	}
	for _, dialect := range dialects[1:] {
		for _, phase := range []string{"statement", "commit"} {
			t.Run(dialect+", "+phase, func(t *testing.T) {
				t.Parallel()
				saw := &seen{}
				s := start(t, database.Config{URL: config.Secret(serverURL(t, dialect)), Migrate: "off"}, saw.guard)
				ctx := t.Context()
				err := s.Transaction(ctx, "orders.save", func(tx *gorm.DB) error {
					var id int64
					require.NoError(t, tx.Raw(kill[dialect][0]).Scan(&id).Error)
					require.NoError(t, s.DB(ctx).Exec(kill[dialect][1], id).Error)
					time.Sleep(50 * time.Millisecond) // the server needs a moment
					if phase == "commit" {
						return nil
					}
					return tx.Exec("SELECT 1").Error
				})
				var failure *database.Error
				require.ErrorAs(t, err, &failure)
				require.Equal(t, "orders.save", failure.Name)
				require.NotErrorIs(t, err, database.ErrUnavailable)
				if phase == "commit" {
					require.ErrorIs(t, err, database.ErrCommitUnknown)
					require.Equal(t, 500, saw.status)
				} else {
					require.ErrorIs(t, err, database.ErrConnectionLost)
					require.Equal(t, 503, saw.status)
				}
				require.Zero(t, failure.RetryAfter())
				require.NoError(t, s.Ping(ctx), "the pool recovers by itself")
			})
		}
	}
}

// A commit that a context cuts off is a commit whose answer is missing.
func TestCommitCutOff(t *testing.T) {
	t.Parallel()
	saw := &seen{}
	s := start(t, database.Config{URL: config.Secret(url(t, "postgres")), Migrate: "off"}, saw.guard)
	for _, statement := range []string{
		"CREATE TABLE orders (id int)",
		"CREATE FUNCTION linger() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(10); RETURN NEW; END $$ LANGUAGE plpgsql",
		"CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger()",
	} {
		require.NoError(t, s.DB(t.Context()).Exec(statement).Error)
	}
	ctx, cancel := contextWithTimeout(t, 300*time.Millisecond)
	defer cancel()
	err := s.Transaction(ctx, "orders.save", func(tx *gorm.DB) error { return tx.Exec("INSERT INTO orders VALUES (1)").Error })
	require.ErrorIs(t, err, database.ErrCommitUnknown)
	require.ErrorContains(t, err, "orders.save: outcome of the commit unknown")
	require.Equal(t, 500, saw.status)
}

// A server that hangs up while a connection is made did nothing yet.
func TestConnectErrorIsUnavailable(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	away, err := database.New(database.Config{URL: config.Secret("postgres://u@" + listener.Addr().String() + "/x")}, nil, quiet())
	require.NoError(t, err)
	err = sqliteService(t, nil).Do(t.Context(), "x", func(*gorm.DB) error { return away.Start(t.Context()) })
	require.ErrorIs(t, err, database.ErrUnavailable)
}
