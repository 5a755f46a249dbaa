package circuitbreaker

import "time"

// Metrics is what a breaker has counted. Numbers that belong together are read
// one after the other, so under load they may differ by calls in between.
type Metrics struct {
	Name  string
	State State
	Since time.Time // of its last change; a time open that is over changes nothing until a call comes
	Until time.Time // while open: when trials begin; zero if not by themselves

	Control       Control
	ControlUntil  time.Time // when control ends by itself; zero if it does not
	ControlReason string

	// Since the process started.
	Calls     uint64 // Successes + Failures + Excluded: calls that were made and have ended
	Successes uint64
	Failures  uint64
	Excluded  uint64
	Rejected  uint64 // calls that were refused
	SlowCalls uint64 // of Successes and Failures

	// In the window; zero unless closed.
	WindowCalls    uint64
	WindowFailures uint64
	WindowSlow     uint64
	FailureRate    float64 // 0 to 1
	SlowRate       float64 // 0 to 1
	FailuresInARow int     // of the stay in closed, whatever the window
	RejectionRate  float64 // adaptive mode: the probability with which a call is refused now

	Trials      int       // half-open: let through and not given back
	LastSuccess time.Time // to the second; zero is never
	LastFailure time.Time // to the second; zero is never
	LastError   error     // the last failure; nil since the breaker was closed, opened or bypassed by hand
	Config      Config
}

// Metrics returns what the breaker has counted. It moves nothing.
func (b *Breaker) Metrics() Metrics {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, now := b.view.Load(), b.elapsed()
	m := Metrics{
		Name: b.name, State: v.stateAt(now), Since: v.since, Config: *v.cfg, LastError: b.last,
		Successes: counted(b.tallies, int(Success)), Failures: counted(b.tallies, int(Failure)),
		Excluded: counted(b.tallies, int(Excluded)), SlowCalls: counted(b.tallies, slowCalls), Rejected: b.rejected.Load(),
		LastSuccess: b.stamp(latest(b.tallies, Success)), LastFailure: b.stamp(latest(b.tallies, Failure)),
	}
	m.Calls = m.Successes + m.Failures + m.Excluded
	if m.Control = v.order.at(now); m.Control != ControlAuto {
		m.ControlReason = v.order.reason
		if v.order.until != forever {
			m.ControlUntil = b.at(v.order.until)
		}
	}
	switch m.State {
	case Closed:
		m.addWindow(v, now)
	case Open:
		m.Until = v.refusal.Until
	case HalfOpen:
		m.Trials = int(v.admitted.Load())
	}
	return m
}

func (m *Metrics) addWindow(v *view, now time.Duration) {
	if v.window == nil {
		return
	}
	s := v.window.sum(second(now))
	m.WindowCalls, m.WindowFailures, m.WindowSlow = s.calls(), s.failed, s.slow
	m.FailureRate, m.SlowRate = share(s.failed, s.calls()), share(s.slow, s.calls())
	m.FailuresInARow = v.inARow()
	if v.cfg.Mode == ModeAdaptive && m.Control == ControlAuto {
		m.RejectionRate = v.rejection(s)
	}
}

func (b *Breaker) stamp(second int64) time.Time {
	if second == 0 {
		return time.Time{}
	}
	return b.at(time.Duration(second-1) * time.Second)
}
