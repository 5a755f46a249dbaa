package shutdown

import (
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// longest is the most that a clock may be set to. It keeps sums of them from
// overflowing.
const longest = 24 * time.Hour

// Config holds the clocks of a shutdown. All of them but CancelGrace and
// TaskTimeout count from the moment of the request. None may be above 24 h.
type Config struct {
	// EnableGraceful is false where the process shall not wait for its callers:
	// GRACE and DRAINING are skipped, work in flight is cancelled at once, and
	// the cleanup tasks run. Default true.
	EnableGraceful bool `default:"true" desc:"Wait for work in flight before stopping." envconfig:"SHUTDOWN_ENABLE_GRACEFUL"`

	// HealthGracePeriod is how long requests are still served after readiness
	// said no. 0 is none. Default 10 s.
	HealthGracePeriod time.Duration `default:"10000" desc:"Time to keep serving after readiness turned negative." envconfig:"SHUTDOWN_HEALTH_GRACE_PERIOD" min:"0"`

	// DrainTimeout is how long, after the grace period, work in flight may take
	// to end. 0 is none. Default 30 s.
	DrainTimeout time.Duration `default:"30000" desc:"Time for work in flight to end after the grace period." envconfig:"SHUTDOWN_DRAIN_TIMEOUT" min:"0"`

	// ForceTimeout is when the process has to be gone, whatever hangs. It is
	// longer than HealthGracePeriod, DrainTimeout and CancelGrace together; what
	// is left is for the cleanup, and below 5 s NewService logs a warning. The
	// contexts of cleanup tasks end a 60th of ForceTimeout before it, 1 s at
	// most. Default 60 s.
	ForceTimeout time.Duration `default:"60000" desc:"Time after which the process ends whatever hangs." envconfig:"SHUTDOWN_FORCE_TIMEOUT" min:"1"`

	// CancelGrace is how long cancelled work may take to answer. 0 is none.
	// Default 2 s.
	CancelGrace time.Duration `default:"2000" desc:"Time for cancelled work to answer after the drain." envconfig:"SHUTDOWN_CANCEL_GRACE" min:"0"`

	// TaskTimeout bounds a cleanup task that has no timeout of its own.
	// Default 5 s.
	TaskTimeout time.Duration `default:"5000" desc:"Time for a cleanup task that sets none itself." envconfig:"SHUTDOWN_TASK_TIMEOUT" min:"1"`
}

// DefaultConfig returns the settings that hold when no variable is set.
func DefaultConfig() Config {
	return Config{
		EnableGraceful:    true,
		HealthGracePeriod: 10 * time.Second,
		DrainTimeout:      30 * time.Second,
		ForceTimeout:      60 * time.Second,
		CancelGrace:       2 * time.Second,
		TaskTimeout:       5 * time.Second,
	}
}

// Validate reports every setting that is out of its bounds.
func (c Config) Validate() error {
	faults := []error{
		within("SHUTDOWN_HEALTH_GRACE_PERIOD", c.HealthGracePeriod, 0),
		within("SHUTDOWN_DRAIN_TIMEOUT", c.DrainTimeout, 0),
		within("SHUTDOWN_CANCEL_GRACE", c.CancelGrace, 0),
		within("SHUTDOWN_FORCE_TIMEOUT", c.ForceTimeout, 0), // its lower bound comes next
		within("SHUTDOWN_TASK_TIMEOUT", c.TaskTimeout, time.Millisecond),
	}
	if waits := c.waits(); c.ForceTimeout <= waits {
		faults = append(faults, config.Fault{
			Name:    "SHUTDOWN_FORCE_TIMEOUT",
			Value:   c.ForceTimeout.String(),
			Problem: fmt.Sprintf("must be longer than grace period, drain timeout and cancel grace together, which are %s", waits),
			Example: (waits + 10*time.Second).String(),
		})
	}
	return errors.Join(faults...)
}

// waits is how long work in flight may hold up the cleanup.
func (c Config) waits() time.Duration { return c.HealthGracePeriod + c.DrainTimeout + c.CancelGrace }

// littleRoom is the room for the cleanup below which the log gets a warning.
const littleRoom = 5 * time.Second

// room is the time that is certain to be left for the cleanup.
func (c Config) room() time.Duration { return c.ForceTimeout - c.waits() }

func within(name string, value, low time.Duration) error {
	if value >= low && value <= longest {
		return nil
	}
	return config.Fault{Name: name, Value: value.String(), Problem: fmt.Sprintf("must be from %s to %s", low, longest), Example: "5s"}
}
