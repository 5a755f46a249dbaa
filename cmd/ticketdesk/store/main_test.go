package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kit is a started store and the database below it.
type kit struct {
	*store.Store
	db *database.Service
}

// start starts a store on a database as the service does.
func start(tb testing.TB, url string) kit {
	tb.Helper()
	var k kit
	apptest.New(tb, store.Module, fx.Populate(&k.Store, &k.db),
		apptest.Env(map[string]string{"DATABASE_URL": url, "DB_MIGRATE": "up"}))
	k.Wait(time.Minute)
	return k
}

// size is how many answers are kept.
func (k kit) size(tb testing.TB) (n int64) {
	tb.Helper()
	require.NoError(tb, k.db.DB(tb.Context()).Table("answers").Count(&n).Error)
	return n
}

// get is the text kept under a name.
func (k kit) get(tb testing.TB, name string) string {
	tb.Helper()
	var text string
	_, err := k.Get(tb.Context(), name, &text)
	require.NoError(tb, err, name)
	return text
}

// none asserts that nothing is kept under a name.
func (k kit) none(tb testing.TB, name string) {
	tb.Helper()
	var text string
	_, err := k.Get(tb.Context(), name, &text)
	require.ErrorIs(tb, err, store.ErrNone, name)
}

// page is n answers with names that count on from first.
func page(first, n int) []store.Answer {
	answers := make([]store.Answer, n)
	for i := range answers {
		answers[i] = store.Answer{Name: fmt.Sprintf("tickets/%d", first+i), Value: fmt.Sprintf("ticket %d", first+i)}
	}
	return answers
}

// dialects are the kinds of database that the tests run on.
var dialects = []string{"sqlite", "postgres", "mysql"}

// newDatabase returns the address of an empty database that is gone after the test.
func newDatabase(tb testing.TB, dialect string) string {
	tb.Helper()
	if dialect == "sqlite" {
		return "file:" + filepath.Join(tb.TempDir(), "answers.db")
	}
	server := serverURL(tb, dialect)
	name := fmt.Sprintf("ticketdesk_%016x", rand.Uint64()) //nolint:gosec // unique, not secret
	exec(tb, server, "CREATE DATABASE "+name)
	tb.Cleanup(func() { exec(tb, server, "DROP DATABASE "+name) })
	return strings.TrimSuffix(server, "test") + name
}

// serverURL returns the address of a server, or skips.
func serverURL(tb testing.TB, dialect string) string {
	tb.Helper()
	server := map[string]struct{ addr, url, start string }{
		"postgres": {"127.0.0.1:5432", "postgres://postgres@127.0.0.1:5432/test", "docker run -p 5432:5432 -e POSTGRES_DB=test -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17"},
		"mysql":    {"127.0.0.1:3306", "mysql://root@127.0.0.1:3306/test", "docker run -p 3306:3306 -e MARIADB_DATABASE=test -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 mariadb:11"},
	}[dialect]
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(tb.Context(), "tcp", server.addr)
	if err != nil && os.Getenv("REQUIRE_SERVICES") != "1" { //nolint:forbidigo // a test's own switch
		tb.Skipf("no %s at %s; start one with: %s", dialect, server.addr, server.start)
	}
	require.NoError(tb, err)
	require.NoError(tb, conn.Close())
	return server.url
}

func exec(tb testing.TB, url, statement string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 30*time.Second)
	defer cancel()
	db := open(tb, url)
	require.NoError(tb, db.Start(ctx))
	require.NoError(tb, db.DB(ctx).Exec(statement).Error)
	require.NoError(tb, db.Stop(ctx))
}

// open is a database that is not started.
func open(tb testing.TB, url string) *database.Service {
	tb.Helper()
	db, err := database.New(database.Config{URL: config.Secret(url), Migrate: "off"}, nil, slog.New(slog.DiscardHandler))
	require.NoError(tb, err)
	return db
}
