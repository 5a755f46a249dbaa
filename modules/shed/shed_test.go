package shed_test

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/metrics"
	"github.com/holdfast-go/holdfast/modules/shed"
)

const low, normal, high, critical = bulkhead.Low, bulkhead.Normal, bulkhead.High, bulkhead.Critical

// Each priority fills its part of what may be in flight, whoever fills the rest.
func TestInFlight(t *testing.T) {
	t.Parallel()
	s := newShedder(t, shed.Config{MaxInFlight: 100})
	for _, step := range []struct {
		p    bulkhead.Priority
		want int
	}{{low, 70}, {normal, 85}, {low, 85}, {high, 95}, {normal, 95}, {critical, 100}, {critical + 5, 100}, {low - 5, 100}} {
		var err error
		for err == nil {
			err = s.Admit(step.p)
		}
		requireRefused(t, err, shed.ReasonInFlight)
		require.Equal(t, step.want, s.Stats().InFlight)
	}
	require.Equal(t, map[string]map[bulkhead.Priority]uint64{
		shed.ReasonInFlight: {low: 3, normal: 2, high: 1, critical: 2},
	}, s.Stats().Refused)
	for range 31 {
		s.Done()
	}
	require.NoError(t, s.Admit(low))
}

// A bound of one call is one for every priority.
func TestSmallBound(t *testing.T) {
	t.Parallel()
	s := newShedder(t, shed.Config{MaxInFlight: 1})
	require.NoError(t, s.Admit(low))
	require.Error(t, s.Admit(critical))
}

// Of many that come at once exactly as many as there is room for get in.
func exactBound(t *testing.T) {
	t.Helper()
	s := newShedder(t, shed.Config{MaxInFlight: 20})
	var in atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 20 {
				if s.Admit(normal) == nil {
					in.Add(1)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 17, in.Load())
	require.Equal(t, 17, s.Stats().InFlight)
}

func TestOff(t *testing.T) {
	t.Parallel()
	var none *shed.Shedder
	for name, s := range map[string]*shed.Shedder{"nil": none, "off": newShedder(t, shed.Config{})} {
		require.False(t, s.Enabled(), name)
		for range 1000 {
			require.NoError(t, s.Admit(low), name)
		}
		s.Done()
		require.Empty(t, s.Stats().Refused, name)
		require.Zero(t, s.Stats().InFlight, name)
	}
}

// Without a sign nothing runs: the bubble can end without Stop.
func TestNothingIsSampled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		s := newShedder(t, shed.Config{MaxInFlight: 1}, m.option())
		require.True(t, s.Enabled())
		require.NoError(t, s.Start(t.Context()))
		time.Sleep(time.Minute)
		require.Zero(t, m.reads.cpu.Load()+m.reads.wait.Load())
		require.NoError(t, s.Stop(t.Context()))
	})
}

// Low priority is refused first, more and more of it, then normal, then high;
// critical never. It ends half as fast.
func TestQueueDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		s := newShedder(t, shed.Config{QueueDelay: 5 * time.Millisecond}, m.option())
		start(t, s)
		after := func(d time.Duration, wantLow, wantNormal, wantHigh int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			for p, want := range map[bulkhead.Priority]int{low: wantLow, normal: wantNormal, high: wantHigh, critical: 1000} {
				if want == 0 || want == 1000 {
					require.Equal(t, want, share(t, s, p), p)
					continue
				}
				require.InDelta(t, want, share(t, s, p), 120, p) // at random
			}
		}
		m.wait.Store(int64(5 * time.Millisecond)) // the target itself
		after(10*time.Second+50*time.Millisecond, 1000, 1000, 1000)
		m.wait.Add(1)
		after(500*time.Millisecond, 500, 1000, 1000)
		after(500*time.Millisecond, 0, 1000, 1000)
		after(500*time.Millisecond, 0, 500, 1000)
		after(1000*time.Millisecond, 0, 0, 500)
		after(time.Hour, 0, 0, 0)
		require.InDelta(t, 3, s.Stats().DelayLevel, 0)
		require.Equal(t, 5*time.Millisecond+1, s.Stats().Delay)
		requireRefused(t, s.Admit(high), shed.ReasonQueueDelay)
		m.wait.Store(0)
		after(time.Second, 0, 0, 500)
		after(2*time.Second, 0, 500, 1000)
		after(3*time.Second, 1000, 1000, 1000)
		require.Zero(t, s.Stats().DelayLevel)
	})
}

