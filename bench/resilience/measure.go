package main

import (
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// meter says how long to measure.
type meter struct {
	pairs            int           // how often two subjects take turns
	slice            time.Duration // how long a turn is
	patience         time.Duration // after it, a row makes do with the pairs it has
	routes, breakers int           // how many of them lie at rest
}

// least is how many pairs are made in any case.
const least = 3

// thorough is what the table is made with.
func thorough() meter {
	return meter{pairs: 601, slice: time.Millisecond, patience: 3 * time.Second, routes: 10_000, breakers: 1_000}
}

// hasty only shows that every row can be measured.
func hasty() meter {
	return meter{pairs: least, slice: 100 * time.Microsecond, patience: 100 * time.Millisecond, routes: 200, breakers: 20}
}

// subject is something whose cost is measured. Its loop makes n calls and returns the first error that is no part of
// what is measured.
type subject struct {
	name string
	loop func(n int) error
	base func(n int) error // what remains without the thing measured; nil is nothing
}

// took is the cost of one call.
type took struct{ ns, allocs float64 }

// versus is what came of two subjects that took turns.
type versus struct {
	ours, theirs took
	ratio        spread // of ours to theirs
}

// spread is the median of what was seen, and its quartiles.
type spread struct{ median, low, high float64 }

// compare has two subjects take turns, so that a machine that slows down slows both.
func (m meter) compare(ours, theirs subject) (versus, error) {
	turns := []func(int) error{ours.loop, ours.base, theirs.loop, theirs.base}
	counts, err := m.calibrate(turns)
	if err != nil {
		return versus{}, fmt.Errorf("%s beside %s: %w", ours.name, theirs.name, err)
	}
	var a, b []float64
	for i := range m.until() {
		ns, err := turn(turns, counts, i%2 == 1)
		if err != nil {
			return versus{}, fmt.Errorf("%s beside %s: %w", ours.name, theirs.name, err)
		}
		a, b = append(a, ns[0]-ns[1]), append(b, ns[2]-ns[3])
	}
	v := versus{
		ours:   took{ns: quantile(a, 0.5), allocs: allocated(ours)},
		theirs: took{ns: quantile(b, 0.5), allocs: allocated(theirs)},
		ratio:  ratioOf(a, b),
	}
	return v, nil
}

// ratioOf returns how a compares to b, element by element. The ratio is that of the medians of a few pairs that came one
// after the other: enough for a median, and soon enough after each other for the machine to have run at one speed.
func ratioOf(a, b []float64) spread {
	together := max(least, min(20, len(a)/10))
	var ratios []float64
	for from := 0; from < len(a); from += together {
		to := min(from+together, len(a))
		ratios = append(ratios, quantile(a[from:to], 0.5)/quantile(b[from:to], 0.5))
	}
	return spread{quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75)}
}

// until counts the pairs to make.
func (m meter) until() iter.Seq[int] {
	return func(yield func(int) bool) {
		began := time.Now()
		for i := range m.pairs {
			if i >= least && time.Since(began) > m.patience || !yield(i) {
				return
			}
		}
	}
}

// pair is a row to be: a subject of ours and one of a peer.
type pair struct {
	what         string
	ours, theirs subject
	most         float64 // what the ratio must not exceed; 0 is no target
}

// rows compares the pairs.
func (m meter) rows(pairs []pair) ([]row, error) {
	rows := make([]row, 0, len(pairs))
	for _, p := range pairs {
		v, err := m.compare(p.ours, p.theirs)
		if err != nil {
			return nil, err
		}
		r := beside(p.what, p.theirs.name, v)
		if p.most > 0 {
			r = r.within(v.ratio.median, p.most)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// turn has each loop run once and returns the nanoseconds of a call: backwards every other time, so that none always
// profits from what another has warmed.
func turn(loops []func(int) error, counts []int, backwards bool) ([]float64, error) {
	ns := make([]float64, len(loops))
	for step := range loops {
		i := step
		if backwards {
			i = len(loops) - 1 - step
		}
		if loops[i] == nil {
			continue
		}
		spent, err := clock(loops[i], counts[i])
		if err != nil {
			return nil, err
		}
		ns[i] = float64(spent) / float64(counts[i])
	}
	return ns, nil
}

// clock returns how long n calls take. Where the operating system gave the processor to somebody else meanwhile, it
// measures again; on a machine that is too busy for that it takes what it gets.
func clock(loop func(int) error, n int) (time.Duration, error) {
	const tries = 8
	for try := 1; ; try++ {
		ousted, began := switches(), time.Now()
		err := loop(n)
		spent := time.Since(began)
		if err != nil || try == tries || switches() == ousted {
			return spent, err
		}
	}
}

// switches counts how often the process had to leave a processor that it could have used.
func switches() int64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return usage.Nivcsw
}

// cpuTime is the processor time that the process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// calibrate finds how many calls of each loop last a slice, and warms them up by it.
func (m meter) calibrate(loops []func(int) error) ([]int, error) {
	counts := make([]int, len(loops))
	for i, loop := range loops {
		for n := 1; loop != nil && counts[i] == 0; n *= 2 {
			spent, err := clock(loop, n)
			if err != nil {
				return nil, err
			}
			if spent >= m.slice/2 {
				counts[i] = max(1, int(float64(n)*float64(m.slice)/float64(spent)))
			}
		}
	}
	return counts, nil
}

// allocated counts what a subject allocates for a call, above its base.
func allocated(s subject) float64 {
	if s.base == nil {
		return allocations(s.loop)
	}
	return max(0, allocations(s.loop)-allocations(s.base))
}

// allocations counts as testing.AllocsPerRun does: on one core, after one turn to warm up, rounded down so that what others
// allocate meanwhile does not count. The error of the loop has been looked at before.
func allocations(loop func(int) error) float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	began, calls := time.Now(), uint64(0)
	for calls < 2_000 && (calls == 0 || time.Since(began) < 50*time.Millisecond) {
		_ = loop(10)
		calls += 10
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_ = loop(int(calls))
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / calls)
}

// scaling is how many times more calls two cores make than one.
func (m meter) scaling(s subject) (spread, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	m.slice, m.patience = 4*m.slice, 3*m.patience // starting goroutines must not show
	counts, err := m.calibrate([]func(int) error{s.loop})
	if err != nil {
		return spread{}, fmt.Errorf("scaling of %s: %w", s.name, err)
	}
	var ones, twos []float64
	for range m.until() {
		runtime.GOMAXPROCS(1)
		one, err := clock(s.loop, counts[0])
		if err != nil {
			return spread{}, fmt.Errorf("scaling of %s: %w", s.name, err)
		}
		runtime.GOMAXPROCS(2)
		two, err := clock(func(n int) error { return halves(s.loop, n) }, counts[0])
		if err != nil {
			return spread{}, fmt.Errorf("scaling of %s: %w", s.name, err)
		}
		ones, twos = append(ones, float64(one)), append(twos, float64(two))
	}
	return ratioOf(ones, twos), nil
}

// halves makes n calls in two goroutines.
func halves(loop func(int) error, n int) error {
	var wg sync.WaitGroup
	var first, second error
	wg.Go(func() { first = loop(n / 2) })
	wg.Go(func() { second = loop(n - n/2) })
	wg.Wait()
	return errors.Join(first, second)
}

// quantile returns the value below which the share q of the values lies.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}
