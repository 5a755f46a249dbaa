package shutdown

// State is where a process stands on its way from start to exit. States only
// ever grow.
type State int32

const (
	// Starting is the state until Service.Ready is called.
	Starting State = iota
	// Ready is the state in which the process serves.
	Ready
	// Grace is the time in which the process still serves while those who send
	// it traffic learn that it will stop.
	Grace
	// Draining is the time in which new work is refused and work in flight goes on.
	Draining
	// Cleanup is the time of the cleanup tasks.
	Cleanup
	// Stopped is the end after Service.Finish.
	Stopped
	// Forced is the end at the force timeout.
	Forced
)

// String returns the name in lower case, such as "draining".
func (s State) String() string {
	switch s {
	case Starting:
		return "starting"
	case Ready:
		return "ready"
	case Grace:
		return "grace"
	case Draining:
		return "draining"
	case Cleanup:
		return "cleanup"
	case Stopped:
		return "stopped"
	case Forced:
		return "forced"
	default:
		return "unknown"
	}
}
