package bulkhead

import "time"

// The numbers of CoDel (RFC 8289) for a queue whose calls take 10 ms or less.
// For calls that take longer the target is half of what they take: nothing is
// gained by refusing who waits shorter than that.
const (
	leastTarget = 5 * time.Millisecond
	intervals   = 20 // targets in an interval: 100 ms
)

// codel tells a queue that stands from one that takes up a burst, by how long
// calls wait: a burst is over in an interval.
type codel struct {
	mean     time.Duration // of what calls take, as far as somebody waited when they ended
	above    time.Time     // since then the longest wait has been above the target; zero: it is not
	standing bool          // for an interval
	empty    time.Time     // since then nobody has waited; zero: somebody does
}

func (c *codel) target() time.Duration { return max(leastTarget, c.mean/2) }

// pace learns how long calls take: an average over some eight of them.
func (c *codel) pace(took time.Duration) {
	const weight = 8
	took = min(took, longest)
	switch {
	case took <= 0:
	case c.mean == 0:
		c.mean = took
	default:
		c.mean += (took - c.mean) / weight
	}
}

// observe takes the longest wait in the queue. It returns true when the queue
// begins to stand. Short waits do not end that, since it is then kept short.
func (c *codel) observe(wait time.Duration, now time.Time) bool {
	switch {
	case c.standing:
	case wait < c.target():
		c.ended()
	case c.above.IsZero():
		c.above = now
	case now.Sub(c.above) >= intervals*c.target():
		c.standing = true
		return true
	}
	return false
}

// ended notes that nobody waits for long.
func (c *codel) ended() { c.above, c.standing = time.Time{}, false }

// left notes that nobody waits any more.
func (c *codel) left(now time.Time) {
	if c.empty.IsZero() {
		c.empty = now
	}
}

// joined notes that somebody waits. A queue that was empty for less than the
// target is the same queue.
func (c *codel) joined(now time.Time) {
	if !c.empty.IsZero() && now.Sub(c.empty) >= c.target() {
		c.ended()
	}
	c.empty = time.Time{}
}
