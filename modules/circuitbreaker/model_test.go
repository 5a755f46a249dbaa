package circuitbreaker_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// TestModel plays random scripts of begin, end, time and orders by hand to a
// breaker and to a slow and obvious model of one, and wants no difference in
// admission, state, counters and changes after any step. A failure names the
// seed and the last steps.
func TestModel(t *testing.T) {
	t.Parallel()
	scripts, steps := 200, 5000 // a million steps
	if raceEnabled || testing.Short() {
		scripts = 20
	}
	for seed := range scripts {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newDuel(t, uint64(seed)).play(steps) }) //nolint:gosec // small
		})
	}
}

// duel is one script, played to both.
type duel struct {
	t       *testing.T
	rand    *rand.Rand
	service *circuitbreaker.Service
	breaker *circuitbreaker.Breaker
	model   *model
	start   time.Time
	running []flight
	script  []string

	mu    sync.Mutex
	heard []string // guarded by mu, for leases end on goroutines of their own
}

// flight is a call that has begun and not ended.
type flight struct {
	permit *circuitbreaker.Permit
	model  *modelCall
}

func newDuel(t *testing.T, seed uint64) *duel {
	t.Helper()
	d := &duel{t: t, rand: rand.New(rand.NewPCG(seed, 1)), start: time.Now()} //nolint:gosec // a seed is the point
	cfg := d.config()
	d.service = newService(t, circuitbreaker.Config{})
	var err error
	d.breaker, err = d.service.Register("upstream", cfg)
	require.NoError(t, err)
	d.model = newModel(d.breaker.Config())
	d.service.Subscribe(func(c circuitbreaker.Change) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if c.From != c.To {
			d.heard = append(d.heard, fmt.Sprint(c.From, "->", c.To))
		}
	})
	return d
}

// config draws a configuration that makes something happen.
func (d *duel) config() circuitbreaker.Config {
	cfg := circuitbreaker.Config{
		FailureThreshold:  pick(d, config.Ratio(0.3), 0.5, 0.6, 1),
		MinThroughput:     pick(d, 1, 3, 5, 10),
		SlidingWindow:     time.Duration(pick(d, 1, 2, 5, 7, 20)) * time.Second,
		SlowCallThreshold: pick(d, config.Ratio(0.3), 0.5, 1),
		Timeout:           time.Duration(pick(d, 1, 10, 60)) * time.Second,
		ResetTimeout:      pick(d, time.Millisecond, 100*time.Millisecond, 3*time.Second, 10*time.Second),
		ResetGrowth:       pick(d, 1, 1, 1.5, 2.0),
		MaxResetTimeout:   pick(d, 10*time.Second, 20*time.Second, time.Minute),
		HalfOpenMaxCalls:  pick(d, 1, 2, 3, 5),
	}
	if d.rand.IntN(2) == 0 {
		cfg.SlowCallDuration = pick(d, 10*time.Millisecond, time.Second, 3*time.Second)
	}
	if d.rand.IntN(3) == 0 {
		cfg.ConsecutiveFailures = pick(d, 2, 3, 6)
	}
	return cfg
}

func pick[T any](d *duel, of ...T) T { return of[d.rand.IntN(len(of))] }

func (d *duel) play(steps int) {
	d.t.Helper()
	for range steps {
		d.step()
		d.compare()
	}
	for _, f := range d.running {
		f.permit.Done(circuitbreaker.Excluded, nil) // stops the leases
	}
}

func (d *duel) step() {
	switch n := d.rand.IntN(1000); {
	case n < 420:
		d.begin()
	case n < 800:
		d.end()
	case n < 970:
		d.advance(pick(d, time.Millisecond, 10*time.Millisecond, 300*time.Millisecond,
			700*time.Millisecond, time.Second, 3*time.Second, 11*time.Second))
	case n < 975:
		cfg := d.config()
		d.note("configure %s", cfg)
		require.NoError(d.t, d.service.Configure("upstream", cfg))
		d.model.configure(d.breaker.Config())
	default:
		d.order()
	}
}

func (d *duel) note(format string, args ...any) {
	if len(d.script) > 60 {
		d.script = d.script[30:]
	}
	d.script = append(d.script, d.model.now.String()+" "+fmt.Sprintf(format, args...))
}

