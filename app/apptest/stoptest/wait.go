package stoptest

import (
	"net"
	"testing"
	"time"
)

// WaitFor asks every 5 ms until done says yes, and fails the test when within is over. Use it for what cannot be waited for
// in another way.
func WaitFor(tb testing.TB, within time.Duration, what string, done func() bool) {
	tb.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.NewTimer(within)
	defer tick.Stop()
	defer end.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end.C:
			tb.Fatalf("waited %s for %s", within, what)
		}
	}
}

// FreeAddr is an address on loopback that nobody listens on at the moment.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("look for a free port: %v", err)
	}
	if err := l.Close(); err != nil {
		tb.Fatalf("free the port: %v", err)
	}
	return l.Addr().String()
}
