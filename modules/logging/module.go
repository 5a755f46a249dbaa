package logging

import (
	"io"
	"log/slog"
	"os"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Output is where the log goes. Supply one to Module in place of os.Stderr.
type Output struct{ io.Writer }

// Module provides *slog.Logger and *Levels from the LOG_* settings.
var Module = fx.Module("logging", config.Provide[Config](), fx.Provide(fromSettings))

type settings struct {
	fx.In

	Config Config
	Output Output `optional:"true"`
}

func fromSettings(in settings) (*slog.Logger, *Levels, error) {
	if in.Output.Writer == nil {
		in.Output.Writer = os.Stderr
	}
	return New(in.Config, in.Output)
}
