package simulator

import "sync"

// eras keep requests apart from resets. Whatever touches data, limits or counts does so by [eras.touch] or [eras.within],
// together with its look at the clock, for that moment alone and never while it waits.
type eras struct {
	mu  sync.RWMutex // held for writing while something is replaced
	now era
}

// era says how often data and counts were replaced.
type era struct {
	data   uint64 // by Restore and Reset
	counts uint64 // by Reset
}

// current returns the era of a request that begins now.
func (e *eras) current() era {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.now
}

// touch runs f while nothing is replaced.
func (e *eras) touch(f func()) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	f()
}

// within runs f on the data to which a request came; false are data that were replaced while it waited.
func (e *eras) within(began era, f func()) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if began.data != e.now.data {
		return false
	}
	f()
	return true
}

// counting runs f where the counts are those to which a request came; false are counts that began anew.
func (e *eras) counting(began era, f func()) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if began.counts != e.now.counts {
		return false
	}
	f()
	return true
}

// restore replaces data by f.
func (e *eras) restore(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now.data++
	f()
}

// reset replaces data and counts by f.
func (e *eras) reset(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now.data++
	e.now.counts++
	f()
}
