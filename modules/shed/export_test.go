package shed

import "time"

// WithSigns lets a test say what the process is like: time of processors used so
// far, wait of goroutines, and the number of processors.
func WithSigns(cpu, wait func() time.Duration, processors int) Option {
	return func(s *Shedder) {
		s.signs = signs{cpu: cpu, wait: wait, processors: func() int { return processors }}
	}
}

// Process reads the signs of the process itself.
func Process() (cpu, wait func() time.Duration) {
	s := process()
	return s.cpu, s.wait
}
