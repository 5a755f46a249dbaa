package main

import "time"

// Config says what of the program is slow, and what hangs whatever its context says.
type Config struct {
	// StartTakes is how long the last OnStart hook takes, unless its context ends before that. Default 0.
	StartTakes time.Duration `default:"0" desc:"Time that the last OnStart hook takes." envconfig:"SCRATCH_START_TAKES" min:"0"`
	// StopTakes is how long the OnStop hook takes that comes last. Default 0.
	StopTakes time.Duration `default:"0" desc:"Time that the OnStop hook takes that comes last." envconfig:"SCRATCH_STOP_TAKES" min:"0"`
	// HangTask makes the cleanup task "flush" hang. Default false.
	HangTask bool `default:"false" desc:"The cleanup task hangs." envconfig:"SCRATCH_HANG_TASK"`
	// HangHook makes the OnStop hook hang that comes first. Default false.
	HangHook bool `default:"false" desc:"The OnStop hook that comes first hangs." envconfig:"SCRATCH_HANG_HOOK"`
}