// The average of a second counts, of all processors.
func TestCPU(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		s := newShedder(t, shed.Config{CPUThreshold: 0.8}, m.option())
		start(t, s)
		m.busy.Store(1590) // of two processors
		time.Sleep(time.Minute + 50*time.Millisecond)
		synctest.Wait()
		require.InDelta(t, 0.795, s.Stats().CPU, 0.001)
		require.Zero(t, s.Stats().CPULevel)
		m.busy.Store(0)
		time.Sleep(time.Minute)
		m.busy.Store(2000)
		time.Sleep(700 * time.Millisecond)
		synctest.Wait()
		require.Zero(t, s.Stats().CPULevel, "a burst: 79 % in the average")
		time.Sleep(time.Second)
		synctest.Wait()
		require.InDelta(t, 1, s.Stats().CPULevel, 0.001)
		requireRefused(t, s.Admit(low), shed.ReasonCPU)
		require.NoError(t, s.Admit(normal))
	})
}

// A service that is asked for twice what its processor can do settles where it
// can, and swings little.
func TestSettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		s := newShedder(t, shed.Config{CPUThreshold: 0.9}, m.option())
		start(t, s)
		time.Sleep(50 * time.Millisecond)
		let := 0
		for i := range 600 { // a minute
			n := 0
			for range 100 {
				if s.Admit(normal) == nil {
					n++
				}
			}
			m.busy.Store(int64(min(n*40, 2000))) // 50 calls are all it can do
			time.Sleep(100 * time.Millisecond)
			if i >= 100 {
				let += min(n, 50)
			}
		}
		require.Greater(t, let, 500*50*80/100, "of what it could do is done")
		t.Logf("%d of %d", let, 500*50)
	})
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		m.wait.Store(int64(time.Second))
		s := newShedder(t, shed.Config{QueueDelay: time.Millisecond}, m.option())
		require.NoError(t, s.Stop(t.Context()), "before it was started")
		for range 2 {
			require.NoError(t, s.Start(t.Context()))
			require.NoError(t, s.Start(t.Context()))
			time.Sleep(10 * time.Second)
			synctest.Wait()
			require.Error(t, s.Admit(high))
			require.NoError(t, s.Stop(t.Context()))
			require.NoError(t, s.Stop(t.Context()))
			require.NoError(t, s.Admit(low), "what was seen is over")
			require.Equal(t, shed.Stats{Refused: s.Stats().Refused}, s.Stats())
		}
		reads := m.reads.wait.Load()
		require.EqualValues(t, 2*(1+100), reads)
		time.Sleep(time.Minute)
		require.Equal(t, reads, m.reads.wait.Load())
	})
}

func TestStopGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		wait := func() time.Duration { <-stuck; return 0 }
		s := newShedder(t, shed.Config{QueueDelay: 1}, shed.WithSigns(nil, wait, 1))
		require.NoError(t, s.Start(t.Context()))
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
		close(stuck)
	})
}

// A sampler that Stop gave up on and the next one do not look at the same time.
func TestStartAfterStopGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck, looking := make(chan struct{}), 0 // not guarded: the race detector tells
		wait := func() time.Duration {
			looking++
			<-stuck
			return 0
		}
		s := newShedder(t, shed.Config{QueueDelay: 1}, shed.WithSigns(nil, wait, 1))
		require.NoError(t, s.Start(t.Context()))
		synctest.Wait()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.Stop(gone), context.Canceled)
		require.ErrorIs(t, s.Stop(gone), context.Canceled, "it runs still")
		require.NoError(t, s.Start(t.Context()))
		synctest.Wait()
		require.Equal(t, 1, looking)
		close(stuck)
		require.NoError(t, s.Stop(t.Context()))
		require.Equal(t, 2, looking)
	})
}

// requireRefused checks what retries, breakers and whoever answers ask of err.
func requireRefused(t *testing.T, err error, reason string) {
	t.Helper()
	var refused *shed.OverloadedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, reason, refused.Reason)
	require.Equal(t, "the process has too much to do for a call of "+refused.Priority.String()+" priority: "+reason, err.Error())
	require.Equal(t, http.StatusServiceUnavailable, refused.StatusCode())
	require.False(t, refused.Transient())
	require.True(t, refused.Excluded())
	require.Equal(t, "overloaded", refused.ProblemType())
	require.GreaterOrEqual(t, refused.RetryAfter(), time.Second)
	require.LessOrEqual(t, refused.RetryAfter(), 3*time.Second)
}

