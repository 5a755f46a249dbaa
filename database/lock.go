package database

import (
	"context"
	"fmt"
	"os"
	"time"
)

// lockFile waits for the lock on the file at path, which it creates, and
// returns what gives it back. It asks every 10 ms: the blocking call of the
// system would not hear ctx.
func lockFile(ctx context.Context, path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the operator's
	if err != nil {
		return nil, err
	}
	unlock := func() { _ = f.Close() }
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := tryLock(f)
		switch {
		case err != nil:
			unlock()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		case got:
			return unlock, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			unlock()
			return nil, fmt.Errorf("wait for %s, which another process holds: %w", path, context.Cause(ctx))
		}
	}
}
