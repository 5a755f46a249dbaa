package shutdown

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// job is a task on its way through CLEANUP.
type job struct {
	Task

	band   int    // the priority at which it runs
	needs  []*job // that have to end first
	done   chan struct{}
	report TaskReport // readable when done is closed
}

// plan returns the bands of the tasks, the highest first, in order of
// registration within a band. A task runs in the band of what it depends on
// where that is lower than its own, so nothing waits for a band below.
//
// Nothing waits for ever either: names that nobody has count as done, and the
// tasks of a cycle run one by one in order of registration.
func plan(tasks []*registered) [][]*job {
	jobs := make([]*job, len(tasks))
	for i, t := range tasks {
		jobs[i] = &job{Task: t.Task, band: t.Priority, done: make(chan struct{})}
	}
	needs := dependencies(tasks)
	for _, group := range components(needs) { // what a task depends on comes before it
		for i, at := range group {
			j := jobs[at]
			for _, need := range needs[at] {
				if !slices.Contains(group, need) {
					j.needs = append(j.needs, jobs[need])
				}
			}
			if i > 0 {
				j.needs = append(j.needs, jobs[group[i-1]])
			}
			for _, need := range j.needs {
				j.band = min(j.band, need.band)
			}
		}
	}
	return bands(jobs)
}

func bands(jobs []*job) [][]*job {
	slices.SortStableFunc(jobs, func(a, b *job) int { return cmp.Compare(b.band, a.band) })
	var all [][]*job
	for i, j := range jobs {
		if i == 0 || j.band != jobs[i-1].band {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], j)
	}
	return all
}

// cycles names the tasks of every cycle.
func cycles(tasks []*registered) []error {
	var faults []error
	for _, group := range components(dependencies(tasks)) {
		if len(group) == 1 {
			continue
		}
		members := make([]string, len(group))
		for i, at := range group {
			members[i] = fmt.Sprintf("%q", tasks[at].Name)
		}
		faults = append(faults, fmt.Errorf("cleanup tasks %s depend on each other", strings.Join(members, ", ")))
	}
	return faults
}

// dependencies are, for each task, the indices of those it depends on, without
// names that nobody has.
func dependencies(tasks []*registered) [][]int {
	index := make(map[string]int, len(tasks))
	for i, t := range tasks {
		index[t.Name] = i
	}
	all := make([][]int, len(tasks))
	for i, t := range tasks {
		for _, name := range t.DependsOn {
			if need, ok := index[name]; ok && !slices.Contains(all[i], need) {
				all[i] = append(all[i], need)
			}
		}
	}
	return all
}

// components returns the strongly connected components of a graph (Tarjan's
// algorithm): groups of more than one node are cycles. A group comes after those
// that its nodes point to, and is sorted.
func components(edges [][]int) [][]int {
	w := walk{edges: edges, seen: make([]int, len(edges)), low: make([]int, len(edges)), open: make([]bool, len(edges))}
	for node := range edges {
		if w.seen[node] == 0 {
			w.visit(node)
		}
	}
	return w.groups
}

type walk struct {
	edges  [][]int
	clock  int
	seen   []int  // when a node was visited, 0 is never
	low    []int  // the earliest open node that it reaches
	open   []bool // not in a group yet
	stack  []int
	groups [][]int
}

func (w *walk) visit(node int) {
	w.clock++
	w.seen[node], w.low[node] = w.clock, w.clock
	w.stack, w.open[node] = append(w.stack, node), true
	for _, next := range w.edges[node] {
		if w.seen[next] == 0 {
			w.visit(next)
		}
		if w.open[next] {
			w.low[node] = min(w.low[node], w.low[next])
		}
	}
	if w.low[node] == w.seen[node] {
		w.group(node)
	}
}

// group takes what was visited since node off the stack.
func (w *walk) group(node int) {
	from := slices.Index(w.stack, node)
	group := slices.Clone(w.stack[from:])
	w.stack = w.stack[:from]
	for _, member := range group {
		w.open[member] = false
	}
	slices.Sort(group)
	w.groups = append(w.groups, group)
}
