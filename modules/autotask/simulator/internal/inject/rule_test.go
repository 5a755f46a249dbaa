package inject_test

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/inject"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestAfterAndTimes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		after, times int
		want         []bool
	}{
		"all":            {0, 0, []bool{true, true, true, true, true}},
		"first":          {0, 1, []bool{true, false, false, false, false}},
		"from the third": {2, 0, []bool{false, false, true, true, true}},
		"two in between": {1, 2, []bool{false, true, true, false, false}},
		"far away":       {math.MaxInt, math.MaxInt, []bool{false, false, false, false, false}},
		"for ever":       {1, math.MaxInt, []bool{false, true, true, true, true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, fault.Rule{Kind: fault.ResetBefore, After: tc.after, Times: tc.times})
			require.Equal(t, tc.want, s.hits(5))
			require.Equal(t, []int{5}, s.met())
		})
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule fault.Rule
		want bool // of POST /ATServicesRest/V1.0/Tickets/query/, entity Tickets
	}{
		"all":              {fault.Rule{}, true},
		"entity":           {fault.Rule{Entity: "tickets"}, true},
		"other entity":     {fault.Rule{Entity: "TicketNotes"}, false},
		"method":           {fault.Rule{Method: "post"}, true},
		"other method":     {fault.Rule{Method: "GET"}, false},
		"part of the path": {fault.Rule{Path: "V1.0/TICK"}, true},
		"other path":       {fault.Rule{Path: "/Tickets/1"}, false},
		"end of the path":  {fault.Rule{Path: "Tickets/query$"}, true},
		"not its end":      {fault.Rule{Path: "/Tickets$"}, false},
		"all three":        {fault.Rule{Entity: "Tickets", Method: "POST", Path: "/query"}, true},
		"two of three":     {fault.Rule{Entity: "Tickets", Method: "PUT", Path: "/query"}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.rule.Kind = fault.ResetBefore
			s := newServer(t, tc.rule)
			require.Equal(t, tc.want, s.send("POST", "Tickets", "Tickets/query/").Status == 0)
			require.Equal(t, map[bool][]int{true: {1}, false: {0}}[tc.want], s.met())
		})
	}
}

// The first rule that hits decides; those behind it count all the same, so that they go on as if they were alone.
func TestTheFirstThatHitsDecides(t *testing.T) {
	t.Parallel()
	s := newServer(
		t,
		fault.Rule{Kind: fault.Unauthorized, Method: "POST"},
		fault.Rule{Kind: fault.HTMLPage, After: 1, Times: 1},
		fault.Rule{Kind: fault.EmptyError, Times: 3},
	)
	var got []int
	for range 4 {
		got = append(got, s.get().Status)
	}
	require.Equal(t, []int{500, 503, 500, 200}, got)
	require.Equal(t, []int{0, 4, 4}, s.met())
	require.Equal(t, []int{0, 1, 2}, s.Hits())
}

func TestChanceIsTheShare(t *testing.T) {
	t.Parallel()
	for _, chance := range []float64{0.01, 0.1, 0.5, 0.99} {
		s := newServer(t, fault.Rule{Kind: fault.ResetBefore, Chance: chance})
		s.hits(20_000)
		require.InDelta(t, chance, float64(s.Hits()[0])/20_000, 0.01)
	}
	s := newServer(t, fault.Rule{Kind: fault.ResetBefore, Chance: 1})
	require.NotContains(t, s.hits(1000), false)
}

// The n-th request of a rule fares by the seed, the rule's number and n, and by nothing else.
func TestSameSeedSameRun(t *testing.T) {
	t.Parallel()
	coin := fault.Rule{Kind: fault.ResetBefore, Chance: 0.5}
	run := func(seed uint64, more ...fault.Rule) []bool {
		s := newServer(t)
		s.Set(fault.Plan{Seed: seed, Rules: append([]fault.Rule{coin}, more...)})
		for range 10 { // of no concern to the rule
			s.send("GET", "Companies", "Companies/0")
			s.Set(fault.Plan{Seed: seed, Rules: append([]fault.Rule{coin}, more...)})
		}
		return s.hits(200)
	}
	first := run(7)
	require.Equal(t, first, run(7))
	require.Equal(t, first, run(7, fault.Rule{Kind: fault.Latency, Chance: 0.3}))
	require.NotEqual(t, first, run(8))

	late := newServer(t)
	late.Set(fault.Plan{Seed: 7, Rules: []fault.Rule{{Kind: fault.ResetBefore, Chance: 0.5, After: 50, Times: 100}}})
	want := slices.Concat(make([]bool, 50), first[50:150], make([]bool, 50))
	require.Equal(t, want, late.hits(200), "those spared are counted")

	second := newServer(t)
	second.Set(fault.Plan{Seed: 7, Rules: []fault.Rule{{Kind: fault.Latency, Method: "PUT"}, coin}})
	require.NotEqual(t, first, second.hits(200), "another number")
}

// What is known of a run is known for ever: a change of the hash would change everybody's runs.
func TestARunThatIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Set(fault.Plan{Seed: 42, Rules: []fault.Rule{{Kind: fault.ResetBefore, Chance: 0.25}}})
	var hit []int
	for n, is := range s.hits(40) {
		if is {
			hit = append(hit, n+1)
		}
	}
	require.Equal(t, []int{8, 10, 13, 19, 29, 40}, hit)
}

func TestSetBeginsAnew(t *testing.T) {
	t.Parallel()
	plan := fault.Plan{Seed: 3, Rules: []fault.Rule{{Kind: fault.ResetBefore, Times: 1}}}
	s := newServer(t)
	s.Set(plan)
	require.Equal(t, []bool{true, false}, s.hits(2))
	plan.Rules[0].Kind = fault.HTMLPage // the caller's own again
	p, met := s.Plan()
	require.Equal(t, fault.Plan{Seed: 3, Rules: []fault.Rule{{Kind: fault.ResetBefore, Times: 1}}}, p)
	require.Equal(t, []int{2}, met)
	s.Set(p)
	require.Equal(t, []bool{true, false}, s.hits(2))
	s.Set(fault.Plan{})
	require.Equal(t, []bool{false}, s.hits(1))
}

func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	s := newServer(t, fault.Rule{Kind: fault.ResetBefore, After: 100, Times: 50}, fault.Rule{Kind: fault.SlowBody})
	var broken, served atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				a := s.Decide(&wire.Call{}).Apply(t.Context(), func() wire.Answer {
					served.Add(1)
					return wire.ItemID(1)
				})
				if a.Status == 0 {
					broken.Add(1)
				}
				s.Moved()
				s.Plan()
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(50), broken.Load())
	require.Equal(t, int64(350), served.Load())
	require.Equal(t, []int{400, 400}, s.met())
	require.Equal(t, []int{50, 350}, s.Hits())
}

func BenchmarkApply(b *testing.B) {
	for name, rules := range map[string][]fault.Rule{
		"none": nil,
		"ten":  slices.Repeat([]fault.Rule{{Kind: fault.ResetBefore, Entity: "Companies", Path: "/query"}}, 10),
	} {
		b.Run(name, func(b *testing.B) {
			i := inject.New(time.Now, pause.New())
			i.Set(fault.Plan{Rules: rules})
			call := &wire.Call{Method: "GET", Path: "/atservicesrest/v1.0/tickets/7001", Entity: "Tickets"}
			next := func() wire.Answer { return wire.Answer{Status: 200} }
			b.ReportAllocs()
			for b.Loop() {
				if i.Decide(call).Apply(b.Context(), next).Status != 200 {
					b.Fatal("hit")
				}
			}
		})
	}
}
