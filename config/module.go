package config

import "go.uber.org/fx"

// Provide gives a module its Config: it provides T from *Values and adds the
// spec of T to the value group "config.specs", so that whoever provides
// *Values (package app, or Module) has read every setting of the program
// before the first other constructor runs.
func Provide[T any]() fx.Option {
	return fx.Options(
		fx.Provide(Get[T]),
		fx.Supply(fx.Annotated{Group: "config.specs", Target: SpecOf[T]()}),
	)
}

// Module provides *Values from the environment of the process, and from .env
// in the working folder with APP_ENV=dev, for programs that use fx without
// package app.
var Module = fx.Module("config", fx.Provide(fromProcess))

type specs struct {
	fx.In

	Specs []Spec `group:"config.specs"`
}

func fromProcess(in specs) (*Values, error) {
	env, err := Process(".")
	if err != nil {
		return nil, err
	}
	return Load(env, in.Specs...)
}
