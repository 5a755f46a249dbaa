package ratelimit

import "time"

// AllowAt is AllowN by a caller that read the clock so long after the limiter was made: others may have overtaken it since.
func (l *Limiter) AllowAt(key string, elapsed time.Duration, n int) Decision {
	s, hash := l.shard(key)
	return s.allow(hash, int64(elapsed), n)
}
