package stoptest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Balancer picks a replica that says that it is ready, as a load balancer does. It looks at the readiness of each, takes a
// replica out at the first look that does not find 200, and sends nothing new there until one does. Its methods may be
// called concurrently.
type Balancer struct {
	every  time.Duration
	ctx    context.Context //nolint:containedctx // that of the probes, ended by Close
	cancel context.CancelFunc
	probes sync.WaitGroup

	mu       sync.Mutex
	replicas []*replica
	next     int
}

type replica struct {
	addr, admin string
	ready       bool
	remove      context.CancelFunc
}

// NewBalancer makes a balancer without replicas that looks at each as often as it is told. 0 is 20 ms. Close ends it.
func NewBalancer(every time.Duration) *Balancer {
	if every == 0 {
		every = 20 * time.Millisecond
	}
	b := &Balancer{every: every}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Add looks at a replica from now on, and returns when it was found ready or ctx has ended. The URLs are those of
// Process.URL and Process.AdminURL, whose /readyz is asked.
func (b *Balancer) Add(ctx context.Context, url, adminURL string) error { //nolint:contextcheck // the probes outlive ctx
	probe, remove := context.WithCancel(b.ctx)
	r := &replica{addr: strings.TrimPrefix(url, "http://"), admin: adminURL, remove: remove}
	found := make(chan struct{})
	b.mu.Lock()
	b.replicas = append(b.replicas, r)
	b.mu.Unlock()
	b.probes.Go(func() { b.watch(probe, r, sync.OnceFunc(func() { close(found) })) })
	select {
	case <-found:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// watch looks at a replica until it is removed.
func (b *Balancer) watch(ctx context.Context, r *replica, found func()) {
	p := newProber()
	ticker := time.NewTicker(b.every)
	defer ticker.Stop()
	for {
		status, _, err := p.get(ctx, r.admin+"/readyz")
		ready := err == nil && status == http.StatusOK
		b.mu.Lock()
		r.ready = ready
		b.mu.Unlock()
		if ready {
			found()
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Remove forgets a replica.
func (b *Balancer) Remove(url string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	addr := strings.TrimPrefix(url, "http://")
	b.replicas = slices.DeleteFunc(b.replicas, func(r *replica) bool {
		if r.addr == addr {
			r.remove()
		}
		return r.addr == addr
	})
}

// Pick is the next replica that is ready, one after the other. ok is false where there is none.
func (b *Balancer) Pick() (addr string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.replicas {
		b.next++
		if r := b.replicas[b.next%len(b.replicas)]; r.ready {
			return r.addr, true
		}
	}
	return "", false
}

// Close ends the probes and waits for them.
func (b *Balancer) Close() {
	b.cancel()
	b.probes.Wait()
}
