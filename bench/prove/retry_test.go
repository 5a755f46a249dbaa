package prove_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/stretchr/testify/require"
)

// diary notes when each path was asked for.
type diary struct {
	mu    sync.Mutex
	asked map[string][]time.Time
}

// note adds a visit and returns how many there were before.
func (d *diary) note(path string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked[path] = append(d.asked[path], time.Now())
	return len(d.asked[path]) - 1
}

// gaps are the times between the visits of a path.
func (d *diary) gaps(path string) (between []time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, at := range d.asked[path][1:] {
		between = append(between, at.Sub(d.asked[path][i]))
	}
	return between
}

// TestD3 looks at what is repeated, how often, and when.
func TestD3(t *testing.T) {
	t.Parallel()
	visits := &diary{asked: map[string][]time.Time{}}
	var promised time.Time // of /date
	var once sync.Once
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := visits.note(r.URL.Path)
		after := func(value string) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusTooManyRequests)
		}
		switch {
		case strings.HasPrefix(r.URL.Path, "/down"), strings.HasPrefix(r.URL.Path, "/many") && n == 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case n > 0: // well again
		case r.URL.Path == "/seconds":
			after("3")
		case r.URL.Path == "/date":
			once.Do(func() { promised = time.Now().Add(3 * time.Second).Truncate(time.Second) })
			after(promised.UTC().Format(http.TimeFormat))
		case r.URL.Path == "/garbage":
			after("soon -1")
		}
	})
	policy := resilience.Policy{EnableRetry: true, Retry: retry.Policy{MaxAttempts: 3, BaseDelay: time.Second}, Timeout: 30 * time.Second}
	c, _ := newClient(t, settings{}, policy)
	many, _ := newClient(t, settings{retry: unbounded()}, policy) // 100 first failures at once are more than a budget has
	policy.Idempotent = true
	marked, _ := newClient(t, settings{}, policy)

	var all sync.WaitGroup
	call := func(by *http.Client, method, path string, want int) {
		all.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader("order"))
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := do(by, req); err != nil || got != want {
				t.Errorf("%s %s: %d, %v, want %d", method, path, got, err, want)
			}
		})
	}
	for i := range 5 {
		call(c, http.MethodGet, "/down"+strconv.Itoa(i), http.StatusServiceUnavailable)
	}
	for i := range 100 {
		call(many, http.MethodGet, "/many"+strconv.Itoa(i), http.StatusOK)
	}
	for _, path := range []string{"/seconds", "/date", "/garbage"} {
		call(c, http.MethodGet, path, http.StatusOK)
	}
	call(c, http.MethodPost, "/down/post", http.StatusServiceUnavailable)
	call(marked, http.MethodPost, "/down/marked", http.StatusServiceUnavailable)
	all.Wait()

	for i := range 5 {
		require.Len(t, visits.gaps("/down"+strconv.Itoa(i)), 2, "3 tries")
		within(t, visits.gaps("/down" + strconv.Itoa(i))[0], 900*time.Millisecond, 1100*time.Millisecond)
		within(t, visits.gaps("/down" + strconv.Itoa(i))[1], 1800*time.Millisecond, 2200*time.Millisecond)
	}
	first, last := time.Hour, time.Duration(0)
	for i := range 100 {
		gap := visits.gaps("/many" + strconv.Itoa(i))
		require.Len(t, gap, 1)
		first, last = min(first, gap[0]), max(last, gap[0])
	}
	t.Logf("gaps of /down0 %s; first gaps of 100 callers %s to %s", visits.gaps("/down0"), first, last)
	t.Logf("Retry-After 3: %s, as a date: %s, garbage: %s", visits.gaps("/seconds"), visits.gaps("/date"), visits.gaps("/garbage"))
	require.GreaterOrEqual(t, last-first, either(20*time.Millisecond, 150*time.Millisecond), "they do not come together")
	within(t, visits.gaps("/seconds")[0], 3*time.Second, 3500*time.Millisecond)
	within(t, visits.asked["/date"][1].Sub(promised), 0, 1500*time.Millisecond)
	within(t, visits.gaps("/garbage")[0], 900*time.Millisecond, 1100*time.Millisecond)
	require.Empty(t, visits.gaps("/down/post"), "bytes were sent")
	require.Len(t, visits.gaps("/down/marked"), 2, "declared idempotent")
}

// within asserts a wait: never shorter, and not much longer.
func within(t *testing.T, got, least, most time.Duration) {
	t.Helper()
	require.GreaterOrEqual(t, got, least)
	require.LessOrEqual(t, got, most+slack(100*time.Millisecond))
}
