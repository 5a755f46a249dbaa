package hook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

func TestDisturb(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		disturb hook.Disturbance
		titles  string
		want    string
		at      []time.Duration
	}{
		"not":                   {hook.Disturbance{}, "1 2 3", "1 2 3", seconds(0, 0, 0)},
		"below 0":               {hook.Disturbance{Duplicate: -1, Swap: -1}, "1 2", "1 2", seconds(0, 0)},
		"twice":                 {hook.Disturbance{Duplicate: 1}, "1 2", "1 1 2 2", seconds(0, 0, 0, 0)},
		"swapped":               {hook.Disturbance{Swap: 1}, "1 2 3 4", "2 1 4 3", seconds(0, 0, 0, 0)},
		"nothing to swap with":  {hook.Disturbance{Swap: 1}, "1", "1", seconds(1)},
		"an odd one":            {hook.Disturbance{Swap: 1}, "1 2 3", "2 1 3", seconds(0, 0, 1)},
		"swapped and twice":     {hook.Disturbance{Duplicate: 1, Swap: 1}, "1 2", "2 2 1 1", seconds(0, 0, 0, 0)},
		"more than all of them": {hook.Disturbance{Duplicate: 9, Swap: 9}, "1 2", "2 2 1 1", seconds(0, 0, 0, 0)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, always(200))
				w.listen("Tickets", "title")
				w.Disturb(tt.disturb)
				for title := range strings.FieldsSeq(tt.titles) {
					w.ticket(title)
				}
				w.wait()
				require.Equal(t, strings.Fields(tt.want), w.receiver.titles())
				require.Equal(t, tt.at, w.receiver.times())
			})
		})
	}
}

func TestLateEventWaitsForTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		w.listen("Tickets", "title")
		w.Disturb(hook.Disturbance{Swap: 1})
		w.ticket("1")
		time.Sleep(600 * time.Millisecond)
		w.ticket("2")
		w.wait()
		require.Equal(t, strings.Fields("2 1"), w.receiver.titles())
		require.Equal(t, seconds(.6, .6), w.receiver.times())
		w.ticket("3")
		w.advance(time.Second)
		require.Equal(t, strings.Fields("2 1 3"), w.receiver.titles(), "the clock takes it along")
	})
}

func TestDuplicateFollowsADeliveryOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		w.Disturb(hook.Disturbance{Duplicate: 1})
		w.ticket("1")
		w.wait()
		require.Len(t, w.receiver.seen(), 5)
		require.Len(t, w.rows("WebhookEventErrorLogs"), 1)
	})
}

func TestDuplicateIsTheSameCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		w.listen("Tickets", "title")
		w.Disturb(hook.Disturbance{Duplicate: 1})
		w.ticket("1")
		w.wait()
		calls := w.receiver.seen()
		require.Len(t, calls, 2)
		require.Equal(t, calls[0], calls[1])
	})
}

func TestDisturbanceFollowsFromTheSeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (order []string) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hook.Config{Seed: seed}, always(200))
			w.listen("Tickets", "title")
			w.Disturb(hook.Disturbance{Duplicate: .1, Swap: .2})
			for i := range 2000 {
				w.ticket(fmt.Sprint(i))
			}
			w.wait()
			order = w.receiver.titles()
		})
		return order
	}
	first := run(1)
	require.Equal(t, first, run(1))
	require.NotEqual(t, first, run(2))
	require.InDelta(t, 2200, len(first), 50, "about a tenth comes twice")
	unique := slices.Compact(slices.Clone(first))
	require.Len(t, unique, 2000, "and none is lost")
	swapped := 0
	for i, title := range unique[:len(unique)-1] {
		if title == fmt.Sprint(i+1) {
			swapped++
		}
	}
	require.InDelta(t, 2000*.2/1.2, swapped, 60, "of two neighbours the second has no say")
}
