package circuitbreaker_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

const hold = circuitbreaker.Hold

// logged returns a Service and what it logs, as text without times and module.
func logged(t *testing.T, cfg circuitbreaker.Config) (*circuitbreaker.Service, *bytes.Buffer) {
	t.Helper()
	var text bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "module" || a.Key == "until" {
			return slog.Attr{}
		}
		return a
	}
	s, err := circuitbreaker.NewService(cfg, slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: drop})))
	require.NoError(t, err)
	return s, &text
}

func TestForceOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 1})
		require.False(t, s.ForceOpen("upstream", "", 0))
		b := s.Get("upstream")

		require.True(t, s.ForceOpen("upstream", "maintenance", 2*time.Hour))
		m := b.Metrics()
		require.Equal(t, circuitbreaker.ControlOpen, m.Control)
		require.Equal(t, "maintenance", m.ControlReason)
		require.Equal(t, 2*time.Hour, time.Until(m.ControlUntil))
		require.Equal(t, m.ControlUntil, m.Until)
		play(t, b, "R")
		require.Equal(t, 1, play(t, b, "S"))
		require.NoError(t, refusal(t, b).Last)
		time.Sleep(2 * time.Hour)
		require.Equal(t, circuitbreaker.ControlAuto, b.Metrics().Control)
		play(t, b, "F")
		require.Equal(t, circuitbreaker.Open, b.State())
		require.Equal(t, 30*time.Second, time.Until(b.Metrics().Until), "from then on its own time")

		require.True(t, s.ForceOpen("upstream", "", 0))
		require.Equal(t, 30*time.Second, time.Until(b.Metrics().Until), "its reset time")
		require.True(t, s.ForceOpen("upstream", "", time.Second))
		require.Equal(t, time.Second, time.Until(b.Metrics().Until), "the latest order holds")
		time.Sleep(time.Second)
		play(t, b, "S")
		require.Equal(t, circuitbreaker.Closed, b.State())

		require.True(t, s.ForceOpen("upstream", "", hold))
		require.True(t, b.Metrics().ControlUntil.IsZero())
		require.True(t, b.Metrics().Until.IsZero())
		require.Equal(t, 1, play(t, b, "R S"))
		require.True(t, s.Auto("upstream", "done"))
		require.Equal(t, circuitbreaker.HalfOpen, b.State(), "trials begin")
		play(t, b, "S")
		require.Equal(t, circuitbreaker.Closed, b.State())
	})
}

func TestForceClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{SlidingWindow: 10 * time.Second, ConsecutiveFailures: 20})
		require.False(t, s.ForceClose("upstream", "", 0))
		b := s.Get("upstream")
		play(t, b, "FFFFFFFFFF")
		require.True(t, s.ForceClose("upstream", "it lies", 5*time.Second))
		require.Zero(t, b.Metrics().WindowCalls, "it was open")
		require.Zero(t, play(t, b, strings.Repeat("F", 50)))
		m := b.Metrics()
		require.Equal(t, circuitbreaker.Closed, m.State)
		require.Equal(t, circuitbreaker.ControlClosed, m.Control)
		require.EqualValues(t, 50, m.WindowFailures)
		play(t, b, "++++ S")
		require.Equal(t, circuitbreaker.Closed, b.State())
		play(t, b, "+ S")
		require.Equal(t, circuitbreaker.Open, b.State(), "the order has run out, and the window decides")

		s.ForceClose("upstream", "", 0)
		play(t, b, strings.Repeat("F", 50))
		time.Sleep(24 * time.Hour)
		require.Equal(t, circuitbreaker.ControlClosed, b.Metrics().Control, "until further notice")
		play(t, b, strings.Repeat("F", 50))
		require.True(t, s.Auto("upstream", ""))
		require.Equal(t, circuitbreaker.Closed, b.State(), "no call has ended")
		play(t, b, "S")
		require.Equal(t, circuitbreaker.Open, b.State())
	})
}

func TestForceCloseKeepsTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		b := s.Get("upstream")
		play(t, b, "SSFF")
		running, err := b.Acquire()
		require.NoError(t, err)
		s.ForceClose("upstream", "", hold)
		running.Done(circuitbreaker.Failure, errBoom)
		require.EqualValues(t, 5, b.Metrics().WindowCalls)
		s.Auto("upstream", "")
		require.EqualValues(t, 5, b.Metrics().WindowCalls)
	})
}

