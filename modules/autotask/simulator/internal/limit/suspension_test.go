package limit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestSuspension(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly = 100 })
	g.AddForeign(g.now, 99)
	g.request()
	for _, code := range []string{"ONE", "TWO"} {
		a := g.refused(code, "Companies")
		require.Equal(t, 429, a.Status)
		require.Equal(t, wire.Suspended, a.Cause)
		require.Empty(t, a.RetryAfter)
		require.Equal(t, "application/json; charset=utf-8", a.ContentType)
		require.JSONEq(t,
			`{"errors":["The external request threshold of 100 requests in 60 minutes has been exceeded."]}`,
			string(a.Body))
	}
	require.Equal(t, 100, g.rolling(), "what is refused does not prolong it")
	require.Empty(t, g.Peaks()["Companies"])
	g.pass(time.Hour - time.Millisecond)
	g.refused("ONE", "Companies")
	g.pass(time.Millisecond)
	g.request()
}

func TestSuspensionIsMisuseOfWhoFilledTheWindow(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly = 3 })
	g.request()
	g.AddForeign(g.now, 2)
	require.Empty(t, g.refused("CODE", "Tickets").Misuse)
	g.Reset()
	for range 3 {
		g.request()
	}
	require.Equal(t, "hourly_limit", g.refused("CODE", "Tickets").Misuse)
}

func TestSuspensionSwitches(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) {
		cfg.Hourly, cfg.Window = 1, 90*time.Second
		cfg.SuspendedStatus, cfg.SuspendedText = 403, "Enough."
	})
	g.request()
	a := g.refused("CODE", "Tickets")
	require.Equal(t, 403, a.Status)
	require.JSONEq(t, `{"errors":["Enough."]}`, string(a.Body))
}

func TestRetryAfterTellsWhenTheNextIsLetIn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header, want string
	}{
		"none":    {"", ""},
		"seconds": {"seconds", "3300"}, // 54 min 59.8 s
		"date":    {"date", "Sun, 22 Nov 2026 13:05:02 GMT"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.RetryAfter = 300, tc.header })
			g.now = noon.Add(5*time.Minute + 500*time.Millisecond)
			g.AddForeign(g.now, 1)
			g.pass(time.Second)
			g.AddForeign(g.now, 300) // both bursts must go
			g.pass(5*time.Minute + 200*time.Millisecond)
			require.Equal(t, tc.want, g.refused("CODE", "Tickets").RetryAfter)
		})
	}
}

// Whoever comes back when the header says so is let in, and whoever comes a second earlier is not.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.RetryAfter = 3, "seconds" })
	g.request()
	g.pass(1500 * time.Millisecond)
	g.AddForeign(g.now, 3)
	g.pass(10 * time.Second)
	a := g.refused("CODE", "Tickets")
	require.Equal(t, "3590", a.RetryAfter)
	g.pass(3589 * time.Second)
	g.refused("CODE", "Tickets")
	g.pass(time.Second)
	g.request()
}

func TestOneMailPerSuspension(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) {
		cfg.Hourly = 2
		cfg.Mail = limit.Mail{Support: "support@holdfast-demo.example", User: "api@holdfast-demo.example"}
	})
	g.request()
	require.Empty(t, g.Notices())
	g.request()
	g.refused("CODE", "Tickets")
	g.refused("CODE", "Tickets")
	g.AddForeign(g.now, 5)
	want := limit.Notice{
		At: noon, To: "support@holdfast-demo.example",
		Subject: "Autotask API: The external request threshold of 2 requests in 60 minutes has been exceeded.",
	}
	require.Equal(t, []limit.Notice{want}, g.Notices())
	g.pass(time.Hour)
	g.AddForeign(g.now, 2)
	want.At = noon.Add(time.Hour)
	require.Equal(t, want, g.Notices()[1])
	for range 200 {
		g.pass(time.Hour)
		g.AddForeign(g.now, 2)
	}
	require.Len(t, g.Notices(), 100)
	require.Equal(t, g.now, g.Notices()[99].At)
	g.Reset()
	require.Empty(t, g.Notices())
}

func TestWhoIsMailed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mail limit.Mail
		want string
	}{
		"mailbox": {limit.Mail{ATES: "a@x.example", Support: "help@x.example", User: "api@x.example"}, "a@x.example"},
		"support": {limit.Mail{Support: "help@x.example", User: "api@x.example"}, "help@x.example"},
		"user":    {limit.Mail{User: "api@x.example"}, "api@x.example"},
		"none":    {limit.Mail{}, "nobody"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.Mail = 1, tc.mail })
			g.request()
			require.Equal(t, tc.want, g.Notices()[0].To)
		})
	}
}

func TestLatencyByUsage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		limit, count int // with the request itself
		scale        float64
		want         time.Duration
	}{
		{10_000, 4_999, 1, 0},
		{10_000, 5_000, 1, 500 * time.Millisecond},
		{10_000, 7_499, 1, 500 * time.Millisecond},
		{10_000, 7_500, 1, time.Second},
		{10_000, 10_000, 1, time.Second},
		{10_000, 10_000, 0, 0},
		{10_000, 5_000, 0.01, 5 * time.Millisecond},
		{10_000, 5_000, 4, 2 * time.Second},
		{10_000, 5_000, 1e300, time.Hour},
		{10_000, 5_000, -1, 0},
		{3, 1, 1, 0},                      // 33 %
		{3, 2, 1, 500 * time.Millisecond}, // 67 %
		{3, 3, 1, time.Second},
		{5, 2, 1, 0},                      // 40 %
		{5, 3, 1, 500 * time.Millisecond}, // 60 %
		{5, 4, 1, time.Second},            // 80 %
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%d of %d by %g", tc.count, tc.limit, tc.scale), func(t *testing.T) {
			t.Parallel()
			g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.UsageScale = tc.limit, tc.scale })
			g.AddForeign(g.now, tc.count-1)
			_, wait := g.enter("CODE", "Tickets")
			require.Equal(t, tc.want, wait)
		})
	}
}
