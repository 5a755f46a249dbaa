package bulkhead

import (
	"math/bits"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
)

// stripes is a counter that several processors add to without waiting for each
// other. A call may leave by another stripe than it came in by.
type stripes []stripe

// stripe fills the line of a cache.
type stripe struct {
	n atomic.Int64
	_ [56]byte
}

// newStripes returns at most eight: 512 bytes.
func newStripes() stripes {
	const most = 8
	return make(stripes, 1<<bits.Len(uint(min(runtime.GOMAXPROCS(0), most)-1)))
}

func (s stripes) add(n int64) {
	s[rand.Uint32()&uint32(len(s)-1)].n.Add(n) //nolint:gosec // any stripe will do
}

func (s stripes) sum() (n int64) {
	for i := range s {
		n += s[i].n.Load()
	}
	return n
}

// drain takes everything out.
func (s stripes) drain() (n int64) {
	for i := range s {
		n += s[i].n.Swap(0)
	}
	return n
}
