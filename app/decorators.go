package app

import (
	"fmt"
	"reflect"
	"slices"

	"go.uber.org/fx"
)

// decorators finds what is decorated twice in one place, which fx refuses, and
// replacements of what nothing provides, which fx passes over in silence.
func (g *graph) decorators() []Fault {
	var faults []Fault
	first := map[*scope]map[key]*fn{g.house.root: {
		{typ: reflect.TypeFor[fx.Lifecycle]()}:  g.given,
		{typ: reflect.TypeFor[fx.Shutdowner]()}: g.given,
	}}
	for _, f := range g.funcs {
		if f.kind != fnDecorate && f.kind != fnReplace {
			continue
		}
		if first[f.scope] == nil {
			first[f.scope] = map[key]*fn{}
		}
		for _, k := range f.results {
			other, taken := first[f.scope][k]
			switch {
			case taken:
				faults = append(faults, decoratedTwice(f, other, k))
			case f.kind == fnDecorate && len(f.params) == 0 && g.unknown(k):
				faults = append(faults, g.replacesNothing(f, k))
			}
			first[f.scope][k] = f
		}
	}
	return faults
}

func decoratedTwice(f, other *fn, k key) Fault {
	fault := Fault{Where: f.where, Fix: "keep one of them, or put one into a module"}
	fault.Problem = fmt.Sprintf("%s decorates %s, which %s decorates already", f.label(), k, other.label())
	if other.where != "" {
		fault.Problem += fmt.Sprintf(" (%s)", other.where)
	}
	return fault
}

// unknown tells whether nothing provides k, in private or for all.
func (g *graph) unknown(k key) bool {
	if g.house.opaque || k.group != "" {
		return false
	}
	for _, store := range g.stores {
		if len(store[k]) > 0 {
			return false
		}
	}
	return true
}

// replacesNothing says so, with the interfaces that the value could stand for.
func (g *graph) replacesNothing(f *fn, k key) Fault {
	fault := Fault{
		Where:   f.where,
		Problem: fmt.Sprintf("%s replaces %s, which nothing provides", f.label(), k),
		Fix:     "remove it, or replace the type that is provided",
	}
	var fits []string
	g.provided(func(by *fn, p key, _ bool) bool {
		if p.typ.Kind() == reflect.Interface && p.typ.NumMethod() > 0 && p.group == "" && !by.ours() && k.typ.Implements(p.typ) {
			fits = append(fits, typeName(p.typ))
		}
		return true
	})
	if len(fits) > 0 {
		slices.Sort(fits)
		fault.Fix = fmt.Sprintf("name the interface: apptest.Override[%s](…)", fits[0])
	}
	return fault
}
