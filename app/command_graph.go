package app

import (
	"fmt"
	"slices"
	"strings"
)

// ModuleInfo describes one module of an application. Constructors are named
// as in Go, such as "orders.NewService".
type ModuleInfo struct {
	Name        string
	Source      string // file:line of the definition
	Builtin     bool   // added by New itself
	Imports     []string
	Providers   []string // private
	Exports     []string
	Controllers []string
	Health      []string
	OnShutdown  []string
}

// modules lists the modules in the order in which they were met.
func (h *house) modules() []ModuleInfo {
	list := make([]ModuleInfo, 0, len(h.scopes))
	for _, s := range h.scopes[1:] {
		m := ModuleInfo{Name: s.name, Source: s.where, Builtin: s.builtin}
		for _, imported := range s.imports {
			m.Imports = append(m.Imports, imported.name)
		}
		m.Controllers, m.Health, m.OnShutdown = s.parts[partControllers], s.parts[partHealth], s.parts[partOnShutdown]
		for _, f := range s.funcs {
			switch {
			case f.kind != fnProvide || f.hidden || f.grouped():
			case f.private:
				m.Providers = append(m.Providers, f.name)
			default:
				m.Exports = append(m.Exports, f.name)
			}
		}
		list = append(list, m)
	}
	return list
}

// grouped tells whether a constructor gives nothing but values of groups, such
// as metrics and settings.
func (f *fn) grouped() bool {
	return !slices.ContainsFunc(f.results, func(k key) bool { return k.group == "" })
}

// graph prints the modules, and then what is wrong with them. It needs no
// settings and calls no constructor.
func (c command) graph(dot bool) int {
	h := walk(builtin(), c.options)
	if dot {
		c.dot(h.modules())
	} else {
		c.tree(h.modules())
	}
	if err := startError(phaseGraph, h.check()); err != nil {
		return c.fail(err)
	}
	return exitOK
}

func (c command) tree(modules []ModuleInfo) {
	for _, m := range modules {
		note := ""
		if m.Builtin {
			note = " (built in)"
		}
		c.print(c.out, "%s%s  %s\n", m.Name, note, m.Source)
		for _, part := range []struct {
			title string
			names []string
		}{
			{"imports", m.Imports},
			{"provides", m.Providers},
			{"exports", m.Exports},
			{"controllers", m.Controllers},
			{"health", m.Health},
			{"on shutdown", m.OnShutdown},
		} {
			if len(part.names) > 0 {
				c.print(c.out, "  %-12s %s\n", part.title, strings.Join(part.names, ", "))
			}
		}
	}
}

// dot prints the imports in the language of Graphviz.
func (c command) dot(modules []ModuleInfo) {
	c.print(c.out, "digraph %q {\n  rankdir=LR;\n  node [shape=box];\n", c.name)
	for _, m := range modules {
		style := ""
		if m.Builtin {
			style = " style=dashed"
		}
		label := strings.Join(slices.Concat([]string{m.Name}, m.Exports), "\n")
		c.print(c.out, "  %q [label=%s%s];\n", m.Name, fmt.Sprintf("%q", label), style)
		for _, imported := range m.Imports {
			c.print(c.out, "  %q -> %q;\n", m.Name, imported)
		}
	}
	c.print(c.out, "}\n")
}
