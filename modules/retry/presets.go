package retry

import "time"

// The presets. What they leave at zero, jitter above all, inherits the settings
// of the [Service]; all of them repeat what [Transient] accepts, or what the
// errors of package database say of themselves.
var (
	// Fast is for light calls: 3 attempts after 0.5 s and 0.75 s.
	Fast = Policy{MaxAttempts: 3, BaseDelay: 500 * time.Millisecond, MaxDelay: 5 * time.Second, Multiplier: 1.5}

	// Standard is the default of the settings: 3 attempts after 1 s and 2 s.
	Standard = Policy{MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 30 * time.Second, Multiplier: 2}

	// Database is for calls that package database says can be repeated:
	// 4 attempts after 1 s, 2 s and 4 s.
	Database = Policy{MaxAttempts: 4, BaseDelay: time.Second, MaxDelay: 15 * time.Second, Multiplier: 2}

	// HTTP is for outgoing requests: 3 attempts after 1 s and 2 s.
	HTTP = Policy{MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 10 * time.Second, Multiplier: 2}

	// Slow is for heavy work: 5 attempts after 2 s, 5 s, 12.5 s and 31.25 s.
	Slow = Policy{MaxAttempts: 5, BaseDelay: 2 * time.Second, MaxDelay: 60 * time.Second, Multiplier: 2.5}
)
