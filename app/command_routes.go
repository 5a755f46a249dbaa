package app

import (
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/config"
)

// routes prints the routes, and then the settings that the environment has laid
// over their policies. That needs the controllers, and so the settings:
// where some are missing or wrong, examples stand in for them, since nothing is
// started.
func (c command) routes(bool) int {
	h := walk(builtin(), c.options)
	env, err := h.settings()
	if err != nil {
		return c.fail(err)
	}
	values, err := config.Load(env, h.specs...)
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		c.print(c.err, "%s: settings are missing or wrong, %d in all (see %[1]s config); examples stand in for them here\n", c.name, len(wrong.Faults))
		env = standIn(env, h.specs, wrong.Faults)
		values, err = config.Load(env, h.specs...)
	}
	if err != nil {
		return c.fail(err)
	}
	if err := startError(phaseGraph, h.check()); err != nil {
		return c.fail(err)
	}
	a, err := build(c.name, h, env, values)
	if err != nil {
		return c.fail(err)
	}
	c.table(routeRows(a.Routes()))
	if rows := a.parts.router.overridden(); len(rows) > 0 {
		c.print(c.out, "\n")
		c.table(append([][]string{{"ROUTE", "SETTING", "VALUE", "SOURCE"}}, rows...))
	}
	return exitOK
}

// standIn replaces the settings that are wrong.
func standIn(env config.Environment, specs []config.Spec, faults []config.Fault) config.Environment {
	fields := map[string]config.Field{}
	for _, s := range specs {
		for _, f := range s.Fields() {
			fields[f.Name] = f
		}
	}
	env.Vars, env.File = maps.Clone(env.Vars), maps.Clone(env.File)
	if env.Vars == nil {
		env.Vars = map[string]string{}
	}
	for _, fault := range faults {
		field, known := fields[fault.Name]
		delete(env.Vars, fault.Name)
		delete(env.File, fault.Name)
		switch {
		case known && fault.Example != "":
			env.Vars[fault.Name] = fault.Example
		case known && field.Default == "":
			env.Vars[fault.Name] = "example"
		}
	}
	return env
}

func routeRows(routes []RouteInfo) [][]string {
	rows := [][]string{{"METHOD", "PATH", "NAME", "POLICY", "GUARDS", "SOURCE"}}
	for _, r := range routes {
		rows = append(rows, []string{r.Method, r.Path, r.Name, strings.Join(r.strategies(), ", "), strconv.Itoa(r.Guards), r.Source})
	}
	return rows
}
