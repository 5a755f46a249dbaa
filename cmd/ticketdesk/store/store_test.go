package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/database"
)

const capacity = 10_000

func TestPutGetForget(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			k, ctx := start(t, newDatabase(t, dialect)), t.Context()
			k.none(t, "tickets/1")

			k.Put(ctx, store.Answer{"tickets/1", "first"}, store.Answer{"tickets/2", "second"}, store.Answer{"tickets?q=%C3%A4 limit 5", "ä"})
			require.Equal(t, "first", k.get(t, "tickets/1"))
			require.Equal(t, "ä", k.get(t, "tickets?q=%C3%A4 limit 5"))
			k.none(t, "TICKETS/1")
			k.none(t, "tickets/3")

			k.Put(ctx, store.Answer{"tickets/1", "newer"})
			require.Equal(t, "newer", k.get(t, "tickets/1"))
			require.EqualValues(t, 3, k.size(t))
			var text string
			age, err := k.Get(ctx, "tickets/1", &text)
			require.NoError(t, err)
			require.Less(t, age, time.Minute)

			k.Forget(ctx, "tickets/1", "tickets/3")
			k.none(t, "tickets/1")
			require.Equal(t, "second", k.get(t, "tickets/2"))
		})
	}
}

func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			k, longest := start(t, newDatabase(t, dialect)), strings.Repeat("n", 512)
			k.Put(t.Context())
			k.Put(t.Context(), store.Answer{"", "no name"}, store.Answer{longest + "n", "too long a name"}, store.Answer{longest, "just fits"})
			require.EqualValues(t, 1, k.size(t))
			require.Equal(t, "just fits", k.get(t, longest))

			k.Put(t.Context(), store.Answer{"tickets/1", "good"}, store.Answer{"tickets/2", math.NaN()})
			require.EqualValues(t, 1, k.size(t), "all or nothing")

			k.Put(t.Context(), store.Answer{"tickets/1", "same"}, store.Answer{"tickets/1", "same"})
			require.EqualValues(t, 2, k.size(t))
		})
	}
}

func TestPutOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	k := start(t, newDatabase(t, "sqlite"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k.Put(ctx, store.Answer{"tickets/1", "first"})
	require.Equal(t, "first", k.get(t, "tickets/1"))
	k.Forget(ctx, "tickets/1")
	k.none(t, "tickets/1")
}

func TestAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := start(t, "file::memory:")
		k.Put(t.Context(), store.Answer{"tickets/1", "first"})
		time.Sleep(90 * time.Second)
		k.Put(t.Context(), store.Answer{"tickets/2", "second"})
		time.Sleep(time.Second)
		for name, want := range map[string]time.Duration{"tickets/1": 91 * time.Second, "tickets/2": time.Second} {
			var text string
			age, err := k.Get(t.Context(), name, &text)
			require.NoError(t, err)
			require.Equal(t, want, age, name)
		}
	})
}

// A replica's clock may be ahead.
func TestAgeIsNeverNegative(t *testing.T) {
	t.Parallel()
	k := start(t, newDatabase(t, "sqlite"))
	k.Put(t.Context(), store.Answer{"tickets/1", "first"})
	ahead := time.Now().UTC().Add(time.Hour)
	require.NoError(t, k.db.DB(t.Context()).Exec("UPDATE answers SET stored_at = ?", ahead).Error)
	var text string
	age, err := k.Get(t.Context(), "tickets/1", &text)
	require.NoError(t, err)
	require.Zero(t, age)
}

