package app

import (
	"fmt"
	"slices"
	"strings"
)

// cycles finds constructors that need themselves, each group of them once.
func (g *graph) cycles() []Fault {
	var faults []Fault
	reported := map[*fn]bool{}
	for _, f := range g.tangled() {
		path, as := g.way(f)
		if path == nil || slices.ContainsFunc(path, func(n *fn) bool { return reported[n] }) {
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s needs itself:", f.label())
		for i, n := range path {
			reported[n] = true
			fmt.Fprintf(&b, "\n  %s: %s takes %s", n.where, n.name, as[i].key)
		}
		faults = append(faults, Fault{
			Where:   f.where,
			Problem: b.String(),
			Fix:     "move what both sides need into a third constructor, or let one side ask at run time instead of in its constructor",
		})
	}
	return faults
}

// tangled are the constructors that need a cycle, in or behind them: what is
// left when those whose needs are all met have been taken away, again and again.
func (g *graph) tangled() []*fn {
	waits, neededBy := map[*fn]int{}, map[*fn][]*fn{}
	var ready []*fn
	for _, f := range g.funcs {
		needed, _ := g.needs(f)
		waits[f] = len(needed)
		for _, n := range needed {
			neededBy[n] = append(neededBy[n], f)
		}
		if len(needed) == 0 {
			ready = append(ready, f)
		}
	}
	for ready = append(ready, g.given); len(ready) > 0; ready = ready[1:] {
		for _, f := range neededBy[ready[0]] {
			if waits[f]--; waits[f] == 0 {
				ready = append(ready, f)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(g.funcs), func(f *fn) bool { return waits[f] == 0 || g.idle[f] })
}

// way is the shortest way from a constructor back to itself: each constructor
// on it, with the parameter that leads to the next.
func (g *graph) way(from *fn) (path []*fn, as []param) {
	type step struct {
		prev *fn
		as   param
	}
	came := map[*fn]step{}
	for queue := []*fn{from}; len(queue) > 0; queue = queue[1:] {
		needed, params := g.needs(queue[0])
		for i, n := range needed {
			if _, been := came[n]; been {
				continue
			}
			came[n] = step{queue[0], params[i]}
			queue = append(queue, n)
		}
	}
	if _, back := came[from]; !back {
		return nil, nil
	}
	for n := from; ; {
		s := came[n]
		path, as = append(path, s.prev), append(as, s.as)
		if n = s.prev; n == from {
			break
		}
	}
	slices.Reverse(path)
	slices.Reverse(as)
	return path, as
}
