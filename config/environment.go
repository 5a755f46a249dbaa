package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/joho/godotenv"
)

// fileName is the file that holds a developer's settings.
const fileName = ".env"

// Environment is where settings come from. The zero value holds none: every
// setting has its default. It is not changed by this package and may be used
// by several goroutines.
type Environment struct {
	Vars     map[string]string // the environment of the process
	File     map[string]string // what the .env file holds; Vars wins over it
	FileNote string            // why a .env file that is there was not read, else empty
}

// Process returns the environment of this process, and with APP_ENV=dev in it
// the .env file in the folder dir, if there is one. APP_ENV must be in the
// environment: a file cannot say that files are read. A $ in the file stands
// for itself, names in its values are not expanded.
//
// The error, if any, is an *Error about the file; it never quotes it.
func Process(dir string) (Environment, error) {
	env := Environment{Vars: make(map[string]string)}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			env.Vars[name] = value
		}
	}
	path := filepath.Join(dir, fileName)
	if env.Vars["APP_ENV"] != string(Dev) {
		if _, err := os.Stat(path); err == nil {
			env.FileNote = "a .env file is here but was not read: that is done only with APP_ENV=dev in the environment"
		}
		return env, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the folder is the caller's choice
	if errors.Is(err, fs.ErrNotExist) {
		return env, nil
	}
	if err != nil {
		return env, &Error{Faults: []Fault{{Name: fileName, Problem: err.Error()}}}
	}
	if env.File, err = parseFile(text); err != nil {
		problem := fmt.Sprintf("line %d cannot be read: write NAME=value, with quotes around a value that holds # or a space", badLine(text))
		return env, &Error{Faults: []Fault{{Name: fileName, Problem: problem}}}
	}
	return env, nil
}

// parseFile reads the text of a .env file. A $ is a $, in quotes or not: the
// parser would put the value of another line, or nothing, in place of $NAME,
// and a password would quietly be another one.
func parseFile(text []byte) (map[string]string, error) {
	const dollar = "\x1a" // a control character, which nobody types
	values, err := godotenv.UnmarshalBytes(bytes.ReplaceAll(text, []byte("$"), []byte(dollar)))
	if err != nil {
		return nil, err
	}
	for name, value := range values {
		if name == "" || strings.ContainsFunc(name, unicode.IsSpace) {
			return nil, errors.New("a line without a name or without a =")
		}
		values[name] = strings.ReplaceAll(value, dollar, "$")
	}
	return values, nil
}

// badLine returns the number of the line at which a file stops being
// readable. The parser's own error quotes the file, with the secrets in it.
func badLine(text []byte) int {
	good := 0 // lines, all before start
	start := 0
	end := 0
	n := 0
	for line := range bytes.Lines(text) {
		n++
		end += len(line)
		if _, err := parseFile(text[start:end]); err == nil {
			good, start = n, end
		}
	}
	return good + 1
}

// Lookup returns the value of a variable and where it comes from. The
// environment wins over the file, also with an empty value.
func (e Environment) Lookup(name string) (value string, source Source, ok bool) {
	if value, ok = e.Vars[name]; ok {
		return value, Env, true
	}
	if value, ok = e.File[name]; ok {
		return value, File, true
	}
	return "", Default, false
}

// Names returns the names of all variables, sorted.
func (e Environment) Names() []string {
	names := slices.Collect(maps.Keys(e.Vars))
	for name := range e.File {
		if _, ok := e.Vars[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
