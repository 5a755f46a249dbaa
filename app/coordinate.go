package app

import (
	"context"

	"go.uber.org/fx"
)

// coordinator is the hook that is appended last, on the lifecycle of fx itself:
// it says ready when everything has started, and at stop it comes first and
// takes the time of the whole sequence, which has clocks of its own: no OnStop
// hook runs beside it, whatever the context of the caller. Cleanup tasks that were
// registered during the start are checked before it is over.
func (a *App) coordinator() fx.Hook {
	return fx.Hook{
		OnStart: func(ctx context.Context) error {
			return a.hooks.onStart(ctx, "cleanup tasks", func(context.Context) error {
				if err := a.parts.Stop.Check(); err != nil {
					return err
				}
				a.parts.Stop.Ready()
				a.hooks.release()
				return nil
			})
		},
		OnStop: func(ctx context.Context) error {
			a.request("stop") //nolint:contextcheck // the stop outlives whoever asks for it
			return a.parts.Stop.Wait(context.WithoutCancel(ctx))
		},
	}
}

// request asks for the stop of the process, which outlives whoever asks.
func (a *App) request(reason string) { a.parts.Stop.Request(reason) }
