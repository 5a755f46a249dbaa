package inject

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// executionTimeout is when Autotask gives up.
const executionTimeout = 5 * time.Minute

// Fate is what becomes of a request. The zero Fate is nothing special.
type Fate struct {
	by   *Injector // nil where no rule hits
	rule fault.Rule
}

// Apply answers the request by next, or as the rule says. Waits end with ctx and with the room, and execution_timeout
// also when [Injector.Moved] tells that the clock has been moved far enough.
func (f Fate) Apply(ctx context.Context, next func() wire.Answer) wire.Answer {
	if f.by == nil {
		return next()
	}
	return f.by.fail(ctx, f.rule, next)
}

// fail does what a rule says.
func (i *Injector) fail(ctx context.Context, r fault.Rule, next func() wire.Answer) wire.Answer {
	switch r.Kind {
	case fault.Latency:
		if !i.room.Wait(ctx, time.Duration(r.Duration), nil) {
			return wire.Reset().Because(wire.Faulty)
		}
		return next()
	case fault.SlowBody:
		a := next()
		a.Trickle = time.Duration(r.Duration)
		return a
	case fault.HalfBody:
		return half(next())
	case fault.ResetAfter:
		return reset(next())
	case fault.ExecutionTimeout:
		return i.outlast(ctx).Because(wire.Faulty)
	default:
		return instead(r).Because(wire.Faulty)
	}
}

// instead is the answer in the place of next's.
func instead(r fault.Rule) wire.Answer {
	switch r.Kind {
	case fault.HTMLPage:
		return wire.Page(cmp.Or(r.Status, http.StatusServiceUnavailable))
	case fault.EmptyError:
		return wire.Answer{Status: http.StatusInternalServerError}
	case fault.LockContention:
		return wire.Failure(wire.TextDeadlock)
	case fault.ExpiredToken:
		return wire.Failure(wire.TextBadToken)
	case fault.Unauthorized:
		return wire.Answer{Status: http.StatusUnauthorized}
	default: // reset_before, and what no valid plan has
		return wire.Reset()
	}
}

// half is a cut at the middle of its body; where there is none, nothing of it is left.
func half(a wire.Answer) wire.Answer {
	if len(a.Body) < 2 {
		return reset(a)
	}
	a.Cut = len(a.Body) / 2
	return a.Because(wire.Faulty)
}

// reset is the broken connection in the place of an answer.
func reset(a wire.Answer) wire.Answer {
	broken := wire.Reset().Because(wire.Faulty).Misusing(a.Misuse)
	broken.Detail = a.Detail
	return broken
}

// outlast waits until the server gives up. Should the clock be put back meanwhile, that is five minutes from then.
func (i *Injector) outlast(ctx context.Context) wire.Answer {
	end := i.now().Add(executionTimeout)
	for {
		moved := i.nextMove() // before the clock is read, so that no move is missed
		now := i.now()
		if latest := now.Add(executionTimeout); end.After(latest) {
			end = latest
		}
		left := end.Sub(now)
		if left <= 0 {
			return wire.Failure(wire.TextExecution)
		}
		if !i.room.Wait(ctx, left, moved) {
			return wire.Reset()
		}
	}
}

func (i *Injector) nextMove() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.moved
}
