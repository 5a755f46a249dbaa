package resilience

import (
	"sync"
	"time"
)

// clock counts the time of a runner from the base of its breakers, so that one
// reading, at half the price of time.Now, serves breakers, deadlines and
// latencies. It also keeps the timers that nobody uses at the moment.
type clock struct {
	base   time.Time
	alarms sync.Pool // of *alarm
}

func (c *clock) now() time.Duration { return time.Since(c.base) }

// alarm ends a deadline at its time. Only alarms whose timer was stopped before
// it fired are used again.
type alarm struct {
	timer *time.Timer
	of    *deadline
}

// set returns an alarm for the time of d.
func (c *clock) set(d *deadline) *alarm {
	left := d.at - c.now()
	a, ok := c.alarms.Get().(*alarm)
	if !ok {
		a = &alarm{of: d}
		a.timer = time.AfterFunc(left, a.ring)
		return a
	}
	a.of = d
	a.timer.Reset(left)
	return a
}

func (a *alarm) ring() { a.of.end(exceeded) }

// unset stops an alarm.
func (c *clock) unset(a *alarm) {
	if a.timer.Stop() {
		a.of = nil
		c.alarms.Put(a)
	}
}
