package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/logging"
)

func newLogger(tb testing.TB, cfg logging.Config, w io.Writer) (*slog.Logger, *logging.Levels) {
	tb.Helper()
	log, levels, err := logging.New(cfg, w)
	require.NoError(tb, err)
	return log, levels
}

func TestLevelOfAModule(t *testing.T) {
	t.Parallel()
	cfg := logging.Config{Level: "warn", Levels: map[string]string{"autotask": "debug", "database": "error"}}
	root, levels := newLogger(t, cfg, io.Discard)
	module := func(name string) *slog.Logger { return root.With(slog.String("module", name)) }
	tests := map[string]struct {
		log  *slog.Logger
		want slog.Level
	}{
		"root":                        {root, slog.LevelWarn},
		"without a level of its own":  {module("retry"), slog.LevelWarn},
		"lower":                       {module("autotask"), slog.LevelDebug},
		"higher":                      {module("database"), slog.LevelError},
		"with more attributes":        {module("autotask").With(slog.Int("n", 1)), slog.LevelDebug},
		"among others":                {root.With(slog.Int("n", 1), slog.String("module", "autotask")), slog.LevelDebug},
		"the last one counts":         {module("autotask").With(slog.String("module", "database")), slog.LevelError},
		"in a group it is only text":  {root.WithGroup("g").With(slog.String("module", "autotask")), slog.LevelWarn},
		"a group keeps it":            {module("autotask").WithGroup("g"), slog.LevelDebug},
		"a module is named by a text": {root.With(slog.Int("module", 1)), slog.LevelWarn},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				require.Equal(t, level >= tt.want, tt.log.Enabled(t.Context(), level), level)
			}
		})
	}
	require.Equal(t, slog.LevelDebug, levels.Level("autotask"))
	require.Equal(t, slog.LevelWarn, levels.Level("never heard of"))
}

func TestLevelsChangeAtRunTime(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	root, levels := newLogger(t, logging.Config{Format: "text"}, &out)
	retry := root.With(slog.String("module", "retry"))
	say := func() string {
		out.Reset()
		root.DebugContext(t.Context(), "root")
		retry.DebugContext(t.Context(), "retry")
		retry.InfoContext(t.Context(), "info")
		var said []string
		for line := range strings.Lines(out.String()) {
			_, rest, _ := strings.Cut(line, "msg=")
			word, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			said = append(said, word)
		}
		return strings.Join(said, " ")
	}

	require.Equal(t, "info", say())
	levels.Set("retry", slog.LevelDebug)
	require.Equal(t, "retry info", say())
	levels.Set("", slog.LevelDebug)
	levels.Set("retry", slog.LevelError)
	require.Equal(t, "root", say())
	require.Equal(t, map[string]slog.Level{"": slog.LevelDebug, "retry": slog.LevelError}, levels.All())
	levels.Unset("retry")
	levels.Unset("never heard of")
	require.Equal(t, "root retry info", say())
	require.Equal(t, map[string]slog.Level{"": slog.LevelDebug, "retry": slog.LevelDebug}, levels.All())
}

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg      logging.Config
		wantJSON bool
	}{
		"default":           {logging.Config{}, true},
		"prod":              {logging.Config{Env: config.Prod}, true},
		"dev":               {logging.Config{Env: config.Dev}, false},
		"dev, but json":     {logging.Config{Env: config.Dev, Format: "json"}, true},
		"prod, but text":    {logging.Config{Env: config.Prod, Format: "text"}, false},
		"test is like prod": {logging.Config{Env: config.Test}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log, _ := newLogger(t, tt.cfg, &out)
			log.With(slog.String("module", "shop")).InfoContext(t.Context(), "sold", slog.Any("key", config.Secret("hush")))
			require.Equal(t, tt.wantJSON, json.Valid(out.Bytes()), out.String())
			require.NotContains(t, out.String(), "hush")
			require.Contains(t, out.String(), "***")
		})
	}
}

// A module inside a module logs its own name alone.
func TestModuleIsNamedOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, _ := newLogger(t, logging.Config{}, &out)
	log.With(slog.String("module", "outer"), slog.Int("a", 1)).
		With(slog.Int("b", 2), slog.String("module", "inner")).
		WithGroup("g").With(slog.Int("c", 3)).
		InfoContext(t.Context(), "hello", slog.Int("d", 4))
	require.Equal(t, 1, strings.Count(out.String(), `"module"`), out.String())
	require.Contains(t, out.String(), `"a":1,"b":2,"module":"inner","g":{"c":3,"d":4}}`)
}

// What slog demands of a handler.
func TestHandler(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, _ := newLogger(t, logging.Config{}, &out)
	require.NoError(t, slogtest.TestHandler(log.Handler(), func() []map[string]any {
		var lines []map[string]any
		for line := range bytes.Lines(out.Bytes()) {
			var m map[string]any
			require.NoError(t, json.Unmarshal(line, &m))
			lines = append(lines, m)
		}
		return lines
	}))
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	log, levels := newLogger(t, logging.Config{}, io.Discard)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 100 {
				name := fmt.Sprint("m", j%10)
				levels.Set(name, slog.LevelDebug)
				log.With(slog.String("module", name)).DebugContext(t.Context(), "hello", slog.Int("i", i))
				levels.Unset(name)
				_, _ = levels.Level(name), levels.All()
			}
		})
	}
	wg.Wait()
	require.Len(t, levels.All(), 11)
}

