package cache_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// status is an error with a status code.
type status int

func (s status) Error() string   { return fmt.Sprint("status ", int(s)) }
func (s status) StatusCode() int { return int(s) }

// source is where values come from: the key and how often it was asked, after a
// while, or an error.
type source struct {
	took  time.Duration
	err   error
	loads atomic.Int64
}

func (s *source) load(ctx context.Context, key string) (string, error) {
	n := s.loads.Add(1)
	if err := s.err; err != nil {
		return "half", err
	}
	select {
	case <-time.After(s.took):
		return fmt.Sprint(key, n), nil
	case <-ctx.Done():
		return "half", context.Cause(ctx)
	}
}

func open(t *testing.T, cfg cache.Config) *cache.Cache[string, string] {
	t.Helper()
	c, err := cache.New[string, string]("test", cfg)
	require.NoError(t, err)
	return c
}
