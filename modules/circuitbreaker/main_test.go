package circuitbreaker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBoom = errors.New("boom")

// status is an error with a status.
type status int

func (s status) Error() string   { return fmt.Sprint("status ", int(s)) }
func (s status) StatusCode() int { return int(s) }

func newService(tb testing.TB, cfg circuitbreaker.Config) *circuitbreaker.Service {
	tb.Helper()
	s, err := circuitbreaker.NewService(cfg, nil)
	require.NoError(tb, err)
	return s
}

func newBreaker(tb testing.TB, cfg circuitbreaker.Config) *circuitbreaker.Breaker {
	tb.Helper()
	return newService(tb, cfg).Get("upstream")
}

func end(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// play makes the calls of a script, one after the other, and returns how many
// were refused:
//
//	S success  F failure  I excluded  4 status 404  s slow success  f slow failure
//	+ one second passes  R reset time passes
func play(t *testing.T, b *circuitbreaker.Breaker, script string) (refused int) {
	t.Helper()
	for _, step := range script {
		outcome := map[rune]error{'S': nil, 'F': errBoom, 'I': context.Canceled, '4': status(404), 's': nil, 'f': errBoom}
		switch err, call := outcome[step]; {
		case step == '+':
			time.Sleep(time.Second)
		case step == 'R':
			time.Sleep(b.Config().ResetTimeout)
		case step == ' ':
		case !call:
			t.Fatalf("script step %q", step)
		default:
			work := end(err)
			if unicode.IsLower(step) {
				work = func(context.Context) error { time.Sleep(b.Config().SlowCallDuration + 1); return err }
			}
			if errors.Is(b.Do(t.Context(), work), circuitbreaker.ErrOpen) {
				refused++
			}
		}
	}
	return refused
}

// lines is a log handler that keeps messages, and may call back.
type lines struct {
	slog.Handler

	got  chan string
	call func()
}

func newLines(call func()) *lines {
	return &lines{Handler: slog.DiscardHandler, got: make(chan string, 1000), call: call}
}

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }

func (l *lines) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *lines) Handle(_ context.Context, r slog.Record) error { //nolint:gocritic // slog's signature
	l.got <- r.Message
	if l.call != nil {
		l.call()
	}
	return nil
}

func (l *lines) all() []string {
	var all []string
	for {
		select {
		case line := <-l.got:
			all = append(all, line)
		default:
			return all
		}
	}
}
