package main_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// load is a crowd of callers behind a load balancer: they go on until the service has said for a while that it is not ready.
type load struct {
	desk    desk
	over    atomic.Bool
	workers sync.WaitGroup

	mu       sync.Mutex
	statuses map[int]int
	lost     []error
}

// newLoad starts n callers, each of which waits for an answer before it asks again. One request in four writes.
func newLoad(d desk, n int) *load {
	l := &load{desk: d, statuses: map[int]int{}}
	for worker := range n {
		l.workers.Go(func() {
			for i := 0; !l.over.Load(); i++ {
				if i%4 == worker%4 {
					ticket := newTicket(fmt.Sprintf("LOAD-%d-%d", worker, i))
					l.count(d.try(http.MethodPost, d.url+"/api/v1/tickets", ticket, "X-API-Key: key-of-the-tests"))
				} else {
					l.count(d.tryRead(fmt.Sprintf("/tickets/%d", 7001+(worker*100+i)%1203)))
				}
			}
		})
	}
	return l
}

func (l *load) count(a answer, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.lost = append(l.lost, err)
		return
	}
	l.statuses[a.code]++
	if a.fallback() {
		l.lost = append(l.lost, fmt.Errorf("fallback with status %d while Autotask is well", a.code))
	}
}

// answered is how many requests have an answer.
func (l *load) answered() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, count := range l.statuses {
		n += count
	}
	return n
}

// stop lets the callers finish what they began.
func (l *load) stop() {
	l.over.Store(true)
	l.workers.Wait()
}

func stopUnderLoad(t *testing.T, d desk, sim upstream) {
	t.Helper()
	sim.order("latency", object{"latency": "10ms"})
	before := sim.stats().Requests
	l := newLoad(d, 8)
	defer l.stop()
	stoptest.WaitFor(t, limit, "the load", func() bool { return l.answered() >= 100 })

	signalled := d.Terminate()
	leave(t, d)
	served := l.answered()
	require.Less(t, time.Since(signalled), grace, "the test is too late for its own time table")

	// The last requests are still at work when the grace period is over and the drain begins.
	sim.order("latency", object{"latency": "1500ms"})
	var last sync.WaitGroup
	for i := range 3 {
		last.Go(func() {
			a, err := d.tryRead(fmt.Sprintf("/companies/%d", 174+i))
			if err == nil && time.Since(signalled) < grace {
				err = fmt.Errorf("a last request ended %s after the signal, which is too early to tell anything", time.Since(signalled))
			}
			l.count(a, err)
		})
	}
	l.stop()
	last.Wait()

	require.Zero(t, d.Wait(limit), "exit code")
	stopped := time.Since(signalled)
	require.Empty(t, l.lost, "no request is lost")
	require.Equal(t, l.answered(), l.statuses[http.StatusOK]+l.statuses[http.StatusCreated], l.statuses)
	require.Greater(t, l.statuses[http.StatusCreated], 10)
	require.Equal(t, int64(l.answered()), sim.stats().Requests-before, "one request to Autotask for each")
	require.Greater(t, stopped, grace)
	t.Logf("stopped %s after the signal; %d requests answered, %d of them before the callers left", stopped.Round(time.Millisecond), l.answered(), served)

	reports := d.Lines("stopped")
	require.Len(t, reports, 1)
	require.Equal(t, "signal terminated", reports[0].Text("reason"))
	require.Equal(t, true, reports[0]["drain_completed"])
	require.EqualValues(t, 0, reports[0]["cut"])
	require.GreaterOrEqual(t, reports[0].Number("drained"), 3.0)
}

// leave waits as a load balancer does: until the service has said for half of the grace period that it is not ready.
func leave(t *testing.T, d desk) {
	t.Helper()
	var since time.Time
	stoptest.WaitFor(t, limit, "not to be ready", func() bool {
		if d.get(d.admin+"/readyz").code == http.StatusOK {
			require.Zero(t, since, "ready again")
			return false
		}
		if since.IsZero() {
			since = time.Now()
		}
		return time.Since(since) >= grace/2
	})
}
