package app

import (
	"context"
	"io"
	"os"

	"go.uber.org/fx"
)

// RunWith is Run with signals that a test sends.
func RunWith(ctx context.Context, a *App, signals <-chan os.Signal) int { return a.run(ctx, signals) }

// RunCommand is Main without the process around it.
func RunCommand(out, errs io.Writer, signals <-chan os.Signal, name string, args []string, opts ...fx.Option) int {
	return command{
		name: name, options: opts, out: out, err: errs,
		listen: func() (<-chan os.Signal, func()) { return signals, func() {} },
	}.run(args)
}

// Opened tells what open makes of an option: whether it is known, the name of a
// module, and how much is in it.
func Opened(o fx.Option) (known bool, name string, options, targets int, private bool) {
	opened := open(o)
	return opened.kind != optionUnknown, opened.name, len(opened.options), len(opened.targets), opened.private
}
