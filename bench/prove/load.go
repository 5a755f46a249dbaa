package prove

import (
	"slices"
	"sync"
	"time"
)

// Offer makes rate calls a second for d, each when it is due, whether or not
// those before have ended: as users do. It returns when all have ended, with
// their number, rate × d. A process that falls behind makes up for it.
func Offer(rate int, d time.Duration, call func(i int)) (offered int) {
	const tick = 5 * time.Millisecond
	total := int(d.Seconds() * float64(rate))
	var all sync.WaitGroup
	began := time.Now()
	for ticker := time.NewTicker(tick); offered < total; <-ticker.C {
		due := min(int(time.Since(began).Seconds()*float64(rate))+1, total)
		for ; offered < due; offered++ {
			i := offered
			all.Go(func() { call(i) })
		}
		if offered == total {
			ticker.Stop()
			break
		}
	}
	all.Wait()
	return offered
}

// Times gathers how long calls took. Its methods may be called concurrently.
type Times struct {
	mu  sync.Mutex
	all []time.Duration
}

// Since adds the time from began to now, and returns it.
func (t *Times) Since(began time.Time) time.Duration {
	took := time.Since(began)
	t.Add(took)
	return took
}

// Add adds a time.
func (t *Times) Add(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, took)
}

// Len returns how many times there are.
func (t *Times) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// At returns the time that the share q of all calls did not exceed: 0.5 is the
// median, 1 the longest; 0 without any call.
func (t *Times) At(q float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	return t.all[int(q*float64(len(t.all)-1))]
}
