package app

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/holdfast-go/holdfast/app/internal/listener"
	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/shutdown"
)

// server serves the routes. At DRAINING it stops to accept connections and
// closes the idle ones; requests under way are waited for by Stop.
type server struct {
	*listener.Server

	stop *shutdown.Service
}

// newServer gives a server that does not listen yet. Where serving ends
// unasked, a stop of the process is requested and Err tells why.
func newServer(cfg Config, stop *shutdown.Service, log *slog.Logger, rt *router) *server {
	return &server{
		stop: stop,
		Server: listener.New(listener.Config{
			Name:         "http",
			Addr:         cfg.HTTPAddr,
			Setting:      "HTTP_ADDR",
			Handler:      rt,
			WriteTimeout: rt.longest + interceptors.WriteMargin,
			Base:         stop.Context(),
			Log:          log.With(slog.String("module", "app")),
			Failed:       func(err error) { stop.Request(err.Error()) },
		}),
	}
}

// Start binds the address, so that a port in use is told here, and serves.
func (s *server) Start(ctx context.Context) error {
	err := s.stop.OnPhase("http server", shutdown.Draining, func(context.Context) error {
		s.Close() //nolint:contextcheck // does not wait, so it needs no context
		return nil
	})
	if err != nil {
		return fmt.Errorf("start http server: %w", err)
	}
	return s.Server.Start(ctx)
}
