package limit

import (
	"math"
	"time"
)

// window counts requests by the millisecond they came in, as a queue of buckets. All moments are milliseconds since
// 1970.
type window struct {
	span        int64 // milliseconds
	grain       int64 // milliseconds that share a bucket
	first, last *block
	own         int64 // sum of the buckets
	foreign     int64 // the same of other integrations

	freeOf, free int64 // what below was asked for, and its answer
	told         bool  // and nothing was counted since
}

// maxBuckets is how many buckets a window has at most: the milliseconds of an hour.
const maxBuckets = int64(time.Hour / time.Millisecond)

// bucket holds the requests of one grain, by its first.
type bucket struct {
	at           int64
	own, foreign uint32
}

func (b bucket) sum() int64 { return int64(b.own) + int64(b.foreign) }

// block is a piece of the queue, of 4 KiB.
type block struct {
	next     *block
	from, to int // buckets[from:to] are in use
	buckets  [254]bucket
}

func newWindow(length time.Duration) window {
	span := max(length.Milliseconds(), 1)
	return window{span: span, grain: (span + maxBuckets - 1) / maxBuckets}
}

func (w *window) sum() int64 { return w.own + w.foreign }

// add counts requests. One grain takes at most 4,294,967,295 of each sort.
func (w *window) add(at, own, foreign int64) {
	b := w.bucket(at)
	own = min(own, math.MaxUint32-int64(b.own))
	foreign = min(foreign, math.MaxUint32-int64(b.foreign))
	b.own += uint32(own)         //nolint:gosec // at most what is left of an uint32
	b.foreign += uint32(foreign) //nolint:gosec // the same
	w.own += own
	w.foreign += foreign
	w.told = false
}

// bucket returns the bucket of a moment that is not before that of the last one.
func (w *window) bucket(at int64) *bucket {
	if w.last == nil {
		w.last = &block{}
		w.first = w.last
	}
	if l := w.last; l.to > l.from && at-l.buckets[l.to-1].at < w.grain {
		return &l.buckets[l.to-1]
	}
	if w.last.to == len(w.last.buckets) {
		w.last.next = &block{}
		w.last = w.last.next
	}
	l := w.last
	l.buckets[l.to] = bucket{at: at}
	l.to++
	return &l.buckets[l.to-1]
}

// expire forgets what is as old as the window. The last block is kept and filled anew.
func (w *window) expire(now int64) {
	for f := w.first; f != nil; f = w.first {
		for ; f.from < f.to && now-f.buckets[f.from].at >= w.span; f.from++ {
			w.own -= int64(f.buckets[f.from].own)
			w.foreign -= int64(f.buckets[f.from].foreign)
		}
		if f.from < f.to {
			return
		}
		if f == w.last {
			f.from, f.to = 0, 0
			return
		}
		w.first = f.next
	}
}

// below returns when the count falls below n if nothing more is counted; it must not be below n already. What expires
// changes nothing about that, so the answer is remembered until something is counted.
func (w *window) below(n int64) int64 {
	if !w.told || w.freeOf != n {
		w.freeOf, w.free, w.told = n, w.search(n), true
	}
	return w.free
}

// search looks at the buckets, from the first to the one that below asks for.
func (w *window) search(n int64) int64 {
	left, at := w.sum(), int64(0)
	for f := w.first; f != nil; f = f.next {
		for _, b := range f.buckets[f.from:f.to] {
			left, at = left-b.sum(), b.at
			if left < n {
				return at + w.span
			}
		}
	}
	return at + w.span
}
