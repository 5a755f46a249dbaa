package simulator

import (
	"context"
	"log/slog"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Simulator from the AUTOTASK_SIMULATOR_* settings and serves it while the application runs.
var Module = fx.Module("simulator", config.Provide[Config](), fx.Provide(New), fx.Invoke(serve))

func serve(lc fx.Lifecycle, s *Simulator, log *slog.Logger) {
	log = log.With(slog.String("module", "simulator"))
	lc.Append(fx.StartStopHook(func(ctx context.Context) error {
		if err := s.Start(ctx); err != nil {
			return err
		}
		log.InfoContext(ctx, "simulated Autotask listening",
			slog.String("zone_url", s.ZoneURL()), slog.String("control", s.URL()+controlPrefix))
		return nil
	}, s.Stop))
}
