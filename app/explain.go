package app

import (
	"errors"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Explain makes every check of New that can be made and returns everything
// they found: settings and graph together, and the routes where both are right.
func Explain(opts ...fx.Option) error {
	h := walk(builtin(), opts)
	env, err := h.settings()
	if err != nil {
		return err
	}
	values, err := config.Load(env, h.specs...)
	if err := errors.Join(err, startError(phaseGraph, h.check())); err != nil {
		return err
	}
	_, err = build("explain", h, env, values)
	return err
}
