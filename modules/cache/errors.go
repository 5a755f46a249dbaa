package cache

import "errors"

var (
	// ErrClosed is returned where a load would have to begin after [Cache.Close],
	// and by the loads that it ended.
	ErrClosed = errors.New("cache is closed")

	// errLeft is the cause of a load's context once nobody waits for it.
	errLeft = errors.New("nobody waits for the load any more")

	// errGone is what a load that ended by runtime.Goexit leaves behind.
	errGone = errors.New("the load ended without an answer")
)
