package interceptors_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func TestParseDeadline(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want   time.Duration
		wantOK bool
	}{
		"1500":                 {1500 * time.Millisecond, true},
		" 1500 ":               {1500 * time.Millisecond, true},
		"0":                    {0, true},
		"-5":                   {0, true},
		"2H":                   {2 * time.Hour, true},
		"3M":                   {3 * time.Minute, true},
		"2S":                   {2 * time.Second, true},
		"250m":                 {250 * time.Millisecond, true},
		"100u":                 {100 * time.Microsecond, true},
		"7n":                   {7, true},
		"0S":                   {0, true},
		"9223372036854":        {9223372036854 * time.Millisecond, true},
		"9223372036855":        {0, false},
		"99999999H":            {0, false},
		"99999999999999999999": {0, false},
		"":                     {0, false},
		" ":                    {0, false},
		"m":                    {0, false},
		"+5":                   {0, false},
		"1.5S":                 {0, false},
		"250ms":                {0, false},
		"2s":                   {0, false},
		"1e3":                  {0, false},
		"0x10":                 {0, false},
		"1_000":                {0, false},
		"soon":                 {0, false},
		"2 S":                  {0, false},
		"２S":                   {0, false},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, ok := interceptors.ParseDeadline(text)
			require.Equal(t, tt.wantOK, ok)
			require.Equal(t, tt.want, got)
		})
	}
}

func FuzzParseDeadline(f *testing.F) {
	for _, seed := range []string{"1500", "250m", "2S", "-1", "9223372036854775807n", "", "H", "+1S"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		left, ok := interceptors.ParseDeadline(text)
		if left < 0 || !ok && left != 0 {
			t.Fatalf("%q gave %s, %t", text, left, ok)
		}
		if !ok {
			return
		}
		again, ok := interceptors.ParseDeadline(strconv.FormatInt(int64(left), 10) + "n")
		if !ok || again != left {
			t.Fatalf("%q gave %s, and that gave %s, %t", text, left, again, ok)
		}
	})
}

// The earlier of the caller's and the route's deadline holds.
func TestDeadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	const own = 2 * time.Second
	tests := map[string]struct {
		header, value string
		opts          []interceptors.Option
		wantCode      int
		wantTook      time.Duration
		wantRan       bool
	}{
		"none":              {"X-Request-Deadline", "", nil, 504, own, true},
		"milliseconds":      {"X-Request-Deadline", "250", nil, 504, 250 * time.Millisecond, true},
		"as gRPC":           {"X-Request-Deadline", "1S", nil, 504, time.Second, true},
		"later than ours":   {"X-Request-Deadline", "60000", nil, 504, own, true},
		"over":              {"X-Request-Deadline", "0", nil, 504, 0, false},
		"long over":         {"X-Request-Deadline", "-40", nil, 504, 0, false},
		"garbage":           {"X-Request-Deadline", "soon", nil, 504, own, true},
		"beyond all bounds": {"X-Request-Deadline", "99999999999999999999", nil, 504, own, true},
		"another header": {
			"Grpc-Timeout", "250m",
			[]interceptors.Option{interceptors.WithDeadlineHeader("grpc-timeout")},
			504, 250 * time.Millisecond, true,
		},
		"off":   {"X-Request-Deadline", "250", []interceptors.Option{interceptors.WithDeadlineHeader("off")}, 504, own, true},
		"empty": {"X-Request-Deadline", "250", []interceptors.Option{interceptors.WithDeadlineHeader("")}, 504, own, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ran := false
				work := func(ctx context.Context) error {
					ran = true
					<-ctx.Done()
					return ctx.Err()
				}
				for way, e := range deadlineRoutes(t, own, work, tt.opts) {
					ran = false
					r := get("/7")
					if tt.value != "" {
						r.Header.Set(tt.header, tt.value)
					}
					began := time.Now()
					require.Equal(t, tt.wantCode, do(e, r).Code, way)
					require.Equal(t, tt.wantTook, time.Since(began), way)
					require.Equal(t, tt.wantRan, ran, way)
				}
			})
		})
	}
}

// deadlineRoutes are a typed and a raw route that do the work.
func deadlineRoutes(
	t *testing.T, timeout time.Duration, work func(context.Context) error, opts []interceptors.Option,
) map[string]*echo.Echo {
	t.Helper()
	policy := resilience.Policy{Timeout: timeout}
	typed, err := interceptors.Typed(newRunner(t), "test.typed", policy, greet{
		do: func(ctx context.Context, _ int) (string, error) { return "", work(ctx) },
	}, opts...)
	require.NoError(t, err)
	use, err := interceptors.UseResilience(newRunner(t), "test.raw", policy, opts...)
	require.NoError(t, err)
	one, two := newEcho(), newEcho()
	one.GET("/:id", typed)
	two.GET("/:id", func(c echo.Context) error { return work(c.Request().Context()) }, use)
	return map[string]*echo.Echo{"typed": one, "raw": two}
}

// A guard is not asked either where nobody waits for the answer.
func TestDeadlineOverBeforeTheGuard(t *testing.T) {
	t.Parallel()
	typed, err := interceptors.Typed(newRunner(t), "test.typed", resilience.Policy{EnableFallback: true}, greet{
		prepare:  func(context.Context, echo.Context) error { panic("the guard was asked") },
		fallback: func(context.Context, error) (string, error) { panic("the fallback was asked") },
	})
	require.NoError(t, err)
	e := newEcho()
	e.GET("/:id", typed)
	r := get("/7")
	r.Header.Set("X-Request-Deadline", "0")
	require.Equal(t, http.StatusGatewayTimeout, do(e, r).Code)
}

// A stream is not cut by a deadline, but one that comes too late does not begin.
func TestDeadlineOfAStream(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy   resilience.Policy
		accept   string
		deadline string
		wantCode int
		wantTook time.Duration
	}{
		"streaming route":       {resilience.Policy{Streaming: true}, "", "250", 200, time.Hour},
		"event stream":          {resilience.Policy{}, "text/event-stream", "250", 200, time.Hour},
		"streaming route, over": {resilience.Policy{Streaming: true}, "", "0", 504, 0},
		"event stream, over":    {resilience.Policy{}, "text/event-stream", "0S", 504, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := rawEcho(t, tt.policy, func(c echo.Context) error {
					time.Sleep(time.Hour)
					if err := c.Request().Context().Err(); err != nil {
						return err
					}
					return c.String(http.StatusOK, "end")
				})
				r := get("/7")
				r.Header.Set("Accept", tt.accept)
				r.Header.Set("X-Request-Deadline", tt.deadline)
				began := time.Now()
				require.Equal(t, tt.wantCode, do(e, r).Code)
				require.Equal(t, tt.wantTook, time.Since(began))
			})
		})
	}
}

// The deadline of the caller bounds the wait for another attempt as well.
func TestDeadlineBoundsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(echo.Context) error {
			attempts++
			return status(503)
		})
		r := get("/7")
		r.Header.Set("X-Request-Deadline", "1500") // the second wait of 2 s does not fit
		began := time.Now()
		require.Equal(t, http.StatusServiceUnavailable, do(e, r).Code)
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, 2, attempts)
	})
}
