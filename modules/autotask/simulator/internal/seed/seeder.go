package seed

import (
	"math/rand/v2"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// Spans of time in a [record.Stamp].
const (
	minute = record.Stamp(time.Minute / time.Millisecond)
	hour   = 60 * minute
	day    = 24 * hour
)

// The generated history begins on 2024-01-01 and ends two years later, whatever the day: the same seed gives the same
// tenant.
const (
	historyStart = record.Stamp(1_704_067_200_000)
	historySpan  = 2 * 365 * day
)

// batch is how many companies or tickets are written in one go.
const batch = 500

// seeder generates a tenant.
type seeder struct {
	*rand.Rand

	cfg   Config
	store *record.Store
	tx    *record.Tx      // of the update that runs
	rows  map[string]*row // the buffers, by the entity's name

	done, total, told int // rows made, rows to be made, and what Progress was told last

	staff     []member
	customers []customer
	words     words
	today     calendar
}

func newSeeder(store *record.Store, cfg Config) *seeder {
	return &seeder{
		Rand:  rand.New(rand.NewPCG(cfg.Seed, 0x686f6c6466617374)), //nolint:gosec // made to be repeated, not to be secret
		cfg:   cfg,
		store: store,
		rows:  map[string]*row{},
		words: newWords(),
	}
}

// update runs fn with a transaction of its own.
func (s *seeder) update(fn func()) {
	s.store.Update(func(tx *record.Tx) {
		s.tx = tx
		fn()
		s.tx = nil
	})
}

// batches runs one for each i below n, and tells how far it is.
func (s *seeder) batches(n int, one func(i int)) {
	for first := 0; first < n; first += batch {
		s.update(func() {
			for i := first; i < min(first+batch, n); i++ {
				one(i)
			}
		})
		s.tell()
	}
}

// tell calls Progress after every hundredth part of the rows, but not more often than every 10,000 rows.
func (s *seeder) tell() {
	if s.cfg.Progress == nil || s.done == s.total || s.done-s.told < max(s.total/100, 10_000) {
		return
	}
	s.told = s.done
	s.cfg.Progress(s.done, s.total)
}

// moment is any in the history.
func (s *seeder) moment() record.Stamp {
	return historyStart + record.Stamp(s.Int64N(int64(historySpan)))
}

// midnight is the beginning of any day in the first n of the history.
func (s *seeder) midnight(n int) record.Stamp { return historyStart + record.Stamp(s.IntN(n))*day }

// chance is true once in n times.
func (s *seeder) chance(n int) bool { return s.IntN(n) == 0 }

func pick[T any](s *seeder, from []T) T { return from[s.IntN(len(from))] }
