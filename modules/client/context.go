package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// attemptContext is the context of a request whose attempt has a deadline of its
// own; nil where it has none. Until the header of the answer is there it ends with the attempt, from
// then on with the call alone, since the body is read when the attempt is over:
//
//	WAITING --- answered ---> READING
//	   | attempt or call ends    | call ends, or end
//	   +---------> ENDED <-------+
//
// Its channel is made when somebody asks for it.
type attemptContext struct {
	context.Context                 //nolint:containedctx // of the call, the parent, as in package context
	attempt         context.Context //nolint:containedctx // a child of it, for the attempt alone

	mu   sync.Mutex
	read bool            // READING
	live context.Context //nolint:containedctx // with the channel; nil if nobody has asked
	quit context.CancelCauseFunc
	stop func() bool // of the hook in attempt
}

// answered moves to READING. It reports false if the attempt had ended before.
func (x *attemptContext) answered() bool {
	if x == nil {
		return true
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.read = true
	if x.stop != nil && !x.stop() {
		return false
	}
	return x.attempt.Err() == nil
}

// end moves to ENDED.
func (x *attemptContext) end() {
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.quit != nil {
		x.quit(context.Canceled)
	}
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
	if x.live == nil || x.live.Err() == nil {
		return x.now().Err()
	}
	if cause := context.Cause(x.live); errors.Is(cause, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return x.live.Err()
}

// Done implements [context.Context].
func (x *attemptContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.live == nil {
		x.live, x.quit = context.WithCancelCause(x.Context)
		if !x.read {
			attempt, quit := x.attempt, x.quit
			x.stop = context.AfterFunc(attempt, func() { quit(attempt.Err()) })
		}
	}
	return x.live.Done()
}

// Value implements [context.Context]. Through live, package context finds what
// it needs to link a child without a goroutine.
func (x *attemptContext) Value(key any) any {
	x.mu.Lock()
	live := x.live
	x.mu.Unlock()
	if live != nil {
		return live.Value(key)
	}
	return x.Context.Value(key)
}

// String keeps fmt from reading what the lock guards.
func (x *attemptContext) String() string { return fmt.Sprintf("client.attemptContext(%v)", x.Context) }
