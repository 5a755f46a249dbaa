package database_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

//go:embed testdata/migrations
var files embed.FS

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The servers that tests use where they are reachable.
var servers = map[string]struct{ addr, url, start string }{
	"postgres": {"127.0.0.1:5432", "postgres://postgres@127.0.0.1:5432/test", "docker run -p 5432:5432 -e POSTGRES_DB=test -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17"},
	"mysql":    {"127.0.0.1:3306", "mysql://root@127.0.0.1:3306/test", "docker run -p 3306:3306 -e MARIADB_DATABASE=test -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 mariadb:11"},
}

// serverURL returns the address of a server, or skips.
func serverURL(t *testing.T, dialect string) string {
	t.Helper()
	server := servers[dialect]
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", server.addr)
	if err != nil && os.Getenv("REQUIRE_SERVICES") != "1" { //nolint:forbidigo // a test's own switch
		t.Skipf("no %s at %s; start one with: %s", dialect, server.addr, server.start)
	}
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	return server.url
}

// url returns an empty database for one test, dropped when it ends.
func url(t *testing.T, dialect string) string {
	t.Helper()
	if dialect == "sqlite" {
		return "file:" + filepath.Join(t.TempDir(), "test.db")
	}
	base := serverURL(t, dialect)
	name := fmt.Sprintf("holdfast_%016x", rand.Uint64()) //nolint:gosec // unique, not secret
	exec(t, base, "CREATE DATABASE "+name)
	t.Cleanup(func() { exec(t, base, "DROP DATABASE "+name) })
	return strings.TrimSuffix(base, "test") + name
}

// exec runs one statement on a database of its own.
func exec(t *testing.T, address, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	s, err := database.New(database.Config{URL: config.Secret(address), Migrate: "off"}, nil, quiet())
	require.NoError(t, err)
	require.NoError(t, s.Start(ctx))
	require.NoError(t, s.DB(ctx).Exec(statement).Error)
	require.NoError(t, s.Stop(ctx))
}

var dialects = []string{"sqlite", "postgres", "mysql"}

var errOwn = errors.New("my own")

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// start opens a Service that stops with the test.
func start(t *testing.T, cfg database.Config, guard database.Guard, migrations ...database.Migrations) *database.Service {
	t.Helper()
	s, err := database.New(cfg, guard, quiet(), migrations...)
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		require.NoError(t, s.Stop(ctx))
	})
	return s
}

// sqliteService opens an empty SQLite file with the table counters.
func sqliteService(t *testing.T, guard database.Guard) *database.Service {
	t.Helper()
	s := start(t, database.Config{URL: config.Secret(url(t, "sqlite")), Env: config.Test}, guard)
	require.NoError(t, s.DB(t.Context()).Exec("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)").Error)
	return s
}

// shop are the migrations of an owner of that name: two files per dialect.
func shop(t *testing.T, owner string) database.Migrations {
	t.Helper()
	m := fstest.MapFS{}
	for _, dialect := range dialects {
		create := "-- +goose Up\nCREATE TABLE " + owner + "_item (id INTEGER PRIMARY KEY);\n"
		fill := "-- +goose Up\nINSERT INTO " + owner + "_item VALUES (1);\n"
		m[dialect+"/00001_create.sql"] = &fstest.MapFile{Data: []byte(create)}
		m[dialect+"/00002_fill.sql"] = &fstest.MapFile{Data: []byte(fill)}
	}
	return database.Migrations{Owner: owner, FS: m}
}

// testdata holds the folder migrations.
func testdata(t *testing.T) fs.FS {
	t.Helper()
	sub, err := fs.Sub(files, "testdata")
	require.NoError(t, err)
	return sub
}

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}
