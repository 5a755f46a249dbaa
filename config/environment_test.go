package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
)

// write makes a folder with a .env file.
func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".env"), []byte(text), 0o600))
	return dir
}

func TestProcess(t *testing.T) {
	dir := write(t, "SHOP_WAIT=3s\nSHOP_KIND='books'\nAPP_ENV=prod\n")
	t.Setenv("SHOP_WAIT", "2s")
	tests := map[string]struct {
		stage, dir string
		wantKind   string
		wantNote   bool
	}{
		"dev reads it":    {"dev", dir, "books", false},
		"prod does not":   {"prod", dir, "food", true},
		"test does not":   {"test", dir, "food", true},
		"dev without one": {"dev", t.TempDir(), "food", false},
		"prod, and none":  {"prod", t.TempDir(), "food", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("APP_ENV", tt.stage)
			env, err := config.Process(tt.dir)
			require.NoError(t, err)
			require.Equal(t, tt.wantNote, env.FileNote != "")
			values, err := config.Load(env, config.SpecOf[shop]())
			require.NoError(t, err)
			got, err := config.Get[shop](values)
			require.NoError(t, err)
			require.Equal(t, tt.wantKind, got.Kind)
			require.Equal(t, "2s", got.Wait.String(), "the environment wins")
			require.Equal(t, config.Stage(tt.stage), got.Env)
		})
	}
}

func TestProcessWithoutStage(t *testing.T) {
	t.Setenv("APP_ENV", "dev") // restored after the test
	require.NoError(t, os.Unsetenv("APP_ENV"))
	env, err := config.Process(write(t, "APP_ENV=dev\nSHOP_KIND=books"))
	require.NoError(t, err)
	require.Nil(t, env.File, "a file cannot say that files are read")
	require.Contains(t, env.FileNote, "only with APP_ENV=dev in the environment")
}

func TestUnreadableFile(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, ".env"), 0o700))
	tests := map[string]struct{ dir, want string }{
		"no assignment": {write(t, "A=1\nB=\"two\nlines\"\n\nKEY-1=hush\nC=3\n"), "line 5 cannot be read"},
		"open quote":    {write(t, "A=1\nKEY=\"hush\nC=3\n"), "line 2 cannot be read"},
		"no name":       {write(t, "A=1\n=hush\n"), "line 2 cannot be read"},
		"no =":          {write(t, "A=1\nB=2\nKEY hush"), "line 3 cannot be read"},
		"a folder":      {folder, "is a directory"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("APP_ENV", "dev")
			_, err := config.Process(tt.dir)
			var faults *config.Error
			require.ErrorAs(t, err, &faults)
			require.ErrorContains(t, err, "1 setting is wrong:\n  .env: ")
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hush")
		})
	}
}

// A password may hold a $, which is no place for another value.
func TestDollarIsADollar(t *testing.T) {
	t.Setenv("APP_ENV", "dev")
	env, err := config.Process(write(t, "A=pa$WORD9\nB=\"b $A \\$A\"\nC='c$A'\nD=${A}/x # comment\n"))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "pa$WORD9", "B": "b $A $A", "C": "c$A", "D": "${A}/x"}, env.File)
}

func TestLookup(t *testing.T) {
	t.Parallel()
	env := config.Environment{
		Vars: map[string]string{"A": "env", "B": ""},
		File: map[string]string{"A": "file", "B": "file", "C": "file"},
	}
	tests := map[string]struct {
		value  string
		source config.Source
		ok     bool
	}{
		"A": {"env", config.Env, true},
		"B": {"", config.Env, true},
		"C": {"file", config.File, true},
		"D": {"", config.Default, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, source, ok := env.Lookup(name)
			require.Equal(t, tt.value, value)
			require.Equal(t, tt.source, source)
			require.Equal(t, tt.ok, ok)
		})
	}
	require.Equal(t, []string{"A", "B", "C"}, env.Names())
}

func TestModule(t *testing.T) {
	t.Setenv("APP_ENV", "test")
	t.Setenv("SHOP_WAIT", "2s")
	var got shop
	var values *config.Values
	app := fxtest.New(t, config.Module, fx.Module("shop", config.Provide[shop]()), fx.Populate(&got, &values))
	app.RequireStart().RequireStop()
	require.Equal(t, "2s", got.Wait.String())
	require.NotEmpty(t, values.All())
}

func TestModuleReportsEveryFault(t *testing.T) {
	t.Setenv("APP_ENV", "nowhere")
	t.Setenv("CHECKED_LOW", "x")
	var got shop // asks for one, and hears of both
	app := fx.New(fx.NopLogger, config.Module, config.Provide[shop](), config.Provide[checked](), fx.Populate(&got))
	require.ErrorContains(t, app.Err(), `APP_ENV="nowhere"`)
	require.ErrorContains(t, app.Err(), `CHECKED_LOW="x"`)
	require.Equal(t, 1, strings.Count(app.Err().Error(), "settings are wrong"))
}