func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		s, err := shed.New(shed.Config{QueueDelay: 5 * time.Millisecond}, log, m.option())
		require.NoError(t, err)
		m.wait.Store(int64(7 * time.Millisecond))
		require.NoError(t, s.Start(t.Context()))
		time.Sleep(10 * time.Second)
		m.wait.Store(0)
		time.Sleep(10 * time.Second)
		require.NoError(t, s.Stop(t.Context()))
		require.Equal(t, `level=WARN msg="shedding began" module=shed reason=queue-delay delay=7ms
level=INFO msg="shedding ended" module=shed reason=queue-delay delay=0s
`, text.String())
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m machine
		m.busy.Store(500)
		m.wait.Store(int64(20 * time.Millisecond))
		s := newShedder(t, shed.Config{MaxInFlight: 2, CPUThreshold: 0.9, QueueDelay: 5 * time.Millisecond}, m.option())
		start(t, s)
		time.Sleep(1050 * time.Millisecond)
		synctest.Wait()
		require.Error(t, s.Admit(low))
		require.NoError(t, s.Admit(normal))
		require.Error(t, s.Admit(normal))
		require.NoError(t, testutil.CollectAndCompare(s, strings.NewReader(`
# HELP shed_in_flight Calls that were let in and are not done.
# TYPE shed_in_flight gauge
shed_in_flight 1
# HELP shed_level What is refused: up to 1 low priority, up to 2 normal, up to 3 high.
# TYPE shed_level gauge
shed_level{reason="cpu"} 0
shed_level{reason="queue-delay"} 1
# HELP shed_queue_delay_seconds Wait for a processor that nine in ten goroutines stayed within.
# TYPE shed_queue_delay_seconds gauge
shed_queue_delay_seconds 0.02
# HELP shed_refused_total Calls refused because the process had too much to do.
# TYPE shed_refused_total counter
shed_refused_total{priority="low",reason="queue-delay"} 1
shed_refused_total{priority="normal",reason="in-flight"} 1
`), "shed_in_flight", "shed_level", "shed_queue_delay_seconds", "shed_refused_total"))
		require.Equal(t, 1, testutil.CollectAndCount(s, "shed_cpu_ratio"))
	})
	problems, err := testutil.CollectAndLint(newShedder(t, shed.Config{MaxInFlight: 1, CPUThreshold: 1, QueueDelay: 1}))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Zero(t, testutil.CollectAndCount(newShedder(t, shed.Config{})), "what is off has no series")
}

// What the sampler reads from this very process.
func TestProcess(t *testing.T) {
	t.Parallel()
	cpu, wait := shed.Process()
	before := cpu()
	require.Zero(t, wait(), "the first look is where counting begins")
	for x := 0.0; cpu() < before+20*time.Millisecond; {
		x += math.Sqrt(x)
	}
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {})
	}
	all.Wait()
	got := wait()
	require.GreaterOrEqual(t, got, time.Duration(0))
	require.Less(t, got, time.Minute)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  shed.Config
		want string
	}{
		"zero":                {},
		"everything":          {cfg: shed.Config{MaxInFlight: 1_000_000, CPUThreshold: 1, QueueDelay: 10 * time.Second}},
		"in flight":           {shed.Config{MaxInFlight: -1}, `SHED_MAX_IN_FLIGHT="-1": must be between 0 and 1000000, for example SHED_MAX_IN_FLIGHT=1000`},
		"in flight, too many": {shed.Config{MaxInFlight: 1_000_001}, `SHED_MAX_IN_FLIGHT="1000001": must be between 0 and 1000000, for example SHED_MAX_IN_FLIGHT=1000`},
		"cpu":                 {shed.Config{CPUThreshold: 1.5}, `SHED_CPU_THRESHOLD="1.5": must be between 0 and 1, for example SHED_CPU_THRESHOLD=0.9`},
		"cpu, no number":      {shed.Config{CPUThreshold: config.Ratio(math.NaN())}, `SHED_CPU_THRESHOLD="NaN": must be between 0 and 1, for example SHED_CPU_THRESHOLD=0.9`},
		"delay":               {shed.Config{QueueDelay: time.Minute}, `SHED_QUEUE_DELAY="1m0s": must be between 0 and 10s, for example SHED_QUEUE_DELAY=5`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := shed.New(tc.cfg, slog.New(slog.DiscardHandler))
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tc.want)
		})
	}
}

func TestModule(t *testing.T) { // sets the environment of the process
	t.Setenv("APP_ENV", "test")
	t.Setenv("SHED_MAX_IN_FLIGHT", "1")
	t.Setenv("SHED_CPU_THRESHOLD", "90%")
	t.Setenv("SHED_QUEUE_DELAY", "5")
	var s *shed.Shedder
	var registry *prometheus.Registry
	app := fxtest.New(
		t, config.Module, metrics.Module, shed.Module,
		fx.Supply(slog.New(slog.DiscardHandler)), fx.Populate(&s, &registry),
	)
	app.RequireStart()
	require.NoError(t, s.Admit(critical))
	require.Error(t, s.Admit(critical))
	n, err := testutil.GatherAndCount(registry, "shed_in_flight", "shed_cpu_ratio", "shed_queue_delay_seconds")
	require.NoError(t, err)
	require.Equal(t, 3, n)
	app.RequireStop()
}
