package main

import (
	"bytes"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
)

// TestReport shows that every row can be measured. What was measured means nothing here.
func TestReport(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	var out bytes.Buffer
	require.NoError(t, report(&out, hasty(), ""))
	require.Equal(t, 3, runtime.GOMAXPROCS(0))

	rows := parse(t, out.String())
	targets := map[string]int{}
	for _, cells := range rows {
		if cells[8] != "" {
			require.Contains(t, []string{kept, missed}, cells[9], cells)
			require.NotEmpty(t, cells[6], cells)
			targets[cells[0]]++
		} else {
			require.Empty(t, cells[9], cells)
		}
	}
	require.Equal(t, map[string]int{
		"success":            3, // failsafe-go, by hand, allocations
		"callee asks Done()": 1,

		"around a call (Breaker.Do)":                     1,
		"in two steps (Acquire, Done)":                   1,
		"two cores over one: Breaker.Do":                 1,
		"two cores over one: Pipeline.Run, whole policy": 1,

		"refusal (Breaker.Do)": 2, // gobreaker, allocations

		"typed route, whole policy": 3, // go-zero, echo, allocations
		"whole policy":              1,

		"each of 20 breakers":                     1,
		"each of 200 routes, whole policy":        1,
		"goroutines for all of them":              1,
		"series of routes that were never called": 1,
		"scrape of all series, each":              1,
	}, targets)
	seen := map[string]bool{}
	for _, cells := range rows {
		seen[cells[0]] = true
	}
	for _, what := range []string{
		"retry", "timeout", "hard timeout", "fallback, breaker open", "bulkhead as a policy", "bulkhead", "rate limit, token bucket, by key",
		"cache hit", "hedge, first attempt quick enough", "raw route, buffered, whole policy", "raw route, hard timeout alone",
	} {
		require.Contains(t, seen, what)
	}
}

// TestAllocations pins what needs no clock: these hold on every machine.
func TestAllocations(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	var kept *int
	one := func(n int) error {
		for range n {
			kept = new(int)
		}
		return nil
	}
	two := func(n int) error {
		_ = one(n)
		return one(n)
	}
	require.InDelta(t, 1, allocations(one), 0)
	require.InDelta(t, 1, allocated(subject{loop: two, base: one}), 0)
	require.InDelta(t, 0, allocated(subject{loop: one, base: two}), 0, "never below nothing")
	runtime.KeepAlive(kept)
}

// A part that measures something else than it says must not go unnoticed.
func TestErrorsOfLoops(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	fails := subject{name: "fails", loop: func(int) error { return errBroken }}
	works := subject{name: "works", loop: arithmetic}
	late := subject{name: "late", loop: func(n int) error {
		if n > 100 {
			return errBroken
		}
		return nil
	}}
	for name, pair := range map[string][2]subject{"ours": {fails, works}, "theirs": {works, fails}, "late": {late, works}} {
		_, err := hasty().compare(pair[0], pair[1])
		require.ErrorIs(t, err, errBroken, name)
	}
	_, err := hasty().scaling(fails)
	require.ErrorIs(t, err, errBroken)
	require.ErrorIs(t, halves(fails.loop, 2), errBroken)
}

// A loop whose calls end otherwise than its row says is an error.
func TestLoopsCheckWhatTheyMeasure(t *testing.T) {
	t.Parallel()
	h, err := newHoldfast()
	require.NoError(t, err)
	breaker := h.breakers.Get("bench")
	pipeline, err := h.runner.Compile("bench", whole())
	require.NoError(t, err)
	require.ErrorIs(t, doRefused(breaker)(1), errBroken, "not open yet")
	require.ErrorIs(t, runRefused(pipeline)(1), errBroken, "not open yet")
	require.NoError(t, do(breaker)(1))
	require.NoError(t, acquire(breaker)(1))
	trip(func() error { return breaker.Do(t.Context(), broken) })
	require.NoError(t, doRefused(breaker)(1))
	require.NoError(t, runRefused(pipeline)(1))
	require.ErrorIs(t, do(breaker)(1), circuitbreaker.ErrOpen)
	require.ErrorIs(t, acquire(breaker)(1), circuitbreaker.ErrOpen)
	require.ErrorIs(t, run(pipeline, t.Context(), call{})(1), circuitbreaker.ErrOpen)

	require.NoError(t, through(http.HandlerFunc(greetHTTP))(1))
	require.Error(t, through(http.NotFoundHandler())(1))
	require.Error(t, throughEcho(func(echo.Context) error { return errBroken })(1))
	_, err = (&page{handler: http.NotFoundHandler()}).lines()
	require.Error(t, err)
}

