package config

import (
	"errors"
	"fmt"
	"strings"
)

// Source says where a value comes from.
type Source string

// The sources, from the weakest to the strongest.
const (
	Default Source = "default"     // the default tag of the field
	File    Source = ".env"        // the .env file, in development
	Env     Source = "environment" // the environment of the process
)

// Fault is one thing that is wrong with one setting. A Validate method
// returns faults, joined by [errors.Join]; Load masks Value where the setting
// is a secret.
//
//nolint:errname // Error is the whole report, a Fault one line of it
type Fault struct {
	Name    string // the variable, empty where the fault is in no single one
	Value   string // as it was written, masked if secret, empty if not set
	Problem string // what is wrong and what is allowed, to be read after the name
	Example string // a value that would do, empty if there is none to give
}

// Error returns the fault in one line:
//
//	NAME="value": problem, for example NAME=example
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Name)
	if f.Value != "" {
		fmt.Fprintf(&b, "=%q", shorten(f.Value))
	}
	if f.Name != "" {
		b.WriteString(": ")
	}
	b.WriteString(f.Problem)
	if f.Name != "" && f.Example != "" {
		fmt.Fprintf(&b, ", for example %s=%s", f.Name, f.Example)
	}
	return b.String()
}

// shorten keeps a value that was pasted into the wrong variable from filling
// the terminal.
func shorten(value string) string {
	const most = 80
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

// Error is everything that is wrong with the settings, at once. It unwraps to
// its faults, so that errors.AsType[config.Fault] finds the first.
type Error struct {
	Faults []Fault // at least one, by owner, in the order of the fields
	Note   string  // Environment.FileNote
}

// Error returns a heading and one line for each fault.
func (e *Error) Error() string {
	var b strings.Builder
	if len(e.Faults) == 1 {
		b.WriteString("1 setting is wrong:")
	} else {
		fmt.Fprintf(&b, "%d settings are wrong:", len(e.Faults))
	}
	for _, f := range e.Faults {
		b.WriteString("\n  " + f.Error())
	}
	if e.Note != "" {
		b.WriteString("\n" + e.Note)
	}
	return b.String()
}

// Unwrap returns the faults.
func (e *Error) Unwrap() []error {
	errs := make([]error, len(e.Faults))
	for i, f := range e.Faults {
		errs[i] = f
	}
	return errs
}

// faultsOf flattens what a Validate method returned. An error that is no
// Fault becomes one without a name.
func faultsOf(err error) []Fault {
	if err == nil {
		return nil
	}
	if f, ok := err.(Fault); ok { //nolint:errorlint // the tree is walked by hand
		return []Fault{f}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var faults []Fault
		for _, e := range joined.Unwrap() {
			faults = append(faults, faultsOf(e)...)
		}
		return faults
	}
	if _, ok := errors.AsType[Fault](err); ok {
		return faultsOf(errors.Unwrap(err)) // what wraps a fault adds nothing to it
	}
	return []Fault{{Problem: err.Error()}}
}
