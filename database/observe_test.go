package database_test

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

func TestQueryLogHoldsNoValue(t *testing.T) {
	t.Parallel()
	const secret = "hunter2@example.com"
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			cfg := database.Config{URL: config.Secret(url(t, dialect)), Migrate: "up"}
			s, err := database.New(cfg, nil, log, database.Migrations{Owner: "library", FS: testdata(t)})
			require.NoError(t, err)
			require.NoError(t, s.Start(t.Context()))
			db := s.DB(t.Context())
			require.NoError(t, db.Create(&Author{Name: secret}).Error)
			require.ErrorIs(t, db.Create(&Author{Name: secret}).Error, gorm.ErrDuplicatedKey)
			require.NoError(t, db.Debug().Where("name = ?", secret).Find(&[]Author{}).Error)
			require.Error(t, db.Exec("SELECT * FROM authors WHERE id = ? AND nothing = ?", secret, secret).Error)
			require.NoError(t, db.Session(&gorm.Session{Logger: db.Logger.LogMode(1)}).Exec("SELECT 'silent'").Error)
			require.NoError(t, s.Stop(t.Context()))

			text := out.String()
			require.Contains(t, text, "INSERT INTO")
			require.Contains(t, text, "module=database")
			require.Contains(t, text, "migration applied")
			require.NotContains(t, text, "hunter2")
			require.NotContains(t, text, "silent")
			require.NotContains(t, text, "level=ERROR", "an error is the caller's to log")
			require.NotContains(t, text, "level=WARN")
		})
	}
}

func TestSlowQueryWarns(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cfg := database.Config{URL: ":memory:", SlowQuery: time.Nanosecond}
	s, err := database.New(cfg, nil, slog.New(slog.NewTextHandler(&out, nil)))
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	require.NoError(t, s.DB(t.Context()).Exec("SELECT ?", "hunter2").Error)
	require.NoError(t, s.Stop(t.Context()))
	require.Contains(t, out.String(), `level=WARN msg="slow query" module=database sql="SELECT ?"`)
	require.NotContains(t, out.String(), "hunter2")
}

func TestPoolMetrics(t *testing.T) {
	t.Parallel()
	for dialect, pools := range map[string][]string{"sqlite": {"reader", "writer"}, "postgres": {"main"}, "mysql": {"main"}} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s, err := database.New(database.Config{URL: config.Secret(url(t, dialect)), MaxConnections: 3}, nil, quiet())
			require.NoError(t, err)
			registry := prometheus.NewPedanticRegistry()
			require.NoError(t, registry.Register(s))
			require.Zero(t, testutil.CollectAndCount(s), "nothing before Start")
			require.NoError(t, s.Start(t.Context()))
			require.NoError(t, s.Transaction(t.Context(), "x", func(*gorm.DB) error {
				families, err := registry.Gather()
				require.NoError(t, err)
				got := map[string]float64{}
				for _, family := range families {
					for _, m := range family.GetMetric() {
						value := m.GetGauge().GetValue() + m.GetCounter().GetValue()
						got[family.GetName()+"/"+m.GetLabel()[0].GetValue()] = value
					}
				}
				require.Len(t, got, 8*len(pools))
				last := pools[len(pools)-1]
				require.InDelta(t, 1, got["db_pool_in_use_connections/"+last], 0)
				require.InDelta(t, 3, got["db_pool_max_connections/"+pools[0]], 0)
				if dialect == "sqlite" {
					require.InDelta(t, 1, got["db_pool_max_connections/writer"], 0)
				}
				require.GreaterOrEqual(t, got["db_pool_open_connections/"+last], 1.0)
				return nil
			}))
			problems, err := testutil.GatherAndLint(registry)
			require.NoError(t, err)
			require.Empty(t, problems)
			require.NoError(t, s.Stop(t.Context()))
			require.Zero(t, testutil.CollectAndCount(s))
		})
	}
}

func TestErrorIsOneLine(t *testing.T) {
	t.Parallel()
	err := &database.Error{Name: "orders.save", Kind: database.ErrUnavailable, Err: errors.New("first\n\tsecond")}
	require.EqualError(t, err, "orders.save: database unavailable: first second")
	require.NotContains(t, err.Error(), "\n")
}