func (d *duel) order() {
	for_ := pick(d, time.Duration(0), circuitbreaker.Hold, 500*time.Millisecond, 4*time.Second) //nolint:revive // the word is taken
	switch verb := pick(d, "open", "close", "bypass", "auto", "auto", "reset"); verb {
	case "open":
		d.note("open for %s", for_)
		d.service.ForceOpen("upstream", "test", for_)
		d.model.forceOpen(for_)
	case "close":
		d.note("close for %s", for_)
		d.service.ForceClose("upstream", "test", for_)
		d.model.forceClose(for_)
	case "bypass":
		d.note("bypass for %s", for_)
		d.service.Bypass("upstream", "test", for_)
		d.model.bypass(for_)
	case "auto":
		d.note("auto")
		d.service.Auto("upstream", "test")
		d.model.auto()
	case "reset":
		d.note("reset")
		d.service.Reset("upstream")
		d.model.close()
	}
}

func (d *duel) advance(by time.Duration) {
	d.note("+%s", by)
	time.Sleep(by)
	synctest.Wait() // for leases that have run out
	d.model.advance(by)
}

func (d *duel) begin() {
	longest := pick(d, time.Second, 5*time.Second, time.Minute)
	d.note("begin")
	want := d.model.begin(longest)
	permit, err := d.breaker.AcquireFor(longest)
	if want == nil {
		d.require(err != nil, "is let through, but not by the model")
		var open *circuitbreaker.OpenError
		require.ErrorAs(d.t, err, &open)
		d.require(open.Until.Equal(d.model.dueAt(d.start)), "refused until "+open.Until.String())
		return
	}
	d.require(err == nil, "is refused, but not by the model")
	d.running = append(d.running, flight{&permit, want})
	if len(d.running) > 50 {
		d.end()
	}
}

func (d *duel) end() {
	if len(d.running) == 0 {
		return
	}
	i := d.rand.IntN(len(d.running))
	f := d.running[i]
	d.running = slices.Delete(d.running, i, i+1)
	outcome := pick(d, circuitbreaker.Success, circuitbreaker.Success, circuitbreaker.Success,
		circuitbreaker.Failure, circuitbreaker.Failure, circuitbreaker.Excluded)
	d.note("end %s", outcome)
	f.permit.Done(outcome, errBoom)
	f.permit.Done(outcome, errBoom) // once is enough
	d.model.end(f.model, outcome)
}

