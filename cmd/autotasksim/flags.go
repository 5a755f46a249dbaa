package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

const (
	prefix = "AUTOTASK_SIMULATOR_"
	faults = prefix + "FAULTS" // a flag names a file, the variable holds its content
)

// commandLine is a flag for each setting of the simulator.
type commandLine struct {
	set    *flag.FlagSet
	fields []config.Field
	vars   map[string]string // what the flags say, by the names of the variables
}

func newCommandLine() *commandLine {
	c := &commandLine{
		set: flag.NewFlagSet("autotasksim", flag.ContinueOnError), vars: map[string]string{},
		fields: config.SpecOf[simulator.Config]().Fields(),
	}
	c.set.SetOutput(io.Discard) // one line is enough, and main prints it
	for _, f := range c.fields {
		c.set.Var(setting{c, f}, flagName(f.Name), f.Desc)
	}
	return c
}

// flagName is thread-limit for AUTOTASK_SIMULATOR_THREAD_LIMIT.
func flagName(variable string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(variable, prefix), "_", "-"))
}

// setting is the flag of one setting. It implements [flag.Value].
type setting struct {
	line  *commandLine
	field config.Field
}

// String returns nothing: help tells the defaults.
func (setting) String() string { return "" }

// Set takes the text as it would be written in the environment.
func (s setting) Set(text string) error {
	if s.field.Name == faults {
		plan, err := os.ReadFile(text) //nolint:gosec // the user's own file
		if err != nil {
			return err
		}
		text = strings.TrimSpace(string(plan))
	}
	s.line.vars[s.field.Name] = text
	return nil
}

// IsBoolFlag lets -strict stand for -strict=true.
func (s setting) IsBoolFlag() bool { return s.field.Default == "false" || s.field.Default == "true" }

// parse reads the flags and returns the command behind them. The error is a line for each flag that is wrong.
func (c *commandLine) parse(args []string) (rest []string, err error) {
	if err := c.set.Parse(args); err != nil {
		return nil, err
	}
	_, err = config.Load(config.Environment{Vars: c.vars}, config.SpecOf[simulator.Config]())
	wrong, ok := errors.AsType[*config.Error](err)
	if !ok {
		return c.set.Args(), err
	}
	lines := make([]string, 0, len(wrong.Faults))
	for _, f := range wrong.Faults {
		text := f.Error()
		if f.Name != "" { // else it says in words what it is about
			text = strings.ReplaceAll(text, f.Name, "-"+flagName(f.Name))
		}
		lines = append(lines, text)
	}
	return nil, errors.New(strings.Join(lines, "\nautotasksim: "))
}

// help describes the flags, in the order of the settings.
func (c *commandLine) help() string {
	var b strings.Builder
	b.WriteString("\nFLAGS (each is a setting, and wins over its variable)\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range c.fields {
		value := f.Default
		if f.Name == faults {
			value = "plan.json"
		}
		_, _ = fmt.Fprintf(w, "  -%s\t%s\t%s\n", flagName(f.Name), value, f.Desc)
	}
	_ = w.Flush() // into memory
	b.WriteString("\nCOMMANDS (behind the flags; serve unless another is named)\n\n" +
		"  autotasksim config    print the settings, their values and where they come from\n" +
		"  autotasksim graph     print the modules of the program\n")
	return b.String()
}
