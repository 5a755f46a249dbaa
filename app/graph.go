package app

import (
	"fmt"
	"reflect"
	"slices"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// graph checks that every function can be given what it takes. dig, below fx,
// reports one fault and a stack; this reports all of them, with what to type.
type graph struct {
	house  *house
	given  *fn
	funcs  []*fn
	stores map[*scope]map[key][]*fn // who provides what, by the scope that sees it

	replaced map[key]bool // by a root decorator that takes nothing, as a test does
	idle     map[*fn]bool // not called, because all that needs them is replaced
}

// check adds the faults of the graph to those of the walk.
func (h *house) check() []Fault {
	g := newGraph(h)
	g.findIdle()
	faults := slices.Clone(h.faults)
	faults = append(faults, g.duplicates()...)
	faults = append(faults, g.decorators()...)
	faults = append(faults, g.unmet()...)
	return append(faults, g.cycles()...)
}

func newGraph(h *house) *graph {
	g := &graph{
		house:    h,
		given:    given(h.root),
		stores:   map[*scope]map[key][]*fn{},
		replaced: map[key]bool{},
		idle:     map[*fn]bool{},
	}
	g.store(g.given)
	for _, s := range h.scopes {
		for _, f := range s.funcs {
			g.funcs = append(g.funcs, f)
			switch f.kind {
			case fnProvide:
				g.store(f)
			case fnDecorate, fnReplace:
				if s == h.root && len(f.params) == 0 {
					g.replace(f)
				}
			case fnInvoke:
			}
		}
	}
	return g
}

// given is what fx, and build, provide without being asked.
func given(root *scope) *fn {
	return &fn{kind: fnProvide, name: "app.New", scope: root, results: []key{
		{typ: reflect.TypeFor[fx.Lifecycle]()},
		{typ: reflect.TypeFor[fx.Shutdowner]()},
		{typ: reflect.TypeFor[fx.DotGraph]()},
		{typ: reflect.TypeFor[*config.Values]()},
		{typ: reflect.TypeFor[config.Environment]()},
	}}
}

func (g *graph) store(f *fn) {
	s := g.house.root
	if f.private {
		s = f.scope
	}
	if g.stores[s] == nil {
		g.stores[s] = map[key][]*fn{}
	}
	for _, k := range f.results {
		g.stores[s][k] = append(g.stores[s][k], f)
	}
}

func (g *graph) replace(f *fn) {
	for _, k := range f.results {
		g.replaced[k] = true
	}
}

// providers are the constructors fx calls for one parameter of a function in s:
// the nearest one, or all that give a group what s sees of it.
func (g *graph) providers(s *scope, p param) []*fn {
	var all []*fn
	for ; s != nil && !p.soft; s = s.parent {
		found := g.stores[s][p.key]
		if len(found) > 0 && p.group == "" {
			return found[:1]
		}
		all = append(all, found...)
	}
	return all
}

// needs are the constructors a function makes fx call, and for which parameter.
func (g *graph) needs(f *fn) (needed []*fn, as []param) {
	for _, p := range f.params {
		if g.replaced[p.key] {
			continue
		}
		for _, provider := range g.providers(f.scope, p) {
			needed, as = append(needed, provider), append(as, p)
		}
	}
	return needed, as
}

// findIdle finds the constructors that nobody calls any more because a test
// replaced what needs them. Those that nobody ever called are checked all the same.
func (g *graph) findIdle() {
	if len(g.replaced) == 0 {
		return
	}
	wanted := map[*fn]bool{}
	for _, f := range g.funcs {
		for _, p := range f.params {
			for _, provider := range g.providers(f.scope, p) {
				wanted[provider] = true
			}
		}
	}
	for again := true; again; {
		again = false
		called := map[*fn]bool{}
		for _, f := range g.funcs {
			if !g.idle[f] {
				needed, _ := g.needs(f)
				for _, n := range needed {
					called[n] = true
				}
			}
		}
		for f := range wanted {
			if !called[f] && !g.idle[f] {
				g.idle[f], again = true, true
			}
		}
	}
}

// duplicates finds what is provided twice where both are seen.
func (g *graph) duplicates() []Fault {
	var faults []Fault
	for _, f := range g.funcs {
		if f.kind != fnProvide {
			continue
		}
		s := g.house.root
		if f.private {
			s = f.scope
		}
		for _, k := range f.results {
			same := g.stores[s][k]
			if k.group != "" || len(same) < 2 || same[0] == f {
				continue
			}
			first, second := same[0], f
			if second.ours() { // the root comes first, but what is built in was there before it
				first, second = second, first
			}
			faults = append(faults, Fault{
				Where:   second.where,
				Problem: fmt.Sprintf("%s provides %s, which %s provides already (%s)", second.label(), k, first.label(), first.where),
				Fix:     "remove one of them" + g.duplicateHint(first, second),
			})
		}
	}
	return faults
}

func (g *graph) duplicateHint(a, b *fn) string {
	if a.ours() {
		return ", or change what is built in with fx.Decorate"
	}
	if a.scope == b.scope {
		return `, or tell them apart with fx.Annotated{Name: "…"}`
	}
	return ", or keep one private with app.Providers"
}

// ours tells whether a function came with a built-in module.
func (f *fn) ours() bool { return f.builtin || f.scope.builtin }

// label is the function's name with its module.
func (f *fn) label() string {
	for s := f.scope; s != nil; s = s.parent {
		if s.name != "" {
			return fmt.Sprintf("%s in module %q", f.name, s.name)
		}
	}
	return f.name
}

// unmet finds the parameters that nothing provides, or that come from a module
// that was not imported.
func (g *graph) unmet() []Fault {
	var faults []Fault
	for _, f := range g.funcs {
		if g.idle[f] {
			continue
		}
		for _, p := range f.params {
			if p.group != "" {
				continue
			}
			found := g.providers(f.scope, p)
			switch {
			case len(found) > 0 && g.replaced[p.key]:
			case len(found) > 0:
				faults = append(faults, g.notImported(f, p, found[0])...)
			case !p.optional && !g.house.opaque:
				faults = append(faults, g.missing(f, p))
			}
		}
	}
	return faults
}

// notImported applies the rule that an export, which fx shows to everybody, is
// for importers.
func (g *graph) notImported(f *fn, p param, provider *fn) []Fault {
	to, from := f.scope.owner(), provider.scope.owner()
	if to == nil || from == nil || to == from || slices.Contains(to.imports, from) {
		return nil
	}
	return []Fault{{
		Where:   f.where,
		Problem: fmt.Sprintf("%s takes %s of module %q, which module %q does not import", f.name, p.key, from.name, to.name),
		Fix:     importFix(from, to),
	}}
}

// importFix is what to type for one module to import another.
func importFix(s, into *scope) string {
	if s.def.pkg == "main" || into.def.pkg == s.def.pkg { // the name of the variable is not known
		return fmt.Sprintf("add module %q (%s) to app.Imports in %s", s.name, s.where, moduleAt(into))
	}
	return fmt.Sprintf("add app.Imports(%s.Module) to %s", s.def.pkg, moduleAt(into))
}

func moduleAt(s *scope) string {
	return fmt.Sprintf("app.Module(%q) at %s", s.name, s.where)
}
