//go:build unix

package shed

import (
	"syscall"
	"time"
)

const cpuIsKnown = true

// cpuTime returns the time of processors that the process has used so far, in
// its own code and in the kernel's for it.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
