package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/bench/markdown"
)

// The verdicts on rows that have a target.
const (
	kept   = "ok"
	missed = "missed"
)

// row is a line of the table. A text that is empty does not apply.
type row struct {
	what   string // a part's title where everything else is empty
	ours   string // what a call costs with Holdfast
	allocs string
	peer   string // who is beside it
	theirs string
	// theirAllocs are those of the peer.
	theirAllocs string
	figure      string // what the target is about
	spread      string // quartiles of the figure
	target      string
	verdict     string
}

func (r row) cells() []string {
	return []string{r.what, r.ours, r.allocs, r.peer, r.theirs, r.theirAllocs, r.figure, r.spread, r.target, r.verdict}
}

// within is a target that v must not exceed.
func (r row) within(v, most float64) row {
	r.target, r.verdict = "≤ "+number(most), verdict(v <= most)
	return r
}

// atLeast is a target that v must reach.
func (r row) atLeast(v, least float64) row {
	r.target, r.verdict = "≥ "+number(least), verdict(v >= least)
	return r
}

func verdict(ok bool) string {
	if ok {
		return kept
	}
	return missed
}

// beside is the row of a comparison.
func beside(what, peer string, v versus) row {
	return row{
		what: what, ours: nanoseconds(v.ours.ns), allocs: number(v.ours.allocs),
		peer: peer, theirs: nanoseconds(v.theirs.ns), theirAllocs: number(v.theirs.allocs),
	}.with(v.ratio)
}

// with is a figure that was measured many times.
func (r row) with(s spread) row {
	r.figure, r.spread = ratio(s.median)+" x", ratio(s.low)+".."+ratio(s.high)
	return r
}

// counted is the row of allocations, which a target may be about.
func counted(what string, allocs float64) row {
	return row{what: what, allocs: number(allocs), figure: number(allocs) + " allocs"}
}

// table lays the rows out as Markdown whose columns also stand below one another.
func table(rows []row) string {
	lines := [][]string{
		{"", "ours ns", "allocs", "beside", "theirs ns", "allocs", "figure", "middle half", "target", ""},
		{"-", "-:", "-:", "-", "-:", "-:", "-:", "-", "-", "-"},
	}
	for _, r := range rows {
		lines = append(lines, r.cells())
	}
	return markdown.Table(lines)
}

// summary tells how many targets were met, and which were not.
func summary(rows []row) string {
	var not []string
	met := 0
	for _, r := range rows {
		switch r.verdict {
		case kept:
			met++
		case missed:
			not = append(not, fmt.Sprintf("\n- %s: %s, target %s", strings.TrimSuffix(r.what+" beside "+r.peer, " beside "), r.figure, r.target))
		}
	}
	if len(not) == 0 {
		return fmt.Sprintf("%d targets, all met", met)
	}
	return fmt.Sprintf("%d targets met, %d missed:%s", met, len(not), strings.Join(not, ""))
}

func nanoseconds(ns float64) string {
	if ns < 100 {
		return strconv.FormatFloat(ns, 'f', 1, 64)
	}
	return strconv.FormatFloat(ns, 'f', 0, 64)
}

// ratio is v to three digits.
func ratio(v float64) string {
	if v < 1 {
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// number is v without digits that say nothing.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
