package client

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// attemptContext is the context of a request whose attempt may end before its
// call: by a deadline of its own, or because another attempt was faster. It is
// nil where the two end together. Once the header of the answer is there, it
// ends with the call alone, since the body is read when the attempt is over:
//
//	WAITING --- answered ---> READING
//	   | attempt or call ends    | call ends, or end
//	   +---------> ENDED <-------+
//
// Its channel and its timer are made when somebody asks for Done.
type attemptContext struct {
	context.Context                 //nolint:containedctx // of the call, the parent, as in package context
	attempt         context.Context //nolint:containedctx // a child of it, for the attempt alone
	hedged          bool            // the attempt may be cancelled while the call goes on

	mu    sync.Mutex
	read  bool                 // READING
	err   error                // ENDED, and why
	done  chan struct{}        // nil if nobody has asked
	timer *time.Timer          // of the deadline of the attempt
	quit  func() bool          // takes the hook off the call
	lost  func() bool          // takes the hook off the attempt, nil if there is none
	after map[*func()]struct{} // to be called at the end
}

// answered moves to READING. It reports false if the attempt was seen to end
// before; where nobody has asked, the pipeline finds out by itself.
func (x *attemptContext) answered() bool {
	if x == nil {
		return true
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err != nil {
		return false
	}
	x.read = true
	x.forget()
	return true
}

// forget lets go of what watches the attempt. The lock is held.
func (x *attemptContext) forget() {
	if x.timer != nil {
		x.timer.Stop()
	}
	if x.lost != nil {
		x.lost()
	}
}

// end moves to ENDED.
func (x *attemptContext) end() {
	if x != nil {
		x.finish(context.Canceled)
	}
}

// late moves to ENDED for the sake of the attempt, unless that is over.
func (x *attemptContext) late(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.read {
		x.close(err)
	}
}

func (x *attemptContext) finish(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.close(err)
}

// close moves to ENDED, once. The lock is held.
func (x *attemptContext) close(err error) {
	if x.err != nil {
		return
	}
	x.err = err
	if x.done == nil {
		return
	}
	close(x.done)
	x.forget()
	x.quit()
	for f := range x.after {
		go (*f)()
	}
	x.after = nil
}

// now is the context that rules.
func (x *attemptContext) now() context.Context {
	if x.read {
		return x.Context
	}
	return x.attempt
}

// Deadline implements [context.Context].
func (x *attemptContext) Deadline() (time.Time, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.now().Deadline()
}

// Err implements [context.Context].
func (x *attemptContext) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err == nil {
		if err := x.now().Err(); err != nil {
			x.close(err)
		}
	}
	return x.err
}

// Done implements [context.Context].
func (x *attemptContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.watch()
	return x.done
}

// AfterFunc is what package context asks of a foreign parent: it calls f in its
// own goroutine once the context has ended.
func (x *attemptContext) AfterFunc(f func()) (stop func() bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.watch(); x.err != nil {
		go f()
		return func() bool { return false }
	}
	if x.after == nil {
		x.after = make(map[*func()]struct{}, 1)
	}
	x.after[&f] = struct{}{}
	return func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		_, waiting := x.after[&f]
		delete(x.after, &f)
		return waiting
	}
}

// watch makes the channel and arms what closes it. The lock is held.
func (x *attemptContext) watch() {
	if x.done != nil {
		return
	}
	x.done = make(chan struct{})
	if x.err != nil {
		close(x.done)
		return
	}
	x.quit = afterFunc(x.Context, func() { x.finish(x.Context.Err()) })
	if x.read {
		return
	}
	if at, ok := x.attempt.Deadline(); ok {
		x.timer = time.AfterFunc(time.Until(at), func() { x.late(context.DeadlineExceeded) })
	}
	if x.hedged {
		x.lost = afterFunc(x.attempt, func() { x.late(x.attempt.Err()) })
	}
}

// afterFunc is [context.AfterFunc], without what that makes for a context that
// can do it by itself.
func afterFunc(ctx context.Context, f func()) (stop func() bool) {
	if own, ok := ctx.(interface{ AfterFunc(f func()) func() bool }); ok {
		return own.AfterFunc(f)
	}
	return context.AfterFunc(ctx, f)
}

// String keeps fmt from reading what the lock guards.
func (x *attemptContext) String() string { return fmt.Sprintf("client.attemptContext(%v)", x.Context) }
