package app

import (
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// house is everything that was given to New, flattened: what fx is to be
// given, and what the graph check needs to know of it.
type house struct {
	root    *scope
	scopes  []*scope // the root first, then modules as they are met
	env     *config.Environment
	specs   []config.Spec
	unheard bool // no listeners
	opaque  bool // an option could not be opened: what is missing may be in there
	faults  []Fault

	defs    map[*ModuleDef]*scope
	applied map[uintptr]*scope // plain fx modules, by the place of their options
	names   map[string]*scope
}

// scope is the root, a module of ours (always a child of the root: what is
// private to one must not be seen by those it imports) or a plain fx.Module.
type scope struct {
	name    string
	where   string
	builtin bool
	def     *ModuleDef // nil for the root and for a plain fx.Module
	parent  *scope     // nil for the root
	imports []*scope
	options []fx.Option
	funcs   []*fn
	later   []func()              // adaptors, after the constructors they may share
	parts   map[partKind][]string // what Providers, Exports and so on name, for the graph
}

// walk flattens options. The built-in ones come first, so that a built-in
// module that a user imports again stays where it is.
func walk(builtin, options []fx.Option) *house {
	h := &house{
		root:    &scope{},
		defs:    map[*ModuleDef]*scope{},
		applied: map[uintptr]*scope{},
		names:   map[string]*scope{},
	}
	h.scopes = []*scope{h.root}
	if plain := open(config.Module); plain.id != 0 {
		h.applied[plain.id] = h.root // New supplies *config.Values itself
	}
	h.options(h.root, h.root, builtin)
	for _, s := range h.scopes {
		s.builtin = s != h.root
	}
	for _, f := range h.root.funcs {
		f.builtin = true
	}
	h.options(h.root, h.root, options)
	return h
}

// options adds to dest; modules among them are imported by importer.
func (h *house) options(dest, importer *scope, options []fx.Option) {
	for _, o := range options {
		h.option(dest, importer, o)
	}
}

func (h *house) option(dest, importer *scope, o fx.Option) {
	switch o := o.(type) {
	case nil:
		h.nothing(dest)
	case *ModuleDef:
		if o == nil {
			h.nothing(dest)
			return
		}
		h.module(importer, o)
	case *part:
		h.part(dest, o)
	case environmentOption:
		h.environment(o.env)
	case unheardOption:
		h.unheard = true
	default:
		h.plain(dest, importer, o, open(o))
	}
}

func (h *house) nothing(dest *scope) {
	to := "app.New"
	if dest.name != "" {
		to = fmt.Sprintf("module %q", dest.name)
	}
	h.fault(dest.where, to+" was given a nil option", "remove it, or give the module it should have been")
}

func (h *house) plain(dest, importer *scope, o fx.Option, opened option) {
	switch opened.kind {
	case optionGroup:
		h.options(dest, importer, opened.options)
	case optionModule:
		h.fxModule(dest, importer, opened)
	case optionProvide, optionSupply:
		h.keep(dest, o)
		for _, target := range opened.targets {
			h.provide(dest, target, opened)
		}
	case optionInvoke:
		h.keep(dest, o)
		for _, target := range opened.targets {
			h.function(dest, fnInvoke, target, opened.where)
		}
	case optionDecorate:
		h.keep(dest, o)
		for _, target := range opened.targets {
			if f := h.function(dest, fnDecorate, target, opened.where); f != nil && opened.test {
				h.override(dest, f, opened.where)
			}
		}
	case optionReplace:
		h.keep(dest, o)
		for _, target := range opened.targets {
			if f := h.function(dest, fnReplace, target, opened.where); f != nil {
				f.name, f.where = "fx.Replace", opened.where
			}
		}
	case optionHarmless:
		h.keep(dest, o)
	case optionUnknown:
		h.opaque = true
		h.keep(dest, o)
	}
}

// override names the function that apptest.Override made, and drops the one it
// made for the same type before: the last one wins, as with settings.
func (*house) override(dest *scope, f *fn, where string) {
	f.name, f.where, f.option = fmt.Sprintf("apptest.Override[%s]", typeName(f.results[0].typ)), where, len(dest.options)-1
	dest.funcs = slices.DeleteFunc(dest.funcs, func(earlier *fn) bool {
		again := earlier != f && earlier.kind == fnDecorate && earlier.name == f.name && earlier.results[0] == f.results[0]
		if again {
			dest.options[earlier.option] = fx.Options()
		}
		return again
	})
}

func (*house) keep(dest *scope, o fx.Option) { dest.options = append(dest.options, o) }

func (h *house) environment(env config.Environment) {
	if h.env == nil {
		h.env = &config.Environment{Vars: map[string]string{}, File: map[string]string{}}
	}
	maps.Copy(h.env.Vars, env.Vars)
	maps.Copy(h.env.File, env.File)
	if env.FileNote != "" {
		h.env.FileNote = env.FileNote
	}
}

// module hoists a module of ours to the root, after what it imports.
func (h *house) module(importer *scope, def *ModuleDef) {
	if s, met := h.defs[def]; met {
		importer.addImport(s)
		return
	}
	s := &scope{name: def.name, where: def.where, def: def, parent: h.root, parts: map[partKind][]string{}}
	h.defs[def] = s
	importer.addImport(s)
	h.enter(s)
	h.options(s, s, def.parts)
	for _, add := range s.later {
		add()
	}
	if !s.decorates(reflect.TypeFor[*slog.Logger]()) {
		s.options = append(s.options, fx.Decorate(func(log *slog.Logger) *slog.Logger {
			return log.With(slog.String("module", def.name))
		}))
	}
	// An invoke in each module makes fx look for cycles among private providers too.
	s.options = append(s.options, fx.Invoke(func() {}))
	h.root.options = append(h.root.options, fx.Module(s.name, s.options...))
}

// fxModule applies a plain fx.Module once, where it is first met.
func (h *house) fxModule(dest, importer *scope, opened option) {
	if s, met := h.applied[opened.id]; met && opened.id != 0 {
		importer.addImport(s)
		return
	}
	s := &scope{name: opened.name, where: opened.where, parent: dest}
	if opened.id != 0 {
		h.applied[opened.id] = s
	}
	importer.addImport(s)
	h.enter(s)
	h.options(s, s, opened.options)
	dest.options = append(dest.options, fx.Module(s.name, s.options...))
}

func (h *house) enter(s *scope) {
	h.scopes = append(h.scopes, s)
	if s.def == nil { // a plain fx.Module may be another's work; its name is only shown
		if _, taken := h.names[s.name]; !taken {
			h.names[s.name] = s
		}
		return
	}
	if s.name == "" {
		h.fault(s.where, "this module has no name", `give it one: app.Module("orders", …)`)
		return
	}
	if first, taken := h.names[s.name]; taken {
		h.fault(s.where, fmt.Sprintf("module %q is defined a second time; the first is at %s", s.name, first.where),
			"rename one of them, or give the same value to both importers")
		return
	}
	h.names[s.name] = s
}

func (s *scope) addImport(other *scope) {
	if s != other && !slices.Contains(s.imports, other) {
		s.imports = append(s.imports, other)
	}
}

func (s *scope) decorates(t reflect.Type) bool {
	return slices.ContainsFunc(s.funcs, func(f *fn) bool {
		return (f.kind == fnDecorate || f.kind == fnReplace) && slices.Contains(f.results, key{typ: t})
	})
}

// owner is the module of ours that a scope belongs to, or nil.
func (s *scope) owner() *scope {
	for ; s != nil; s = s.parent {
		if s.def != nil {
			return s
		}
	}
	return nil
}

func (h *house) fault(where, problem, fix string) {
	h.faults = append(h.faults, Fault{Where: where, Problem: problem, Fix: fix})
}
