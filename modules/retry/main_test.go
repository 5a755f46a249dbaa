package retry_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// failed is an error with everything an error may say.
type failed struct {
	status int
	after  time.Duration
}

func (f failed) Error() string             { return fmt.Sprint("status ", f.status) }
func (f failed) StatusCode() int           { return f.status }
func (f failed) RetryAfter() time.Duration { return f.after }

var errDown error = failed{status: 503}

// exact is a service without jitter.
func exact() *retry.Service { return retry.NewService(retry.Config{}, nil) }

// script answers the calls in turn, with nil once it is at its end, and keeps
// when they were made.
type script struct {
	answers []error
	took    time.Duration // of each call
	start   time.Time
	at      []time.Duration
}

func (s *script) call(context.Context) error {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	s.at = append(s.at, time.Since(s.start))
	time.Sleep(s.took)
	if n := len(s.at); n <= len(s.answers) {
		return s.answers[n-1]
	}
	return nil
}

func always(err error) []error {
	answers := make([]error, 10)
	for i := range answers {
		answers[i] = err
	}
	return answers
}

// hours is a delay beyond every cap.
func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

func seconds(s ...float64) []time.Duration {
	at := make([]time.Duration, len(s))
	for i, v := range s {
		at[i] = time.Duration(v * float64(time.Second))
	}
	return at
}
