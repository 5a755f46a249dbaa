package app

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// missing says what nothing provides, and the most likely thing to type.
func (g *graph) missing(f *fn, p param) Fault {
	fault := Fault{Where: f.where, Problem: fmt.Sprintf("%s takes %s, and nothing provides it", f.name, p.key)}
	for _, hint := range []func(*fn, param) (string, string){
		g.otherName, g.behindInterface, g.privateElsewhere, g.pointer, g.implementers, g.settings,
	} {
		note, fix := hint(f, p)
		if fix == "" {
			continue
		}
		if note != "" {
			fault.Problem = fmt.Sprintf("%s takes %s, %s", f.name, p.key, note)
		}
		fault.Fix = fix
		return fault
	}
	fault.Fix = g.byHand(f, p)
	return fault
}

// seen calls yield with what is provided, whether or not a function in s may
// have it, in the order it was met.
func (g *graph) provided(yield func(f *fn, k key, private bool) bool) {
	for _, f := range g.funcs {
		if f.kind != fnProvide {
			continue
		}
		for _, k := range f.results {
			if !yield(f, k, f.private) {
				return
			}
		}
	}
}

// within tells whether a function in s sees what is private to owner.
func within(s, owner *scope) bool {
	for ; s != nil; s = s.parent {
		if s == owner {
			return true
		}
	}
	return false
}

func (g *graph) otherName(f *fn, p param) (note, fix string) {
	g.provided(func(by *fn, k key, private bool) bool {
		if k.typ != p.typ || k == p.key || private && !within(f.scope, by.scope) {
			return true
		}
		tag := fmt.Sprintf("name:%q", k.name)
		switch {
		case k.group != "":
			note = fmt.Sprintf("which is only in group %q (%s)", k.group, by.where)
			fix = fmt.Sprintf("take []%s in an fx.In struct, with the tag `group:%q`", typeName(k.typ), k.group)
		case k.name == "":
			note = fmt.Sprintf("which is provided without a name (%s)", by.where)
			fix = "remove the name from the tag"
		default:
			note = fmt.Sprintf("which is only provided by the name %q (%s)", k.name, by.where)
			fix = fmt.Sprintf("take it in an fx.In struct, with the tag `%s`", tag)
		}
		return false
	})
	return note, fix
}

func (g *graph) privateElsewhere(f *fn, p param) (note, fix string) {
	g.provided(func(by *fn, k key, private bool) bool {
		if k != p.key || !private || within(f.scope, by.scope) {
			return true
		}
		note = fmt.Sprintf("which is private to module %q", by.scope.name)
		from, to := by.scope.owner(), f.scope.owner()
		if from == nil || from != by.scope {
			fix = fmt.Sprintf("remove fx.Private at %s", by.where)
			return false
		}
		fix = fmt.Sprintf("move %s (%s) from app.Providers to app.Exports in %s", by.name, by.where, moduleAt(from))
		if to != nil && !slices.Contains(to.imports, from) {
			fix += ",\nand " + importFix(from, to)
		}
		return false
	})
	return note, fix
}

// pointer finds *T where T is asked for, and the reverse.
func (g *graph) pointer(f *fn, p param) (note, fix string) {
	g.provided(func(by *fn, k key, private bool) bool {
		near := k.typ == reflect.PointerTo(p.typ) || p.typ.Kind() == reflect.Pointer && p.typ.Elem() == k.typ
		if !near || k.group != "" || private && !within(f.scope, by.scope) {
			return true
		}
		note = fmt.Sprintf("but %s provides %s", by.label(), typeName(k.typ))
		fix = fmt.Sprintf("take %s, or let %s (%s) return %s", typeName(k.typ), by.name, by.where, typeName(p.typ))
		return false
	})
	return note, fix
}

// implementers finds constructors whose result could be bound to the interface asked for.
func (g *graph) implementers(f *fn, p param) (note, fix string) {
	if p.typ.Kind() != reflect.Interface || p.typ.NumMethod() == 0 {
		return "", ""
	}
	var fixes []string
	g.provided(func(by *fn, k key, _ bool) bool {
		if k.typ.Implements(p.typ) && k.group == "" && !by.builtin && !by.scope.builtin && len(fixes) < 3 {
			if note == "" {
				note = fmt.Sprintf("which %s implements but is not bound to", typeName(k.typ))
			}
			part := "app.Providers"
			if by.scope.owner() != f.scope.owner() {
				part = "app.Exports"
			}
			fixes = append(fixes, fmt.Sprintf("%s(app.Bind[%s](%s)) in place of %[3]s%s", part, typeName(p.typ), by.name, inModule(by.scope)))
		}
		return true
	})
	return note, strings.Join(fixes, ",\nor ")
}

func inModule(s *scope) string {
	if owner := s.owner(); owner != nil {
		return " in " + moduleAt(owner)
	}
	return ""
}

// behindInterface finds an interface that stands for the concrete type asked for.
func (g *graph) behindInterface(f *fn, p param) (note, fix string) {
	if p.typ.Kind() == reflect.Interface {
		return "", ""
	}
	g.provided(func(by *fn, k key, private bool) bool {
		if k.typ.Kind() != reflect.Interface || k.typ.NumMethod() == 0 || !p.typ.Implements(k.typ) ||
			k.group != "" || private && !within(f.scope, by.scope) {
			return true
		}
		note = fmt.Sprintf("but %s provides the interface %s", by.label(), typeName(k.typ))
		fix = fmt.Sprintf("take %s", typeName(k.typ))
		return false
	})
	return note, fix
}

// settings finds structs that config reads.
func (g *graph) settings(f *fn, p param) (note, fix string) {
	if p.typ.Kind() != reflect.Struct {
		return "", ""
	}
	for field := range p.typ.Fields() {
		if field.Tag.Get("envconfig") != "" {
			return "", fmt.Sprintf("add config.Provide[%s]()%s", typeName(p.typ), toModule(f.scope))
		}
	}
	return "", ""
}

func toModule(s *scope) string {
	if owner := s.owner(); owner != nil {
		return " to " + moduleAt(owner)
	}
	return ""
}

func (g *graph) byHand(f *fn, p param) string {
	t := p.typ
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	fix := fmt.Sprintf("add a constructor that returns %s to app.Providers", typeName(p.typ))
	owner := f.scope.owner()
	if owner == nil {
		fix = fmt.Sprintf("give app.New the module that exports it, or fx.Provide a constructor that returns %s", typeName(p.typ))
	} else {
		fix += " in " + moduleAt(owner)
	}
	pkg, _, named := strings.Cut(t.String(), ".")
	if owner != nil && named && t.PkgPath() != "" && pkg != owner.def.pkg {
		fix += fmt.Sprintf(",\nor import the module that exports it, perhaps app.Imports(%s.Module)", pkg)
	}
	return fix
}
