package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/cache"
)

type getOrder struct{ ID string }

type order struct {
	ID  string
	Age time.Duration
}

func (o *order) SetAge(age time.Duration) { o.Age = age }

func idOf(in *getOrder) string { return in.ID }

func TestFallback(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cause error
		after time.Duration
		want  *order
	}{
		"open, fresh":  {cause: status(503), after: time.Second, want: &order{ID: "7", Age: time.Second}},
		"open, stale":  {cause: status(503), after: time.Minute, want: &order{ID: "7", Age: time.Minute}},
		"open, gone":   {cause: status(503), after: time.Hour},
		"client error": {cause: status(404), after: time.Second},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				last, err := cache.New[string, order]("orders", cache.Config{TTL: time.Second, StaleIfError: time.Minute})
				require.NoError(t, err)
				handle := cache.Keep(last, idOf, func(_ context.Context, in *getOrder) (*order, error) {
					return &order{ID: in.ID}, nil
				})
				fallback, in := cache.Fallback(last, idOf), &getOrder{ID: "7"}
				_, err = fallback(t.Context(), in, tc.cause)
				require.Equal(t, tc.cause, err, "nothing is there yet")

				_, err = handle(t.Context(), in)
				require.NoError(t, err)
				time.Sleep(tc.after)
				out, err := fallback(t.Context(), in, tc.cause)
				require.Equal(t, tc.want, out)
				if tc.want == nil {
					require.Equal(t, tc.cause, err)
					return
				}
				require.NoError(t, err)
				out.ID = "changed"
				again, err := fallback(t.Context(), in, tc.cause)
				require.NoError(t, err)
				require.Equal(t, tc.want, again, "each gets a copy")
			})
		})
	}
}

func TestKeepKeepsAnswersAlone(t *testing.T) {
	t.Parallel()
	last, err := cache.New[string, order]("orders", cache.Config{TTL: time.Hour})
	require.NoError(t, err)
	for name, answer := range map[string]struct {
		out *order
		err error
	}{"error": {&order{}, status(500)}, "nothing": {nil, nil}} {
		out, err := cache.Keep(last, idOf, func(context.Context, *getOrder) (*order, error) {
			return answer.out, answer.err
		})(t.Context(), &getOrder{ID: name})
		require.Equal(t, answer.out, out)
		require.Equal(t, answer.err, err)
		_, ok := last.Lookup(name)
		require.False(t, ok, name)
	}
}
