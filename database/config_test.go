package database_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

func TestURL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ url, want, wantErr string }{
		"empty":               {"", "sqlite", ""},
		"file":                {"file:shop.db", "sqlite", ""},
		"file, absolute":      {"file:///var/lib/shop.db", "sqlite", ""},
		"file, localhost":     {"file://localhost/var/lib/shop.db", "sqlite", ""},
		"file, pragma":        {"file:shop.db?_pragma=synchronous(NORMAL)", "sqlite", ""},
		"sqlite":              {"sqlite:shop.db", "sqlite", ""},
		"sqlite, slashes":     {"sqlite:///var/lib/shop.db", "sqlite", ""},
		"memory":              {":memory:", "sqlite", ""},
		"memory, uri":         {"file::memory:", "sqlite", ""},
		"postgres":            {"postgres://u:p@db:5432/shop?sslmode=disable", "postgres", ""},
		"postgresql":          {"postgresql://db/shop", "postgres", ""},
		"mysql":               {"mysql://u:p@db/shop", "mysql", ""},
		"upper case":          {"MYSQL://db/shop", "mysql", ""},
		"bare path":           {"shop.db", "", "has no scheme"},
		"other scheme":        {"mongodb://u:hunter2@db/shop", "", "nobody here speaks"},
		"file with host":      {"file://db/shop.db", "", "names a host"},
		"file, bad escape":    {"file:100%.db", "", "%25"},
		"file, bad query":     {"file:a.db?x=%zz", "", "parameters"},
		"no host":             {"postgres:///shop", "", "names no host"},
		"no database":         {"mysql://u:hunter2@db:3306", "", "names no database"},
		"no slashes":          {"postgres:shop", "", "is not an address"},
		"slash in password":   {"postgres://u:hunter2/x@db/shop", "", "percent-encode"},
		"at in password":      {"postgres://u:hunter2@x@db/shop", "postgres", ""},
		"hash in password":    {"mysql://u:hunter2#x@db/shop", "", "percent-encode"},
		"percent in password": {"mysql://u:hunter2%x@db/shop", "", "percent-encode"},
		"port is text":        {"postgres://u:hunter2@db:pg/shop", "", "is not an address"},
		"port too large":      {"postgres://u:hunter2@db:70000/shop", "", "1 to 65535"},
		"path too long":       {"mysql://u:hunter2@db/shop/orders", "", "slash"},
		"bad parameters":      {"mysql://u:hunter2@db/shop?x=%zz", "", "parameters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := database.New(database.Config{URL: config.Secret(tt.url)}, nil, quiet())
			if tt.wantErr == "" {
				require.NoError(t, err)
				require.Equal(t, tt.want, s.Dialect())
				return
			}
			require.ErrorContains(t, err, "DATABASE_URL")
			require.ErrorContains(t, err, tt.wantErr)
			require.NotContains(t, err.Error(), "hunter2")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestConfigValidateListsEveryFault(t *testing.T) {
	t.Parallel()
	err := database.Config{URL: "redis://:hunter2@cache", Migrate: "maybe", MaxConnections: 5, MinConnections: 6}.Validate()
	for _, name := range []string{"DATABASE_URL", "DB_MIGRATE", "DB_MIN_CONNECTIONS"} {
		require.ErrorContains(t, err, name)
	}
	require.NotContains(t, err.Error(), "hunter2")
	require.NoError(t, database.Config{}.Validate())
	require.ErrorContains(t, database.Config{MaxConnections: -1}.Validate(), "DB_MAX_CONNECTIONS")
}

// FuzzURL holds that no address panics, and that no message shows any part of
// a password, however the address is broken.
func FuzzURL(f *testing.F) {
	f.Add("postgres://u:", "", "@db:5432/shop")
	f.Add("mysql://u:", "/#?%@", "@db/shop?tls=x")
	f.Add("file:", "%", "?_pragma=")
	f.Add("postgresql://u:", "x", "@[::1/shop")
	f.Fuzz(func(t *testing.T, before, password, after string) {
		const mark = "hunter2"
		_, err := database.New(database.Config{URL: config.Secret(before + mark + password + after)}, nil, quiet())
		if err == nil {
			return
		}
		require.NotContains(t, err.Error(), mark)
		if len(password) > 12 && !strings.Contains("postgres://shop:secret@db:5432/shop", password) {
			require.NotContains(t, err.Error(), password)
		}
	})
}
