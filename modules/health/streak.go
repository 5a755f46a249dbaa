package health

import "log/slog"

// condition is where a check stands by the runs it has seen.
type condition int

const (
	unknown  condition = iota // no run yet
	up                        // well
	degraded                  // failing, but still up for whoever asks
	down
)

// limits are the runs in a row that turn a check, see the picture in doc.go.
type limits struct {
	degraded, down int // failed ones
	up             int // good ones, of a check that is down
}

// streak is the state machine of a check.
type streak struct {
	limits limits

	condition condition
	proven    bool // it has answered well once: what it says next may be chance
	failures  int  // in a row
	successes int  // in a row
}

// add counts a run and reports whether that turned the check.
func (s *streak) add(good bool) (turned bool) {
	before := s.condition
	if good {
		s.successes, s.failures = s.successes+1, 0
	} else {
		s.successes, s.failures = 0, s.failures+1
	}
	s.condition = s.next(good)
	s.proven = s.proven || s.condition == up
	return s.condition != before && (before != unknown || s.condition != up) // that it starts well is no news
}

func (s *streak) next(good bool) condition {
	switch {
	case good && s.proven && s.condition == down && s.successes < s.limits.up:
		return down
	case good:
		return up
	case !s.proven, s.condition == down, s.failures >= s.limits.down:
		return down
	case s.failures >= s.limits.degraded:
		return degraded
	default:
		return up
	}
}

// open reports whether the runs in a row have begun to point somewhere else and
// not got there yet.
func (s *streak) open() bool {
	if s.condition == down {
		return s.successes > 0
	}
	return s.failures > 0
}

// hang counts a run that does not return, which is no chance: the check is down.
func (s *streak) hang() (turned bool) {
	turned = s.condition != down
	s.condition, s.successes, s.failures = down, 0, s.failures+1
	return turned
}

// tell logs a turn.
func (s *streak) tell(log *slog.Logger, message string) {
	switch s.condition {
	case unknown:
	case up:
		log.Info("health check up")
	case degraded:
		log.Warn("health check degraded", slog.Int("failures", s.failures), slog.String("error", message))
	case down:
		log.Warn("health check down", slog.Int("failures", s.failures), slog.String("error", message))
	}
}
