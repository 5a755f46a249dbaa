package shed

import (
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config sets what tells that the process has too much to do. Each of the three
// signs is off while it is 0, and so are they all by default.
type Config struct {
	// MaxInFlight is how many calls the process works on at once, at most
	// 1,000,000. Calls of high priority may fill 95 % of it, normal ones 85 %, low
	// ones 70 %; critical ones all of it.
	MaxInFlight int `envconfig:"SHED_MAX_IN_FLIGHT" default:"0" min:"0" max:"1000000" desc:"Calls that the process works on at once: low priority to 70 %, normal to 85 %, high to 95 %. 0 is no bound."`

	// CPUThreshold is the share of the time of its processors (GOMAXPROCS) above
	// which the process begins to refuse calls. It is measured on Unix alone.
	CPUThreshold config.Ratio `envconfig:"SHED_CPU_THRESHOLD" default:"0" min:"0" max:"1" desc:"Share of its processors above which the process refuses calls, low priority first. 0 is never." example:"0.9"`

	// QueueDelay is the target for the time that goroutines wait for a processor,
	// at most 10 s. While one in ten waits longer, for 100 ms and more, the process
	// refuses calls. 5 ms is the number of CoDel (RFC 8289).
	QueueDelay time.Duration `envconfig:"SHED_QUEUE_DELAY" default:"0" min:"0" max:"10000" desc:"Wait of goroutines for a processor above which the process refuses calls, low priority first. 0 is never." example:"5"`
}

// Validate reports every field that is out of bounds, joined.
func (c Config) Validate() error {
	var errs []error
	refuse := func(name string, value any, problem, example string) {
		errs = append(errs, config.Fault{Name: name, Value: fmt.Sprint(value), Problem: problem, Example: example})
	}
	if c.MaxInFlight < 0 || c.MaxInFlight > 1_000_000 {
		refuse("SHED_MAX_IN_FLIGHT", c.MaxInFlight, "must be between 0 and 1000000", "1000")
	}
	if !(c.CPUThreshold >= 0 && c.CPUThreshold <= 1) { // not a number is neither
		refuse("SHED_CPU_THRESHOLD", c.CPUThreshold, "must be between 0 and 1", "0.9")
	}
	if c.CPUThreshold > 0 && !cpuIsKnown {
		refuse("SHED_CPU_THRESHOLD", c.CPUThreshold, "cannot be measured on this system: remove it", "0")
	}
	if c.QueueDelay < 0 || c.QueueDelay > 10*time.Second {
		refuse("SHED_QUEUE_DELAY", c.QueueDelay, "must be between 0 and 10s", "5")
	}
	return errors.Join(errs...)
}