// What a request says may end up under the key "module".
func TestModulesAreBounded(t *testing.T) {
	t.Parallel()
	log, levels := newLogger(t, logging.Config{}, io.Discard)
	for i := range 5000 {
		log.With(slog.String("module", fmt.Sprint(i))).DebugContext(t.Context(), "hello")
	}
	require.Len(t, levels.All(), 1001, "with the root")
	levels.Set("late", slog.LevelDebug)
	require.Equal(t, slog.LevelInfo, levels.Level("late"))
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	_, _, err := logging.New(logging.Config{
		Level: "loud", Levels: map[string]string{"retry": "quiet", "": "info"}, Format: "xml",
	}, io.Discard)
	require.ErrorContains(t, err, `LOG_LEVEL="loud": must be debug, info, warn or error, not "loud", for example LOG_LEVEL=info`)
	require.ErrorContains(t, err, `LOG_LEVELS="retry:quiet": must be debug, info, warn or error`)
	require.ErrorContains(t, err, `LOG_LEVELS=":info": a module without a name`)
	require.ErrorContains(t, err, `LOG_FORMAT="xml": must be json or text`)

	env := config.Environment{Vars: map[string]string{"LOG_LEVEL": "loud", "LOG_LEVELS": "retry:quiet"}}
	_, err = config.Load(env, config.SpecOf[logging.Config]())
	require.EqualError(t, err, `2 settings are wrong:
  LOG_LEVEL="loud": must be one of: debug, info, warn, error, for example LOG_LEVEL=info
  LOG_LEVELS="retry:quiet": must be a comma-separated list of name:value, each value one of: debug, info, warn, error, for example LOG_LEVELS=autotask:debug,database:warn`)
}

func TestModule(t *testing.T) { // sets the environment of the process
	t.Setenv("APP_ENV", "prod")
	t.Setenv("LOG_LEVELS", "shop:debug")
	var out bytes.Buffer
	var log *slog.Logger
	var levels *logging.Levels
	fxtest.New(
		t, config.Module, logging.Module, fx.Supply(logging.Output{Writer: &out}), fx.Populate(&log, &levels),
	).RequireStart().RequireStop()
	log.With(slog.String("module", "shop")).DebugContext(t.Context(), "sold")
	require.Contains(t, out.String(), `"level":"DEBUG","msg":"sold","module":"shop"`)
	require.Equal(t, slog.LevelDebug, levels.Level("shop"))
}

func TestDisabledCostsNothing(t *testing.T) { // AllocsPerRun
	log, _ := newLogger(t, logging.Config{}, io.Discard)
	log = log.With(slog.String("module", "shop"))
	ctx := context.Background() //nolint:usetesting // what matters is the cost
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if log.Enabled(ctx, slog.LevelDebug) {
			panic("enabled")
		}
		log.LogAttrs(ctx, slog.LevelDebug, "sold", slog.String("what", "bread"), slog.Int("n", 1))
	}))
}

func BenchmarkDisabled(b *testing.B) {
	log, _ := newLogger(b, logging.Config{}, io.Discard)
	log = log.With(slog.String("module", "shop"))
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(ctx, slog.LevelDebug, "sold", slog.String("what", "bread"))
	}
}

func BenchmarkEnabled(b *testing.B) {
	sink := io.Discard
	plain := slog.New(slog.NewJSONHandler(sink, nil)).With(slog.String("module", "shop"))
	ours, _ := newLogger(b, logging.Config{}, io.Discard)
	for name, log := range map[string]*slog.Logger{"slog": plain, "ours": ours.With(slog.String("module", "shop"))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			for b.Loop() {
				log.LogAttrs(ctx, slog.LevelInfo, "sold", slog.String("what", "bread"))
			}
		})
	}
}

func ExampleNew() {
	cfg := logging.Config{Level: "info", Levels: map[string]string{"retry": "debug"}, Format: "text"}
	log, levels, err := logging.New(cfg, withoutTime{os.Stdout})
	if err != nil {
		return
	}
	ctx := context.Background()
	log.DebugContext(ctx, "not seen")
	retry := log.With(slog.String("module", "retry"))
	retry.DebugContext(ctx, "seen", slog.Any("key", config.Secret("hush")))
	levels.Set("retry", slog.LevelWarn)
	retry.InfoContext(ctx, "not seen any more")
	// Output: level=DEBUG msg=seen module=retry key=***
}

// withoutTime cuts the time off a line, which no example can foresee.
type withoutTime struct{ io.Writer }

func (w withoutTime) Write(line []byte) (int, error) {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	_, err := w.Writer.Write(rest)
	return len(line), err
}

func TestDurationsHaveTheirUnit(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log, _ := newLogger(t, logging.Config{Format: format}, &out)
		log.Info("stopped", slog.Duration("took", 1500*time.Millisecond), slog.Group("phases", slog.Duration("grace", time.Second)))
		require.Contains(t, out.String(), "1.5s", format)
		require.Contains(t, out.String(), "1s", format)
	}
}
