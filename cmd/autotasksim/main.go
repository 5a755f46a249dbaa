// Command autotasksim serves a simulated Autotask tenant on a port, for any client in any language.
//
//	autotasksim                                 serve on 127.0.0.1:4480
//	autotasksim --help                          the manual: clients, control calls, settings
//	AUTOTASK_SIMULATOR_ADDR=:8080 autotasksim   another address
//
// Point a client at http://127.0.0.1:4480/atservicesrest/ with the credentials that the manual shows, and let the API go
// dark while it works:
//
//	curl -d '{"mode":"reset"}' http://127.0.0.1:4480/__sim/outage
//	curl -d '{"mode":"off"}'   http://127.0.0.1:4480/__sim/outage
//
// It stops gracefully on SIGINT and SIGTERM: it serves on for SHUTDOWN_HEALTH_GRACE_PERIOD, 10 s unless set, and a second
// signal ends it at once. A port in use is one line and exit status 1.
package main

import (
	"fmt"
	"os"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func main() {
	if len(os.Args) > 1 && (os.Args[1] == "-h" || os.Args[1] == "--help" || os.Args[1] == "help") {
		fmt.Print(simulator.Help)
		return
	}
	app.Main("autotasksim", simulator.Module, app.WithoutListeners()) // the simulator's own port is the only one
}
