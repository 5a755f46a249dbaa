package main_test

import (
	"testing"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// launch runs a program with nothing in its environment but vars, in an empty folder.
func launch(t *testing.T, vars map[string]string, name string, args ...string) *stoptest.Process {
	t.Helper()
	return stoptest.Start(t, stoptest.Command{Path: program(t, name), Args: args, Env: vars})
}

// run is launch for a program that ends by itself.
func run(t *testing.T, vars map[string]string, name string, args ...string) (code int, out, err string) {
	t.Helper()
	p := launch(t, vars, name, args...)
	code = p.Wait(limit)
	return code, p.Stdout(), p.Stderr()
}
