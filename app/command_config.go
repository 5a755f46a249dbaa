package app

import (
	"cmp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/holdfast-go/holdfast/config"
)

// config prints every setting, its value and its source, and then what is
// wrong with them.
func (c command) config(example bool) int {
	h := walk(builtin(), c.options)
	if example {
		c.print(c.out, "%s", config.Example(h.specs...))
		return exitOK
	}
	env, err := h.settings()
	if err != nil {
		return c.fail(err)
	}
	c.table(settingRows(env, h.specs))
	if env.FileNote != "" {
		c.print(c.err, "%s: %s\n", c.name, env.FileNote)
	}
	values, err := config.Load(env, h.specs...)
	if err != nil {
		return c.fail(err)
	}
	for _, name := range values.Unknown() {
		c.print(c.err, "%s: %s is set, but is no setting of this program\n", c.name, name)
	}
	return exitOK
}

// settingRows lists the settings as they are, right or wrong.
func settingRows(env config.Environment, specs []config.Spec) [][]string {
	specs = slices.SortedStableFunc(slices.Values(specs), func(a, b config.Spec) int { return cmp.Compare(a.Owner(), b.Owner()) })
	rows := [][]string{{"OWNER", "NAME", "VALUE", "SOURCE"}}
	seen := map[string]bool{}
	for _, s := range specs {
		for _, f := range s.Fields() {
			if seen[f.Name] {
				continue
			}
			seen[f.Name] = true
			value, source, set := env.Lookup(f.Name)
			if !set {
				value = f.Default
			}
			rows = append(rows, []string{s.Owner(), f.Name, shown(f, value), shownSource(f, source, set)})
		}
	}
	return append(rows, overrideRows(env, seen)...)
}

// overrideRows lists the variables that set something of a route or a group. The
// command "routes" tells what of.
func overrideRows(env config.Environment, settings map[string]bool) [][]string {
	var rows [][]string
	for _, name := range env.Names() {
		if strings.HasPrefix(name, resiliencePrefix) && !settings[name] {
			value, source, _ := env.Lookup(name)
			rows = append(rows, []string{"resilience", name, value, string(source)})
		}
	}
	return rows
}

// resiliencePrefix begins the variables of routes and groups.
const resiliencePrefix = "RESILIENCE_"

func shown(f config.Field, value string) string {
	if f.Secret {
		return config.Secret(value).String()
	}
	return value
}

func shownSource(f config.Field, source config.Source, set bool) string {
	switch {
	case set || f.Default != "":
		return string(source)
	case f.Required:
		return "missing"
	default:
		return "not set"
	}
}

// table prints rows in columns; the first row is the heading.
func (c command) table(rows [][]string) {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = cmp.Or(cell, "-")
		}
		c.print(w, "%s\n", strings.Join(row, "\t"))
	}
	_ = w.Flush() // as print
}