func TestBypass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		require.False(t, s.Bypass("upstream", "", 0))
		b := s.Get("upstream")
		play(t, b, "FFFFFFFFFF")
		s.Bypass("upstream", "broken statistics", time.Minute)
		running, err := b.Acquire()
		require.NoError(t, err)
		require.Zero(t, play(t, b, strings.Repeat("F", 50)))
		m := b.Metrics()
		require.EqualValues(t, 10, m.Calls)
		require.Equal(t, circuitbreaker.ControlBypass, m.Control)
		require.Equal(t, circuitbreaker.Closed, m.State)
		time.Sleep(time.Minute)
		running.Done(circuitbreaker.Failure, errBoom)
		require.EqualValues(t, 10, b.Metrics().Calls, "it began in the bypass")
		play(t, b, "FFFFFFFFF")
		require.Equal(t, circuitbreaker.Closed, b.State())
		play(t, b, "F")
		require.Equal(t, circuitbreaker.Open, b.State())
	})
}

// TestDuration is the table of the verbs and their durations.
func TestDuration(t *testing.T) {
	t.Parallel()
	type service = *circuitbreaker.Service
	tests := map[string]struct {
		verb       func(service, string, string, time.Duration) bool
		d          time.Duration
		wantFor    time.Duration // negative: never ends
		wantDuring circuitbreaker.Control
		wantAfter  circuitbreaker.State
	}{
		"open, for a time":        {service.ForceOpen, time.Hour, time.Hour, circuitbreaker.ControlOpen, circuitbreaker.HalfOpen},
		"open, its reset time":    {service.ForceOpen, 0, 30 * time.Second, circuitbreaker.ControlOpen, circuitbreaker.HalfOpen},
		"open, on hold":           {service.ForceOpen, hold, -1, circuitbreaker.ControlOpen, 0},
		"open, for ever":          {service.ForceOpen, 1<<63 - 1, -1, circuitbreaker.ControlOpen, 0},
		"closed, for a time":      {service.ForceClose, time.Hour, time.Hour, circuitbreaker.ControlClosed, circuitbreaker.Closed},
		"closed, unsaid":          {service.ForceClose, 0, -1, circuitbreaker.ControlClosed, 0},
		"closed, on hold":         {service.ForceClose, hold, -1, circuitbreaker.ControlClosed, 0},
		"bypassed, for a time":    {service.Bypass, time.Hour, time.Hour, circuitbreaker.ControlBypass, circuitbreaker.Closed},
		"bypassed, unsaid":        {service.Bypass, 0, -1, circuitbreaker.ControlBypass, 0},
		"bypassed, on hold":       {service.Bypass, hold, -1, circuitbreaker.ControlBypass, 0},
		"open, next to nothing":   {service.ForceOpen, 1, time.Millisecond, circuitbreaker.ControlOpen, circuitbreaker.HalfOpen},
		"closed, next to nothing": {service.ForceClose, 1, 1, circuitbreaker.ControlClosed, circuitbreaker.Closed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, circuitbreaker.Config{})
				b := s.Get("upstream")
				require.True(t, tc.verb(s, "upstream", "", tc.d))
				if tc.wantFor < 0 {
					time.Sleep(100 * 24 * time.Hour)
					require.Equal(t, tc.wantDuring, b.Metrics().Control)
					require.True(t, s.Reset("upstream"))
				} else {
					time.Sleep(tc.wantFor - 1)
					require.Equal(t, tc.wantDuring, b.Metrics().Control)
					time.Sleep(time.Nanosecond)
					require.Equal(t, tc.wantAfter, b.State())
				}
				require.Equal(t, circuitbreaker.ControlAuto, b.Metrics().Control)
			})
		})
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 1})
		require.False(t, s.Reset("upstream"))
		require.False(t, s.Auto("upstream", ""))
		b := s.Get("upstream")
		for _, script := range []string{"FFFFFFFFFF", "FFFFF", "FFFFFFFFFF R"} {
			play(t, b, script)
			require.True(t, s.Reset("upstream"))
			m := b.Metrics()
			require.Equal(t, circuitbreaker.Closed, m.State)
			require.Zero(t, m.WindowCalls)
			require.Zero(t, m.FailuresInARow)
			require.NoError(t, m.LastError)
		}
	})
}

func TestEveryVerbIsOneLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, text := logged(t, circuitbreaker.Config{})
		b := s.Get("upstream")
		s.ForceOpen("upstream", "maintenance", time.Hour)
		s.ForceOpen("upstream", "longer", hold) // it is open already
		s.Auto("upstream", "done")
		s.ForceClose("upstream", "", 0)
		s.Bypass("upstream", "no trust", time.Minute)
		s.Reset("upstream")
		require.NoError(t, s.Configure("upstream", circuitbreaker.Config{MinThroughput: 5}))
		play(t, b, "FFFFF R S")
		const line = `level=WARN msg="circuit breaker controlled" breaker=upstream `
		require.Equal(t, []string{
			line + `previous=closed state=open verb=open for=1h0m0s reason=maintenance`,
			line + `previous=open state=open verb=open for="until auto or reset" reason=longer`,
			line + `previous=open state=open verb=auto for=once reason=done`,
			line + `previous=open state=closed verb=close for="until auto or reset" reason="none given"`,
			line + `previous=closed state=closed verb=bypass for=1m0s reason="no trust"`,
			line + `previous=closed state=closed verb=reset for=once reason="none given"`,
			line + `previous=closed state=closed verb=configure for=once reason="` + b.Config().String() + `"`,
			`level=WARN msg="circuit breaker opened" breaker=upstream previous=closed failure_rate=1 slow_rate=0 calls=5 last_error=boom`,
			`level=INFO msg="circuit breaker half-open" breaker=upstream previous=open`,
		}, strings.Split(strings.TrimSpace(text.String()), "\n"))
	})
}

func TestSubscribe(t *testing.T) { // PX-08
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 1})
		b := s.Get("upstream")
		var got, late []circuitbreaker.Change
		var leave func()
		leave = s.Subscribe(func(c circuitbreaker.Change) {
			got = append(got, c)
			_, _, _ = b.State(), b.Metrics(), b.Do(t.Context(), end(nil))
			switch len(got) {
			case 1:
				s.ForceClose("upstream", "by the listener", 0) // arrives after this call
				require.Len(t, got, 1)
			case 3:
				leave()
			}
		})
		s.Subscribe(func(circuitbreaker.Change) { panic("a bad listener") })
		s.Subscribe(func(c circuitbreaker.Change) { late = append(late, c) })
		play(t, b, "FFFFFFFFFF")
		s.Auto("upstream", "")
		s.ForceOpen("upstream", "the last", time.Minute)
		require.Len(t, got, 3)
		now := time.Now()
		require.Equal(t, []circuitbreaker.Change{
			{Name: "upstream", From: 0, To: circuitbreaker.Open, At: now, Until: now.Add(30 * time.Second), Err: errBoom},
			{Name: "upstream", From: circuitbreaker.Open, To: 0, At: now, Verb: circuitbreaker.VerbClose, Reason: "by the listener"},
			{Name: "upstream", At: now, Verb: circuitbreaker.VerbAuto, Reason: "none given"},
			{
				Name: "upstream", To: circuitbreaker.Open, At: now, Until: now.Add(time.Minute),
				Verb: circuitbreaker.VerbOpen, For: time.Minute, Reason: "the last",
			},
		}, late, "a listener that panics or leaves keeps nothing from the others")
	})
}

func TestNothingIsHeardAfterUnsubscribe(t *testing.T) { // PX-08
	t.Parallel()
	s := newService(t, circuitbreaker.Config{})
	s.Get("upstream")
	var leave func()
	s.Subscribe(func(circuitbreaker.Change) { leave() })
	leave = s.Subscribe(func(circuitbreaker.Change) { t.Error("it has unsubscribed before its turn came") })
	s.Reset("upstream")
	s.Reset("upstream")
}

func TestListenerThatBlocksHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		b := s.Get("upstream")
		release := make(chan struct{})
		var heard []string
		s.Subscribe(func(c circuitbreaker.Change) { heard = append(heard, c.Reason); <-release })
		go s.ForceOpen("upstream", "first", time.Hour)
		synctest.Wait()
		for i := range 5000 {
			s.ForceOpen("upstream", fmt.Sprint(i), time.Hour)
			require.Equal(t, 1, play(t, b, "S"))
		}
		close(release)
		synctest.Wait()
		want := []string{"first"}
		for i := range 1000 {
			want = append(want, fmt.Sprint(4000+i))
		}
		require.Equal(t, want, heard, "the one that blocked, and what is kept, in order")
	})
}

func TestListenerMayUseOtherBreakersAtOnce(t *testing.T) { // real goroutines
	t.Parallel()
	s := newService(t, circuitbreaker.Config{})
	s.Get("a")
	s.Get("b")
	s.Subscribe(func(c circuitbreaker.Change) {
		if c.Verb == circuitbreaker.VerbOpen {
			other := map[string]string{"a": "b", "b": "a"}[c.Name]
			s.Reset(other)
			s.Metrics(other)
			_ = s.Execute(t.Context(), c.Name, end(nil), nil)
		}
	})
	done := make(chan struct{}, 2)
	for _, name := range []string{"a", "b"} {
		go func() {
			for range 500 {
				s.ForceOpen(name, "", hold)
			}
			done <- struct{}{}
		}()
	}
	<-done
	<-done
}
