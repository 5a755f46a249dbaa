package simulator

import (
	"context"
	"log/slog"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Simulator from the AUTOTASK_SIMULATOR_* settings and serves it while the application runs.
var Module = fx.Module("simulator", config.Provide[Config](), fx.Provide(logged), fx.Invoke(serve))

// logged is New with a log: of what takes long, and of misuse where that is asked for.
func logged(cfg Config, log *slog.Logger) (*Simulator, error) {
	log = log.With(slog.String("module", "simulator"))
	return New(cfg, WithLogger(log), WithProgress(everySecond(log)))
}

// everySecond logs how far the data is, at most once a second, and nothing where it takes less than that.
func everySecond(log *slog.Logger) func(done, total int) {
	last := time.Now()
	return func(done, total int) {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			log.Info("generating data", slog.Int("done", done), slog.Int("total", total))
		}
	}
}

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
