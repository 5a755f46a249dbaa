package resiliencetest_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a testing.TB that notes its failure and lives on.
type recorder struct {
	testing.TB

	mu     sync.Mutex
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatal(args ...any) { r.note(fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = fmt.Sprintf(format, args...)
}

// note ends the goroutine, as Fatal does.
func (r *recorder) note(text string) {
	r.Errorf("%s", text)
	runtime.Goexit()
}

// fails runs helper with a test that may fail, and returns how it did: "" if it
// did not.
func fails(t *testing.T, helper func(r *recorder)) string {
	t.Helper()
	r := &recorder{TB: t}
	var done sync.WaitGroup
	done.Go(func() { helper(r) })
	done.Wait()
	return r.failed
}
