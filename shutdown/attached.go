package shutdown

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Attached is a connection or a worker that a stop tells to end and waits for,
// as returned by Service.Stream and Service.Worker. Its methods are safe for
// concurrent use.
type Attached struct {
	group  *group
	name   string
	since  time.Time
	conn   io.Closer // nil for a worker, and for a stream without one
	closed atomic.Bool
	ctx    context.Context //nolint:containedctx // the context of what is attached is what this hands out
	cancel context.CancelCauseFunc
}

// Context is a child of the one given. Its cause is ErrShuttingDown when the
// stop tells what is attached to end.
func (a *Attached) Context() context.Context { return a.ctx }

// Done says that what was attached has ended, and releases its context. It has
// to be called, or a stop waits in vain. Further calls do nothing.
func (a *Attached) Done() {
	a.group.leave(a)
	a.cancel(nil)
}

// Stream attaches a connection that outlives its request, or has no end of its
// own: a websocket, an event stream. At DRAINING its context ends with cause
// ErrShuttingDown; it should say goodbye and call Done, which the drain waits
// for. Where it is still attached at the end of Config.CancelGrace, when the
// stop is forced, or at Finish, conn is closed: once, beside everything else, so
// that a Close that hangs holds up nothing. conn may be nil.
//
// The name appears in reports; it is a route, never an id. The error matches
// ErrShuttingDown from DRAINING on.
//
//	stream, err := stop.Stream(ctx, "chat", conn)
//	if err != nil {
//		return err
//	}
//	defer stream.Done()
func (s *Service) Stream(ctx context.Context, name string, conn io.Closer) (*Attached, error) {
	return s.streams.attach(ctx, name, conn)
}

// Worker attaches background work, such as a loop that takes jobs. At GRACE its
// context ends with cause ErrShuttingDown: it should take nothing new, end what
// it has taken, for which Service.Context is the context, and call Done, which
// the drain waits for.
//
// The name appears in reports. The error matches ErrShuttingDown from GRACE on.
func (s *Service) Worker(ctx context.Context, name string) (*Attached, error) {
	return s.workers.attach(ctx, name, nil)
}

// group holds what is attached of one kind.
type group struct {
	kind string
	wake chan<- struct{}

	mu      sync.Mutex
	told    bool // to end; nobody may join any more
	members map[*Attached]struct{}
}

func newGroup(kind string, wake chan<- struct{}) group {
	return group{kind: kind, wake: wake, members: map[*Attached]struct{}{}}
}

func (g *group) attach(ctx context.Context, name string, conn io.Closer) (*Attached, error) {
	a := &Attached{group: g, name: name, since: time.Now(), conn: conn}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	if !g.join(a) {
		a.cancel(ErrShuttingDown)
		return nil, fmt.Errorf("attach %s %q: %w", g.kind, name, ErrShuttingDown)
	}
	return a, nil
}

func (g *group) join(a *Attached) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.told {
		return false
	}
	g.members[a] = struct{}{}
	return true
}

func (g *group) leave(a *Attached) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.members, a)
	if g.told && len(g.members) == 0 {
		notify(g.wake)
	}
}

// tell asks all to end and refuses further ones.
func (g *group) tell() {
	g.mu.Lock()
	g.told = true
	members := g.list()
	g.mu.Unlock()
	for _, a := range members {
		a.cancel(ErrShuttingDown)
	}
}

func (g *group) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members)
}

func (g *group) unfinished() []Unfinished {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]Unfinished, 0, len(g.members))
	for a := range g.members {
		all = append(all, Unfinished{Kind: g.kind, Name: a.name, Age: time.Since(a.since)})
	}
	return all
}

// list is called with the lock held.
func (g *group) list() []*Attached {
	all := make([]*Attached, 0, len(g.members))
	for a := range g.members {
		all = append(all, a)
	}
	return all
}

// closeStreams closes the connections that are still attached and does not wait.
func (s *Service) closeStreams() {
	s.streams.mu.Lock()
	left := s.streams.list()
	s.streams.mu.Unlock()
	for _, a := range left {
		if a.conn != nil && a.closed.CompareAndSwap(false, true) {
			go s.closeConn(a) // left behind only where Close hangs
		}
	}
}

func (s *Service) closeConn(a *Attached) {
	defer func() {
		if p := recover(); p != nil {
			s.log.write(a.ctx, slog.LevelError, "closing a stream panicked", slog.String("stream", a.name), slog.Any("panic", p))
		}
	}()
	_ = a.conn.Close() // it is to be gone; nobody is left to tell
}
