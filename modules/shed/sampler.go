package shed

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// interval is the time between two looks at the signs: that of CoDel, for which
// a wait must stay above its target to be more than a burst.
const interval = 100 * time.Millisecond

// weight of one interval in the average of the use of processors: about one
// second of it counts.
const weight = 0.2

// signs is where the sampler looks.
type signs struct {
	cpu        func() time.Duration // used by the process so far
	wait       func() time.Duration // that nine in ten goroutines stayed within since the call before
	processors func() int
}

// process returns the signs of this process. It reads nothing yet.
func process() signs {
	var waits *schedWaits
	return signs{
		cpu: cpuTime,
		wait: func() time.Duration {
			if waits == nil {
				waits = newSchedWaits()
				return 0
			}
			return waits.next()
		},
		processors: func() int { return runtime.GOMAXPROCS(0) },
	}
}

// sampler is the one goroutine of a shedder. One that is started anew waits for
// the one before it, which may have been given up on.
type sampler struct {
	stop, done chan struct{}
	before     <-chan struct{} // done of the one before, nil if there is none
	stopped    bool            // guarded by the mutex of the shedder
}

// reading is what the sampler saw last.
type reading struct {
	cpu   float64
	delay time.Duration
}

// Start begins to look at processors and waits, ten times in a second, unless
// both signs are off: then nothing runs. It is idempotent.
func (s *Shedder) Start(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.sampler
	if last != nil && !last.stopped || s.cfg.CPUThreshold == 0 && s.cfg.QueueDelay == 0 {
		return nil
	}
	s.sampler = &sampler{stop: make(chan struct{}), done: make(chan struct{})}
	if last != nil {
		s.sampler.before = last.done
	}
	go s.run(s.sampler)
	return nil
}

// Stop ends looking, and refusing by what was seen. It waits for the goroutine
// or until ctx ends. It is idempotent, and Start may follow.
func (s *Shedder) Stop(ctx context.Context) error {
	s.mu.Lock()
	last := s.sampler
	if last != nil && !last.stopped {
		last.stopped = true
		close(last.stop)
	}
	s.mu.Unlock()
	if last == nil {
		return nil
	}
	select {
	case <-last.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the sampler of load: %w", context.Cause(ctx))
	}
}

func (s *Shedder) run(own *sampler) {
	defer close(own.done)
	if own.before != nil {
		<-own.before
	}
	defer s.forget()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	at, used, now := time.Now(), s.used(), reading{}
	_ = s.wait() // what was before
	for {
		select {
		case <-own.stop:
			return
		case <-ticker.C:
		}
		then, before := at, used
		at, used = time.Now(), s.used()
		if s.cfg.CPUThreshold > 0 {
			now.cpu += weight * (s.share(used-before, at.Sub(then)) - now.cpu)
		}
		now.delay = s.wait()
		s.observe(now)
	}
}

func (s *Shedder) used() time.Duration {
	if s.cfg.CPUThreshold == 0 {
		return 0
	}
	return s.signs.cpu()
}

func (s *Shedder) wait() time.Duration {
	if s.cfg.QueueDelay == 0 {
		return 0
	}
	return s.signs.wait()
}

// share returns what part of all processors was used in a time.
func (s *Shedder) share(used, in time.Duration) float64 {
	if in <= 0 {
		return 0
	}
	return used.Seconds() / in.Seconds() / float64(s.signs.processors())
}

func (s *Shedder) observe(now reading) {
	s.mu.Lock()
	s.last = now
	s.mu.Unlock()
	if s.cfg.CPUThreshold > 0 && s.cpu.observe(now.cpu > float64(s.cfg.CPUThreshold)) {
		s.turned(&s.cpu, ReasonCPU, slog.Float64("cpu", now.cpu))
	}
	if s.cfg.QueueDelay > 0 && s.delay.observe(now.delay > s.cfg.QueueDelay) {
		s.turned(&s.delay, ReasonQueueDelay, slog.Duration("delay", now.delay))
	}
}

func (s *Shedder) turned(of *severity, reason string, value slog.Attr) {
	if of.level() > 0 {
		s.log.Warn("shedding began", slog.String("reason", reason), value)
		return
	}
	s.log.Info("shedding ended", slog.String("reason", reason), value)
}

// forget ends what was seen with the goroutine that saw it.
func (s *Shedder) forget() {
	s.cpu.steps.Store(0)
	s.delay.steps.Store(0)
	s.mu.Lock()
	s.last = reading{}
	s.mu.Unlock()
}
