package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"

	"github.com/holdfast-go/holdfast/bench/markdown"
)

// tally is what became of the requests of all runs of one server.
type tally struct {
	server server
	held   int // not sent: the client knew that the server was not ready

	sent     int // offered to the server; each is one of the four below
	answered int // whole, below 500
	failed   int // answered with 500 and above
	lost     int // sent, and no whole answer
	refused  int // no connection

	early     int // of those failed and lost: sent while the listener was open
	unknowing int // of those refused: nobody could have known

	skipped int // not sent: the machine did not carry the load
	wrong   int // answered with 4xx: the servers are not the same
	codes   map[int]int
	warned  []time.Duration // from the turn of readiness to the close of the listener
	took    []time.Duration
}

// add adds a run. A client that looks at readiness every so often can know of a turn when one look has passed since.
func (t *tally) add(o *stoptest.Outcome, look time.Duration) {
	for _, r := range o.All {
		t.request(r)
		switch {
		case r.Fate == stoptest.Refused && (o.NotReady.IsZero() || r.Began.Before(o.NotReady.Add(look))):
			t.unknowing++
		case r.Fate != stoptest.Refused && r.Failed() && o.Period(r) < stoptest.AtClose:
			t.early++
		}
	}
	t.held += o.Held
	t.skipped += o.Skipped
	if t.codes == nil {
		t.codes = map[int]int{}
	}
	t.codes[o.Code]++
	t.warned = append(t.warned, max(0, o.ShutAt.Sub(o.NotReady)))
	t.took = append(t.took, o.Took())
}

func (t *tally) request(r stoptest.Request) {
	t.sent++
	switch {
	case r.Fate == stoptest.Refused:
		t.refused++
	case r.Fate == stoptest.Lost:
		t.lost++
	case r.Status >= http.StatusInternalServerError:
		t.failed++
	default:
		t.answered++
		if r.Status >= http.StatusBadRequest {
			t.wrong++
		}
	}
}

func (t *tally) cells() []string {
	return []string{
		t.server.name, t.server.how, fmt.Sprint(t.held), fmt.Sprint(t.sent), fmt.Sprint(t.answered), fmt.Sprint(t.failed),
		fmt.Sprint(t.lost), fmt.Sprint(t.early), fmt.Sprint(t.refused), fmt.Sprint(t.unknowing),
		seconds(median(t.warned)), exits(t.codes), seconds(median(t.took)),
	}
}

// tallies is the table of a kind of client.
func tallies(list []*tally) string {
	lines := [][]string{
		{
			"server", "stopped by", "held", "sent", "answered", "5xx", "lost", "while open", "refused", "unknowing",
			"warned", "exit", "took",
		},
		{"-", "-", "-:", "-:", "-:", "-:", "-:", "-:", "-:", "-:", "-:", "-:", "-:"},
	}
	for _, t := range list {
		lines = append(lines, t.cells())
	}
	return markdown.Table(lines)
}

// secondSignals is the table of the second signals.
func secondSignals(list []second, limit time.Duration) string {
	lines := [][]string{{"server", "stopped by", "from second SIGTERM to exit", "exit"}, {"-", "-", "-:", "-:"}}
	for _, s := range list {
		cells := []string{s.server.name, s.server.how, fmt.Sprintf("%.3f s", s.took.Seconds()), fmt.Sprint(s.code)}
		if !s.ended {
			cells[2], cells[3] = fmt.Sprintf("> %s", seconds(limit)), "none yet"
		}
		lines = append(lines, cells)
	}
	return markdown.Table(lines)
}

// exits are the exit codes, each with its count where there is more than one.
func exits(codes map[int]int) string {
	var texts []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		text := fmt.Sprint(code)
		if len(codes) > 1 {
			text = fmt.Sprintf("%d × %d", codes[code], code)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func median(values []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
