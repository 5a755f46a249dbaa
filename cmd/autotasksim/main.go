// Command autotasksim serves a simulated Autotask tenant on a port, for any client in any language.
//
//	autotasksim                                 serve on 127.0.0.1:4480
//	autotasksim -tickets 100000 -zones 5,14     a large tenant that can move to another zone
//	autotasksim -faults plan.json               failures by a script
//	autotasksim config                          print the settings and where each comes from
//	autotasksim --help                          the manual: clients, control calls, settings, flags
//
// Point a client at http://127.0.0.1:4480/atservicesrest/ with the credentials that the manual shows, and let the API go
// dark while it works:
//
//	curl -d '{"mode":"reset"}' http://127.0.0.1:4480/__sim/outage
//	curl -d '{"mode":"off"}'   http://127.0.0.1:4480/__sim/outage
//
// Every setting is a flag and a variable: -thread-limit and AUTOTASK_SIMULATOR_THREAD_LIMIT. The flag wins. What is wrong
// with the command line is one line each and exit status 2. A port in use is the last line of the log, and exit
// status 1.
//
// It stops gracefully on SIGINT and SIGTERM: it serves on for SHUTDOWN_HEALTH_GRACE_PERIOD, 10 s unless set, and a second
// signal ends it at once.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func main() {
	limitMemory()
	line := newCommandLine()
	rest, err := line.parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) || err == nil && len(rest) > 0 && rest[0] == "help" {
		fmt.Print(simulator.Help, line.help())
		return
	}
	env, err := environment(line, err)
	if err != nil {
		fmt.Fprintf(os.Stderr, "autotasksim: %v\n", err)
		os.Exit(2) //nolint:forbidigo // before there is an application that could
	}
	os.Args = append(os.Args[:1], rest...)                                 // what app.Main reads
	app.Main("autotasksim", simulator.Module, env, app.WithoutListeners()) // the simulator's own port is the only one
}

// environment is that of the process, with the flags above it.
func environment(line *commandLine, wrong error) (fx.Option, error) {
	if wrong != nil {
		return nil, wrong
	}
	process, err := config.Process(".")
	if err != nil {
		return nil, err
	}
	return fx.Options(app.WithEnvironment(process), app.WithEnvironment(config.Environment{Vars: line.vars})), nil
}
