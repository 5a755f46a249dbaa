package cache

import "sync"

// tasks runs the upkeep of the entries: short work that otter hands out once
// per some dozens of reads or writes, one at a time. It does so beside the
// calls, since inline it would double the price of a hit.
type tasks struct {
	running sync.WaitGroup
	mu      sync.Mutex
	closed  bool
}

// run is the executor of otter, which may call it under its locks.
func (t *tasks) run(task func()) {
	if !t.begin() {
		task()
		return
	}
	go func() {
		defer t.running.Done()
		task()
	}()
}

// begin counts a task, unless they are waited for already.
func (t *tasks) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.running.Add(1)
	}
	return !t.closed
}

// close waits for what runs. Later tasks run inline.
func (t *tasks) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.running.Wait()
}
