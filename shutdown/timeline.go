package shutdown

import "time"

// timeline holds the absolute ends of the phases.
type timeline struct {
	grace   time.Time // GRACE is over
	drain   time.Time // work in flight is cancelled
	cut     time.Time // cancelled work is given up
	cleanup time.Time // contexts of tasks end
	force   time.Time // the process has to be gone
}

// The time between the end of CLEANUP and the force timeout is for what the
// owner of the process stops afterwards: a share of the force timeout, but no
// more than maxMargin.
const (
	marginShare = 60
	maxMargin   = time.Second
)

// timeline counts from t0. served is false where nobody was ever told to send
// anything, so that nobody has to learn about the stop.
func (c Config) timeline(t0 time.Time, served bool) timeline {
	grace, drain := c.HealthGracePeriod, c.DrainTimeout
	if !served {
		grace = 0
	}
	if !c.EnableGraceful {
		grace, drain = 0, 0
	}
	return timeline{
		grace:   t0.Add(grace),
		drain:   t0.Add(grace + drain),
		cut:     t0.Add(grace + drain + c.CancelGrace),
		cleanup: t0.Add(c.ForceTimeout - min(maxMargin, c.ForceTimeout/marginShare)),
		force:   t0.Add(c.ForceTimeout),
	}
}

// Deadline is when a phase ends at the latest: Grace, Draining with its cancel
// grace, or Cleanup. For Forced it is the force timeout. It is zero before
// Request and for the other states.
func (s *Service) Deadline(phase State) time.Time {
	ends := s.ends.Load()
	if ends == nil {
		return time.Time{}
	}
	switch phase {
	case Grace:
		return ends.grace
	case Draining:
		return ends.cut
	case Cleanup:
		return ends.cleanup
	case Forced:
		return ends.force
	case Starting, Ready, Stopped:
	}
	return time.Time{}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
