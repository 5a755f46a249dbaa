package shutdown

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Unfinished is something that has not ended.
type Unfinished struct {
	Kind string        // "request" (all of Track), "stream", "worker", "hook", "task" or "step"
	Name string        // as it was given
	Age  time.Duration // since it began
}

// The values of Unfinished.Kind and TaskReport.Kind.
const (
	kindRequest = "request"
	kindStream  = "stream"
	kindWorker  = "worker"
	kindHook    = "hook"
	kindTask    = "task"
	kindStep    = "step"
)

func kinds() []string {
	return []string{kindRequest, kindStream, kindWorker, kindHook, kindTask, kindStep}
}

// roster holds the hooks, tasks and steps whose functions have not returned:
// those that run, and those that were abandoned.
type roster struct {
	mu      sync.Mutex
	running map[*running]struct{}
}

type running struct {
	kind, name string
	since      time.Time
}

func (r *roster) add(kind, name string) *running {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		r.running = map[*running]struct{}{}
	}
	entry := &running{kind: kind, name: name, since: time.Now()}
	r.running[entry] = struct{}{}
	return entry
}

func (r *roster) remove(entry *running) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, entry)
}

func (r *roster) unfinished() []Unfinished {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Unfinished, 0, len(r.running))
	for entry := range r.running {
		all = append(all, Unfinished{Kind: entry.kind, Name: entry.name, Age: time.Since(entry.since)})
	}
	return all
}

// unfinished returns everything that has not ended, by kind and the oldest
// first.
func (s *Service) unfinished() []Unfinished {
	return sorted(slices.Concat(s.unfinishedWork(), s.running.unfinished()))
}

// unfinishedWork is what the drain waits for besides hooks.
func (s *Service) unfinishedWork() []Unfinished {
	return sorted(slices.Concat(s.work.unfinished(), s.streams.unfinished(), s.workers.unfinished()))
}

func sorted(all []Unfinished) []Unfinished {
	order := kinds()
	slices.SortFunc(all, func(a, b Unfinished) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)),
			cmp.Compare(b.Age, a.Age),
			cmp.Compare(a.Name, b.Name))
	})
	return all
}

func count(all []Unfinished, kind string) int {
	n := 0
	for _, u := range all {
		if u.Kind == kind {
			n++
		}
	}
	return n
}

// maxNames bounds the names of one kind in a log line, a page or an error.
const maxNames = 20

// firstOfKind returns at most maxNames of each kind, in the same order.
func firstOfKind(all []Unfinished) []Unfinished {
	first := make([]Unfinished, 0, min(len(all), maxNames))
	count := map[string]int{}
	for _, u := range all {
		if count[u.Kind]++; count[u.Kind] <= maxNames {
			first = append(first, u)
		}
	}
	return first
}

// names are those of one kind with their ages, for a log line.
func names(all []Unfinished, kind string) []string {
	var list []string
	for _, u := range firstOfKind(all) {
		if u.Kind == kind {
			list = append(list, fmt.Sprintf("%s (%s)", u.Name, u.Age.Round(time.Millisecond)))
		}
	}
	return more(list, count(all, kind)-len(list))
}

// bounded cuts a list after maxNames. It is never nil, which a log would write as
// null.
func bounded(list []string) []string {
	first := list[:min(len(list), maxNames)]
	return more(append([]string{}, first...), len(list)-len(first))
}

// more says how many names are left out of a list.
func more(list []string, n int) []string {
	if n == 0 {
		return list
	}
	return append(list, fmt.Sprintf("and %d more", n))
}
