package app

import (
	"os"

	"go.uber.org/fx"
)

// Main is the main function of a program: it reads the subcommand from the
// command line, runs it, and exits with its code.
//
//	serve    start, serve, stop on a signal (without a subcommand, too)
//	routes   print the routes with their policies
//	graph    print the modules: what they import, provide and export
//	config   print the settings, their values and where they come from
//	health   ask the running process on this machine whether it is ready
//
// Exit codes: those of App.Run; 2 for wrong settings and wrong usage; 1 for
// everything else that fails, with one report on stderr.
func Main(name string, opts ...fx.Option) {
	os.Exit(command{
		name:    name,
		options: opts,
		out:     os.Stdout,
		err:     os.Stderr,
		listen:  listen,
	}.run(os.Args[1:]))
}