// compare holds the breaker against the model.
func (d *duel) compare() {
	m := d.breaker.Metrics()
	got := snapshot{
		state: m.State, control: m.Control, since: m.Since.Sub(d.start),
		successes: m.Successes, failures: m.Failures, excluded: m.Excluded, rejected: m.Rejected, slow: m.SlowCalls,
		windowCalls: m.WindowCalls, windowFailures: m.WindowFailures, windowSlow: m.WindowSlow,
		inARow: m.FailuresInARow, trials: m.Trials, refuses: d.breaker.Peek() != nil,
	}
	if want := d.model.snapshot(); got != want {
		d.require(false, fmt.Sprintf("\nis    %+v\nmodel %+v", got, want))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.require(slices.Equal(d.heard, d.model.changes), fmt.Sprint("changes ", d.heard, " model ", d.model.changes))
	d.heard, d.model.changes = nil, nil
	d.require(d.breaker.State() == m.State, "State and Metrics differ")
}

func (d *duel) require(ok bool, what string) {
	if !ok {
		d.t.Fatalf("%s\nconfig %s\nscript:\n%s", what, d.breaker.Config(), lastLines(d.script))
	}
}

func lastLines(script []string) string {
	text := ""
	for _, line := range script {
		text += "  " + line + "\n"
	}
	return text
}

// snapshot is what is compared.
type snapshot struct {
	state                                         circuitbreaker.State
	control                                       circuitbreaker.Control
	since                                         time.Duration
	successes, failures, excluded, rejected, slow uint64
	windowCalls, windowFailures, windowSlow       uint64
	inARow, trials                                int
	refuses                                       bool
}

// model is a breaker that forgets nothing and looks at everything each time.
type model struct {
	cfg     circuitbreaker.Config
	now     time.Duration
	state   circuitbreaker.State
	since   time.Duration
	stay    int           // counts the changes that make running calls stale
	ended   []modelEnd    // of this stay in closed
	inARow  int           // failures
	streak  int           // openings since it was last closed
	due     time.Duration // open: when trials begin
	opened  time.Duration // by hand; trials wait for a millisecond at least
	control circuitbreaker.Control
	until   time.Duration // when control ends

	leases     []*modelCall // trials that run, of whatever stay
	admitted   int          // half-open: trials let through and not given back
	goodTrials int
	slowTrials int
	limit      int // of trials

	successes, failures, excluded, rejected, slow uint64
	changes                                       []string
}

type modelEnd struct {
	second       time.Duration
	failed, slow bool
}

type modelCall struct {
	stay     int
	ghost    bool // began in a bypass: not recorded
	trial    bool
	done     bool
	slowAt   time.Duration // 0: is not timed
	deadline time.Duration // of a trial
}

const never = time.Duration(1<<63 - 1)

func newModel(cfg circuitbreaker.Config) *model { return &model{cfg: cfg, limit: cfg.HalfOpenMaxCalls} }

func (m *model) enter(state circuitbreaker.State) {
	if m.state != state {
		m.changes = append(m.changes, fmt.Sprint(m.state, "->", state))
	}
	m.state, m.since, m.control, m.until = state, m.now, circuitbreaker.ControlAuto, 0
	m.stay++
	m.ended, m.inARow, m.admitted, m.goodTrials, m.slowTrials = nil, 0, 0, 0, 0
	if state == circuitbreaker.Closed {
		m.streak = 0
	}
	if state != circuitbreaker.HalfOpen {
		m.limit = m.cfg.HalfOpenMaxCalls
	}
}

func (m *model) seen() circuitbreaker.State {
	if m.state == circuitbreaker.Open && m.now >= m.due {
		return circuitbreaker.HalfOpen
	}
	return m.state
}

func (m *model) inControl() circuitbreaker.Control {
	if m.now >= m.until {
		return circuitbreaker.ControlAuto
	}
	return m.control
}

func (m *model) refuses() bool {
	return m.seen() == circuitbreaker.Open || m.state == circuitbreaker.HalfOpen && m.admitted >= m.limit
}

// begin returns nil if the call is refused.
func (m *model) begin(longest time.Duration) *modelCall {
	if m.refuses() {
		m.rejected++
		return nil
	}
	if m.inControl() == circuitbreaker.ControlBypass {
		return &modelCall{ghost: true}
	}
	if m.state == circuitbreaker.Open {
		m.enter(circuitbreaker.HalfOpen)
	}
	c := &modelCall{stay: m.stay, trial: m.state == circuitbreaker.HalfOpen, deadline: m.now + longest + time.Second}
	if m.cfg.SlowCallDuration > 0 {
		c.slowAt = m.now + m.cfg.SlowCallDuration
	}
	if c.trial {
		m.admitted++
		m.leases = append(m.leases, c)
	}
	return c
}

func (m *model) advance(by time.Duration) {
	end := m.now + by
	for len(m.leases) > 0 {
		slices.SortStableFunc(m.leases, func(a, b *modelCall) int { return cmp.Compare(a.deadline, b.deadline) })
		if m.leases[0].deadline > end {
			break
		}
		m.now = m.leases[0].deadline
		m.end(m.leases[0], circuitbreaker.Failure)
	}
	m.now = end
}

func (m *model) end(c *modelCall, outcome circuitbreaker.Outcome) {
	if c.ghost || c.done {
		return
	}
	c.done = true
	m.leases = slices.DeleteFunc(m.leases, func(other *modelCall) bool { return other == c })
	slow := c.slowAt != 0 && m.now > c.slowAt && outcome != circuitbreaker.Excluded
	m.count(outcome, slow)
	switch {
	case c.stay != m.stay:
	case c.trial:
		m.endTrial(outcome, slow)
	case outcome != circuitbreaker.Excluded:
		m.endCall(outcome == circuitbreaker.Failure, slow)
	}
}

func (m *model) count(outcome circuitbreaker.Outcome, slow bool) {
	switch outcome {
	case circuitbreaker.Success:
		m.successes++
	case circuitbreaker.Failure:
		m.failures++
	case circuitbreaker.Excluded:
		m.excluded++
	}
	if slow {
		m.slow++
	}
}

func (m *model) endTrial(outcome circuitbreaker.Outcome, slow bool) {
	if slow {
		m.slowTrials++
	}
	switch {
	case outcome == circuitbreaker.Excluded:
		m.admitted--
	case outcome == circuitbreaker.Failure:
		m.open()
	case slow && float64(m.slowTrials)/float64(m.limit) >= float64(m.cfg.SlowCallThreshold):
		m.open()
	default:
		m.goodTrials++
		if m.goodTrials == m.limit {
			m.close()
		}
	}
}

func (m *model) endCall(failed, slow bool) {
	m.ended = append(m.ended, modelEnd{m.now.Truncate(time.Second), failed, slow})
	m.inARow++
	if !failed {
		m.inARow = 0
	}
	calls, failures, slows := m.window()
	bad := func(n int, threshold config.Ratio) bool { return float64(n)/float64(calls) >= float64(threshold) }
	switch {
	case m.inControl() == circuitbreaker.ControlClosed:
	case m.cfg.ConsecutiveFailures > 0 && m.inARow >= m.cfg.ConsecutiveFailures:
		m.open()
	case calls >= m.cfg.MinThroughput &&
		(bad(failures, m.cfg.FailureThreshold) || m.cfg.SlowCallDuration > 0 && bad(slows, m.cfg.SlowCallThreshold)):
		m.open()
	}
}

func (m *model) window() (calls, failures, slow int) {
	oldest := m.now.Truncate(time.Second) - m.cfg.SlidingWindow
	m.ended = slices.DeleteFunc(m.ended, func(e modelEnd) bool { return e.second <= oldest })
	for _, e := range m.ended {
		calls++
		if e.failed {
			failures++
		}
		if e.slow {
			slow++
		}
	}
	return calls, failures, slow
}

func (m *model) open() {
	m.streak++
	wait := float64(m.cfg.ResetTimeout)
	for range m.streak - 1 {
		wait *= m.cfg.ResetGrowth
	}
	if m.cfg.ResetGrowth > 1 {
		wait = min(wait, float64(m.cfg.MaxResetTimeout))
	}
	m.enter(circuitbreaker.Open)
	m.due = m.now + time.Duration(wait)
}

func (m *model) close() { m.enter(circuitbreaker.Closed) }

func (m *model) ends(d time.Duration) time.Duration {
	if d <= 0 {
		return never
	}
	return m.now + d
}

func (m *model) forceOpen(d time.Duration) {
	if d == 0 {
		d = m.cfg.ResetTimeout
	}
	m.enter(circuitbreaker.Open)
	m.due, m.opened = m.ends(d), m.now
	m.control, m.until = circuitbreaker.ControlOpen, m.due
}

func (m *model) forceClose(d time.Duration) {
	if m.state != circuitbreaker.Closed {
		m.enter(circuitbreaker.Closed)
	}
	m.control, m.until = circuitbreaker.ControlClosed, m.ends(d)
}

func (m *model) bypass(d time.Duration) {
	m.enter(circuitbreaker.Closed)
	m.control, m.until = circuitbreaker.ControlBypass, m.ends(d)
}

func (m *model) auto() {
	if m.inControl() == circuitbreaker.ControlOpen {
		m.due = max(m.now, m.opened+time.Millisecond)
	}
	m.control = circuitbreaker.ControlAuto
}

func (m *model) configure(cfg circuitbreaker.Config) {
	m.window() // what has left the old one does not come back
	if m.seen() == circuitbreaker.Open && m.limit != cfg.HalfOpenMaxCalls {
		m.opened = m.now // the trials are prepared anew, which takes a moment
	}
	m.cfg = cfg
	if m.seen() != circuitbreaker.HalfOpen {
		m.limit = cfg.HalfOpenMaxCalls
	}
}

// dueAt is what a refusal says: zero if nobody can tell.
func (m *model) dueAt(start time.Time) time.Time {
	if m.state != circuitbreaker.Open || m.due == never {
		return time.Time{}
	}
	return start.Add(m.due)
}

func (m *model) snapshot() snapshot {
	s := snapshot{
		state: m.seen(), control: m.inControl(), since: m.since,
		successes: m.successes, failures: m.failures, excluded: m.excluded, rejected: m.rejected, slow: m.slow,
		refuses: m.refuses(),
	}
	switch m.state {
	case circuitbreaker.Closed:
		calls, failures, slow := m.window()
		s.windowCalls, s.windowFailures, s.windowSlow = uint64(calls), uint64(failures), uint64(slow) //nolint:gosec // small
		s.inARow = m.inARow
	case circuitbreaker.HalfOpen:
		s.trials = m.admitted
	case circuitbreaker.Open:
	}
	return s
}