func TestHalvesMakeAllCalls(t *testing.T) {
	t.Parallel()
	for n := range 10 {
		calls := make(chan int, 2)
		require.NoError(t, halves(func(n int) error { calls <- n; return nil }, n))
		require.Equal(t, n, <-calls+<-calls)
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ours, theirs []float64
		want         spread
	}{
		"one pair":          {[]float64{3}, []float64{4}, spread{0.75, 0.75, 0.75}},
		"outliers":          {[]float64{900, 1, 1}, []float64{2, 2, -700}, spread{0.5, 0.5, 0.5}},
		"machine slows":     {repeat(1, 70, 2, 70, 3, 70), repeat(4, 70, 8, 70, 12, 70), spread{0.25, 0.25, 0.25}},
		"quartiles":         {repeat(1, 40, 2, 40, 3, 40, 4, 40, 5, 40), repeat(1, 200), spread{3, 2, 4}},
		"what is left over": {repeat(1, 200, 9, 1), repeat(1, 201), spread{1, 1, 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, ratioOf(test.ours, test.theirs))
		})
	}
}

// repeat returns each value as often as the number after it says.
func repeat(pairs ...int) []float64 {
	var values []float64
	for pair := range slices.Chunk(pairs, 2) {
		values = append(values, slices.Repeat([]float64{float64(pair[0])}, pair[1])...)
	}
	return values
}

func TestTable(t *testing.T) {
	t.Parallel()
	v := versus{ours: took{ns: 49.96, allocs: 1}, theirs: took{ns: 400, allocs: 8}, ratio: spread{0.125, 0.12, 0.13}}
	rows := []row{
		{what: "**part**"},
		beside("success", "peer", v).within(0.125, 0.125),
		beside("success", "peer", v).within(0.126, 0.125),
		counted("success", 3).within(3, 2),
		row{what: "cores"}.with(spread{1.5, 1, 2}).atLeast(1.5, 1.5),
	}
	require.Equal(t, `
|          | ours ns | allocs | beside | theirs ns | allocs |   figure | middle half  | target  |        |
| -------- | ------: | -----: | ------ | --------: | -----: | -------: | ------------ | ------- | ------ |
| **part** |         |        |        |           |        |          |              |         |        |
| success  |    50.0 |      1 | peer   |       400 |      8 |  0.125 x | 0.120..0.130 | ≤ 0.125 | ok     |
| success  |    50.0 |      1 | peer   |       400 |      8 |  0.125 x | 0.120..0.130 | ≤ 0.125 | missed |
| success  |         |      3 |        |           |        | 3 allocs |              | ≤ 2     | missed |
| cores    |         |        |        |           |        |   1.50 x | 1.00..2.00   | ≥ 1.5   | ok     |
`, "\n"+table(rows))
	require.Equal(t, `2 targets met, 2 missed:
- success beside peer: 0.125 x, target ≤ 0.125
- success: 3 allocs, target ≤ 2`, summary(rows))
	require.Equal(t, "2 targets, all met", summary([]row{rows[1], rows[4]}))
}

// parse returns the cells of the rows of the table, without its head and the titles of parts.
func parse(t *testing.T, text string) [][]string {
	t.Helper()
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		require.Len(t, cells, 10, line)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if strings.HasPrefix(cells[0], "scrape of") {
			cells[0] = "scrape of all series, each"
		}
		rows = append(rows, cells)
	}
	require.Greater(t, len(rows), 50)
	return rows[2:]
}
