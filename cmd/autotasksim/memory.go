package main

import (
	"math"
	"runtime/debug"
)

// maxMemory is a soft limit that leaves room within 2 GiB for what the runtime does not count.
const maxMemory = 7 << 28 // bytes: 1.75 GiB

// limitMemory sets the limit of the process unless GOMEMLIMIT has set one. A large tenant is one big heap that lives for
// ever: by itself the collector lets it double before it looks, and a million tickets in use would take more than 2 GiB.
func limitMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(maxMemory)
	}
}
