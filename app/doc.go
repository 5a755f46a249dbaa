// Package app makes an application of modules: it checks the graph of their
// constructors, compiles their routes, serves them, and stops in order.
//
//	func main() { app.Main("shop", orders.Module) }
//
//	var Module = app.Module("orders",
//		app.Imports(auth.Module),
//		app.Providers(NewRepository, NewService, app.Bind[Payments](NewStripe)),
//		app.Exports(NewCatalogue),
//		app.Controllers(NewController),
//	)
//
// # From options to an application
//
// A phase with faults ends the start, with all of its faults at once:
//
//	options ─ walk ─▶ house ─ settings ─▶ graph ─▶ fx ─ routes ─▶ App ─ Start ─▶ serving
//	                            │           │      │      │              │
//	                            ▼           ▼      │      ▼              ▼
//	                       *config.Error    │      │   *StartError    rollback
//	                        (exit 2)        ▼      ▼   (exit 1)       (exit 1)
//	                              *StartError    the constructor's error
//	                               (exit 1)       (exit 1)
//
// walk opens fx options before fx sees them. Modules are hoisted: each becomes an
// fx.Module that is a child of the root, whoever imports it, because what is
// private in fx is seen by the modules inside. Modules are told apart by
// pointer, plain fx.Module values by the place of their options in memory, so
// both are applied once however often they are given. The graph check works on
// the signatures alone and calls nothing; an option it cannot open is left to fx,
// and then nothing is called missing.
//
// # What is visible where
//
//	app.Providers            the module
//	app.Exports              the module, and the modules that import it
//	app.Bind[I](NewT)        I as the list says it is in, the T in the module only
//	app.Controllers          the module; the routes go to the server
//	plain fx in a module     sees the module; fx.Provide is an export unless fx.Private
//	plain fx beside modules  sees every export, and is seen by all
//	built-in modules         are seen by all: *slog.Logger, *prometheus.Registry,
//	                         *circuitbreaker.Service, *retry.Service,
//	                         *resilience.Runner, *shutdown.Service, *health.Service,
//	                         *shed.Shedder, *chaos.Injector
//
// # A route's policy
//
// What surrounds a handler, outermost first, and who says so:
//
//	throttle      Throttle, of the route or else of its group
//	middleware    Use
//	resilience    UseResilience; over it the variables RESILIENCE_<GROUP>_<SETTING> and
//	              RESILIENCE_<ROUTE>_<SETTING>, over them POST /routes/{name}/settings
//
// A variable that sets nothing, or what the policy cannot have, keeps the application
// from starting. The command "routes", and /routes on the admin listener, tell for
// each value where it was set.
//
// # Start and stop
//
//	start  admin listener ▸ database ▸ hooks in the order of construction ▸ http server ▸ READY
//	stop   GRACE ▸ DRAINING ▸ CLEANUP ▸ hooks in reverse ▸ database ▸ admin listener
//
// The first line of a stop is shutdown.Service, which keeps its clocks; every hook
// has a clock of its own besides, so that one that hangs keeps nobody else
// from stopping. A start that fails goes the same way: the sequence, without
// GRACE, and then the OnStop hooks of what had started.
//
// What the http server does on the way:
//
//	GRACE      serves; every answer says Connection: close. 50 ms before the end, or a
//	           fortieth of it, the listener closes: what was accepted is still served
//	DRAINING   requests on old connections are answered 503 and closed; over when the
//	           last answer is sent, which is later than the return of its handler
//	CLEANUP    every connection is closed, also those that were hijacked, which net/http
//	           forgets, and those that never sent anything, which it waits 5 s for
//
// Signals are registered by Run and Main alone:
//
//	during the constructors  exit 128+n at once, nothing has started
//	during the start         the OnStart hooks are cancelled, what has started is
//	                         stopped, exit 128+n
//	while serving            the stop begins
//	during the stop          within 500 ms a copy; later, exit 128+n at once
//
// At SHUTDOWN_FORCE_TIMEOUT the process exits with 1, whatever hangs, and the last
// line of the log names it.
package app
