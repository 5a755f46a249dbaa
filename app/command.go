package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// command is a program made by Main.
type command struct {
	name    string
	options []fx.Option
	out     io.Writer
	err     io.Writer
	listen  func() (signals <-chan os.Signal, release func())
}

const usage = `usage: %[1]s [command]

  serve              start and serve until a signal comes (the default)
  routes             print the routes with their policies, guards and source
  graph [--dot]      print the modules and what they import, provide and export
  config [--example] print the settings and where each comes from;
                     --example prints a .env file with every setting
  health             ask the admin listener whether the process is ready
  help               print this
`

func (c command) run(args []string) int {
	name, args := verb(args)
	if name == "help" {
		c.print(c.out, usage, c.name)
		return exitOK
	}
	flag, run := "", map[string]func(bool) int{
		"serve": c.serve, "routes": c.routes, "graph": c.graph, "config": c.config, "health": c.health,
	}[name]
	switch {
	case run == nil:
		return c.misuse("unknown command %q", name)
	case name == "graph":
		flag = "--dot"
	case name == "config":
		flag = "--example"
	}
	if len(args) > 1 || len(args) == 1 && (args[0] != flag || flag == "") {
		return c.misuse("%s does not take %q", name, args)
	}
	return run(len(args) == 1)
}

// verb is the command, and what follows it.
func verb(args []string) (name string, rest []string) {
	if len(args) == 0 {
		return "serve", nil
	}
	if args[0] == "-h" || args[0] == "--help" {
		return "help", nil
	}
	return args[0], args[1:]
}

func (c command) misuse(format string, args ...any) int {
	c.print(c.err, "%s: %s\n"+usage, c.name, fmt.Sprintf(format, args...))
	return exitSettings
}

// fail reports an error that keeps the program from its work.
func (c command) fail(err error) int {
	c.print(c.err, "%s: %v\n", c.name, err)
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitSettings
	}
	return exitFailed
}

// print writes to a terminal or a pipe; there is nobody to tell when that fails.
func (command) print(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

// serve listens for signals before the first constructor runs. A signal that
// comes while they do ends the program: nothing has started yet.
func (c command) serve(bool) int {
	signals, release := c.listen()
	defer release()
	type result struct {
		app *App
		err error
	}
	built := make(chan result, 1)
	go func() {
		a, err := New(c.name, c.options...)
		built <- result{a, err}
	}()
	select {
	case r := <-built:
		if r.err != nil {
			return c.fail(r.err)
		}
		return r.app.run(context.Background(), signals)
	case sig := <-signals:
		return exitCode(sig)
	}
}