func TestBound(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			k := start(t, newDatabase(t, dialect))
			put := func(answers []store.Answer) {
				t.Helper()
				k.Put(t.Context(), answers...)
				require.LessOrEqual(t, k.size(t), int64(capacity))
				require.Equal(t, answers[0].Value, k.get(t, answers[0].Name), "the youngest stay")
				require.Equal(t, answers[len(answers)-1].Value, k.get(t, answers[len(answers)-1].Name))
			}
			for first := 0; first < capacity; first += 500 {
				put(page(first, 500))
			}
			require.EqualValues(t, capacity, k.size(t), "nothing gives way before there is need")
			put(page(0, 500))
			k.none(t, "tickets/500")
			require.Equal(t, "ticket 9999", k.get(t, "tickets/9999"))
			for first := capacity - 250; first < 2*capacity; first += 501 {
				put(page(first, 501))
				require.Greater(t, k.size(t), int64(capacity-2_500), "not more gives way than must")
			}
			for first := range 20 {
				put(page(3*capacity+first, 1))
			}
			k.none(t, "tickets/9000")
		})
	}
}

func TestMoreAtOnceThanFits(t *testing.T) {
	t.Parallel()
	k := start(t, newDatabase(t, "sqlite"))
	k.Put(t.Context(), page(0, 7)...)
	k.Put(t.Context(), page(10, capacity+500)...)
	require.EqualValues(t, capacity, k.size(t))
	k.Put(t.Context(), page(2*capacity, 3_000)...)
	require.LessOrEqual(t, k.size(t), int64(capacity))
	k.none(t, "tickets/7")
}

// Two replicas of the service share a database that is nearly full.
func TestBoundOfReplicas(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			url := newDatabase(t, dialect)
			replicas := []kit{start(t, url), start(t, url)}
			for first := 0; first < capacity-100; first += 100 {
				replicas[0].Put(t.Context(), page(first, 100)...)
			}
			require.EqualValues(t, capacity-100, replicas[1].size(t))
			var puts sync.WaitGroup
			for i := range 12 {
				puts.Go(func() {
					for round := range 4 {
						replicas[i%2].Put(t.Context(), page((i*4+round+1)*1_000_000, 100)...)
						if n := replicas[i%2].size(t); n > capacity {
							t.Errorf("%d answers are kept", n)
						}
					}
				})
			}
			puts.Wait()
			require.LessOrEqual(t, replicas[0].size(t), int64(capacity))
		})
	}
}

func TestConcurrentPuts(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			k := start(t, newDatabase(t, dialect))
			var puts sync.WaitGroup
			for i := range 8 {
				puts.Go(func() { // overlapping, in opposite orders
					answers := page(i%2*50, 100)
					for l, r := 0, len(answers)-1; i%2 == 0 && l < r; l, r = l+1, r-1 {
						answers[l], answers[r] = answers[r], answers[l]
					}
					k.Put(t.Context(), answers...)
				})
			}
			puts.Wait()
			require.EqualValues(t, 150, k.size(t))
			for i := range 150 {
				require.Equal(t, fmt.Sprintf("ticket %d", i), k.get(t, fmt.Sprintf("tickets/%d", i)))
			}
		})
	}
}

// Keeping is a courtesy: without a database it is one line in the log.
func TestClosedDatabase(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := store.New(open(t, "file::memory:"), slog.New(slog.NewTextHandler(&log, nil)))
	s.Put(t.Context(), store.Answer{"tickets/1", "first"})
	require.Contains(t, log.String(), `level=WARN msg="answer not kept"`)
	s.Forget(t.Context(), "tickets/1")
	require.Contains(t, log.String(), `level=WARN msg="answer not forgotten"`)
	require.Equal(t, 2, strings.Count(log.String(), "\n"))
	var text string
	_, err := s.Get(t.Context(), "tickets/1", &text)
	require.ErrorIs(t, err, database.ErrNotStarted)
	require.NotErrorIs(t, err, store.ErrNone)
}

func BenchmarkPut(b *testing.B) {
	for name, n := range map[string]int{"one": 1, "a page of 500": 501} {
		b.Run(name, func(b *testing.B) {
			k := start(b, newDatabase(b, "sqlite"))
			for first := 0; first < capacity-1_000; first += 500 {
				k.Put(b.Context(), page(first, 500)...)
			}
			for b.Loop() {
				k.Put(b.Context(), page(0, n)...)
			}
		})
	}
}
