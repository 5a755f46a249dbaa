package shed

import (
	"runtime/metrics"
	"time"
)

// schedWaits counts how long goroutines have waited for a processor, by the
// histogram of the runtime.
type schedWaits struct {
	sample []metrics.Sample
	before []uint64
}

func newSchedWaits() *schedWaits {
	w := &schedWaits{sample: []metrics.Sample{{Name: "/sched/latencies:seconds"}}}
	w.next()
	return w
}

// next returns the wait that nine in ten goroutines stayed within since the call
// before, 0 if none waited.
func (w *schedWaits) next() time.Duration {
	metrics.Read(w.sample)
	if w.sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0 // a runtime without this metric
	}
	h := w.sample[0].Value.Float64Histogram()
	if w.before == nil {
		w.before = make([]uint64, len(h.Counts))
	}
	wait := percentile(h, w.before)
	copy(w.before, h.Counts)
	return wait
}

// percentile returns the lower end of the bucket of h, less what was in it
// before, in which the ninth of ten waits is.
func percentile(h *metrics.Float64Histogram, before []uint64) time.Duration {
	var all, seen uint64
	for i, n := range h.Counts {
		all += n - before[i]
	}
	for i, n := range h.Counts {
		if seen += n - before[i]; seen > 0 && seen*10 >= all*9 {
			return time.Duration(max(h.Buckets[i], 0) * float64(time.Second)) // the first begins at minus infinity
		}
	}
	return 0
}
