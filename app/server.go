package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/holdfast-go/holdfast/app/internal/listener"
	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/shutdown"
)

// server serves the routes, and ends in steps:
//
//	GRACE      just before its end, no new connections
//	DRAINING   what comes on old connections is refused by interceptors.Drain;
//	           over when every answer is sent
//	CLEANUP    before the tasks: every connection is closed
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
	err := errors.Join(
		s.stop.OnPhase("http listener", shutdown.Grace, s.refuse),
		s.stop.OnPhase("http answers", shutdown.Draining, s.Quiet),
		s.stop.OnPhase("http connections", shutdown.Cleanup, s.finish),
	)
	if err != nil {
		return err
	}
	return s.Server.Start(ctx)
}

// handOver is how long before the end of GRACE the listener closes: what was
// accepted until then has the time to be read, and is served. It is at most one
// part in handOverShare of GRACE.
const (
	handOver      = 50 * time.Millisecond
	handOverShare = 40
)

// refuse closes the listener when GRACE is about to end.
func (s *server) refuse(ctx context.Context) error {
	grace := time.Until(s.stop.Deadline(shutdown.Grace))
	timer := time.NewTimer(grace - min(handOver, grace/handOverShare))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	s.Refuse()
	return nil
}

// What is left at CLEANUP had its time in DRAINING. It gets closeTimeout, and no
// more than one part in closeShare of CLEANUP: the tasks come after.
const (
	closeTimeout = 500 * time.Millisecond
	closeShare   = 4
)

// finish closes every connection.
func (s *server) finish(ctx context.Context) error {
	left := time.Until(s.stop.Deadline(shutdown.Cleanup))
	ctx, cancel := context.WithTimeout(ctx, min(closeTimeout, left/closeShare))
	defer cancel()
	s.Stop(ctx)
	return nil
}
