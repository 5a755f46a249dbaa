package database_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

// benchmarkService opens a file with one row in counters.
func benchmarkService(b *testing.B, guard database.Guard) *database.Service {
	b.Helper()
	address := config.Secret("file:" + filepath.Join(b.TempDir(), "bench.db"))
	s, err := database.New(database.Config{URL: address, Env: config.Test}, guard, quiet())
	require.NoError(b, err)
	require.NoError(b, s.Start(b.Context()))
	b.Cleanup(func() { require.NoError(b, s.Stop(context.WithoutCancel(b.Context()))) })
	db := s.DB(b.Context())
	require.NoError(b, db.Exec("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)").Error)
	require.NoError(b, db.Create(&counter{ID: 1}).Error)
	return s
}

func pass(ctx context.Context, _ database.Mode, _ string, fn func(context.Context) error) error {
	return fn(ctx)
}

// BenchmarkDo reads one row by its key, with and without what Do adds; the
// empty ones show that alone.
func BenchmarkDo(b *testing.B) {
	read := func(tx *gorm.DB) error {
		var c counter
		return tx.Take(&c, 1).Error
	}
	empty := func(*gorm.DB) error { return nil }
	for name, fn := range map[string]func(*gorm.DB) error{"read": read, "empty": empty} {
		b.Run(name+"/gorm", func(b *testing.B) {
			s := benchmarkService(b, nil)
			db := s.DB(b.Context())
			b.ReportAllocs()
			for b.Loop() {
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				if err := fn(db.WithContext(ctx)); err != nil {
					b.Fatal(err)
				}
				cancel()
			}
		})
		for kind, guard := range map[string]database.Guard{"do": nil, "do-guarded": pass} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				s := benchmarkService(b, guard)
				b.ReportAllocs()
				for b.Loop() {
					ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
					if err := s.Do(ctx, "counters.read", fn); err != nil {
						b.Fatal(err)
					}
					cancel()
				}
			})
		}
	}
}

func BenchmarkTransaction(b *testing.B) {
	s := benchmarkService(b, pass)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Transaction(b.Context(), "counters.add", func(tx *gorm.DB) error {
			return tx.Model(&counter{ID: 1}).Update("n", gorm.Expr("n + 1")).Error
		}); err != nil {
			b.Fatal(err)
		}
	}
}
