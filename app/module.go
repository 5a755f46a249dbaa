package app

import (
	"fmt"

	"go.uber.org/fx"
)

// ModuleDef is a module: a named set of constructors, private unless exported,
// with the controllers, checks and tasks that belong to it. Module makes one.
//
// It is an fx.Option for New, Main, Imports and fx.Options. A module given
// twice, or imported by many, is applied once.
type ModuleDef struct {
	fx.Option // what plain fx.New would apply: an error that says where the module belongs

	name  string
	where string
	pkg   string
	parts []fx.Option
}

// Module defines a module. The name appears in logs, in errors and in the names
// of its routes; it must be unique in an application. Parts are made by
// Imports, Providers, Exports, Controllers, Health and OnShutdown; plain fx
// options, such as fx.Invoke, mix in and see what is private to the module.
//
// Every constructor of the module that takes a *slog.Logger gets one with the
// attribute module=<name>, unless the module decorates the logger itself.
func Module(name string, parts ...fx.Option) *ModuleDef {
	where, pkg := caller(1)
	return &ModuleDef{
		Option: fx.Error(fmt.Errorf("app.Module(%q) at %s is for app.New or app.Main, not for fx.New", name, where)),
		name:   name, where: where, pkg: pkg, parts: parts,
	}
}

// Name is the name given to Module.
func (m *ModuleDef) Name() string { return m.name }

// String names the module.
func (m *ModuleDef) String() string { return fmt.Sprintf("app.Module(%q)", m.name) }

// Imports makes the exports of other modules available to the constructors of
// this one. Options that are not modules are applied to the whole application.
func Imports(modules ...fx.Option) fx.Option {
	items := make([]any, len(modules))
	for i, m := range modules {
		items[i] = m
	}
	return newPart(partImports, items)
}

// Providers adds constructors whose results only this module sees. A
// constructor is a function that takes what it needs and returns what it
// gives, and an error last where it can fail; Bind wraps one.
func Providers(constructors ...any) fx.Option { return newPart(partProviders, constructors) }

// Exports adds constructors whose results this module sees, and every module
// that imports it.
func Exports(constructors ...any) fx.Option { return newPart(partExports, constructors) }

// Controllers adds constructors that return a Controller. The controller is
// private to the module; its routes are served.
func Controllers(constructors ...any) fx.Option { return newPart(partControllers, constructors) }

// Health adds constructors that return a health.Check.
func Health(constructors ...any) fx.Option { return newPart(partHealth, constructors) }

// OnShutdown adds constructors that return a shutdown.Task, run at cleanup. It runs
// after a start that failed too, and must bear that its module never started.
func OnShutdown(constructors ...any) fx.Option { return newPart(partOnShutdown, constructors) }

type partKind string

const (
	partImports     partKind = "app.Imports"
	partProviders   partKind = "app.Providers"
	partExports     partKind = "app.Exports"
	partControllers partKind = "app.Controllers"
	partHealth      partKind = "app.Health"
	partOnShutdown  partKind = "app.OnShutdown"
)

// part is one argument of Module.
type part struct {
	fx.Option // what plain fx.New would apply: an error

	kind  partKind
	where string
	items []any
}

func newPart(kind partKind, items []any) fx.Option {
	where, _ := caller(2)
	return &part{
		Option: fx.Error(fmt.Errorf("%s at %s stands outside app.Module", kind, where)),
		kind:   kind, where: where, items: items,
	}
}

func (p *part) String() string { return string(p.kind) }
