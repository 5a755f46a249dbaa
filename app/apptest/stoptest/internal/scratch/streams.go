package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"
	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/shutdown"
)

// streams are the routes whose answer is sent as it comes.
type streams struct{ stop *shutdown.Service }

func newStreams(stop *shutdown.Service) *streams { return &streams{stop} }

// Routes implements app.Controller.
func (s *streams) Routes() app.Routes {
	streaming := resilience.Policy{Streaming: true}
	return app.Prefix("").Of(
		app.Raw(http.MethodPost, "/stream", s.stream).UseResilience(streaming),
		app.Raw(http.MethodGet, "/events", s.events).UseResilience(streaming),
		app.Raw(http.MethodGet, "/socket", s.socket).UseResilience(streaming),
		app.Raw(http.MethodGet, "/deaf-socket", s.deafSocket).UseResilience(streaming),
		app.Raw(http.MethodGet, "/stolen", s.stolen).UseResilience(streaming),
	)
}

// beat is the time between two pieces of a stream.
const beat = 50 * time.Millisecond

// stream sends a piece every beat for ms milliseconds, and the word end.
func (*streams) stream(c echo.Context) error {
	millis, err := strconv.Atoi(c.QueryParam("ms"))
	if err != nil {
		return app.BadRequest("ms: %w", err)
	}
	c.Response().WriteHeader(http.StatusOK)
	for range time.Duration(millis) * time.Millisecond / beat {
		if err := piece(c, "more\n"); err != nil {
			return err
		}
		if err := wait(c.Request().Context(), beat); err != nil {
			return err
		}
	}
	return piece(c, "end\n")
}

func piece(c echo.Context, text string) error {
	if _, err := io.WriteString(c.Response(), text); err != nil {
		return err
	}
	c.Response().Flush()
	return nil
}

// events sends events until it is told to end, and a last one then.
func (*streams) events(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
	c.Response().WriteHeader(http.StatusOK)
	for {
		if err := piece(c, "data: more\n\n"); err != nil {
			return err
		}
		if wait(c.Request().Context(), beat) != nil {
			return piece(c, "data: "+context.Cause(c.Request().Context()).Error()+"\n\n")
		}
	}
}

// hangUp closes a websocket without its good manners.
type hangUp struct{ *websocket.Conn }

// Close implements io.Closer.
func (h hangUp) Close() error { return h.CloseNow() }

// socket is a websocket that says goodbye when it is told to end.
func (s *streams) socket(c echo.Context) error {
	conn, err := websocket.Accept(c.Response(), c.Request(), nil)
	if err != nil {
		return err
	}
	defer conn.CloseNow() //nolint:errcheck // it is closed already, or broken
	attached, err := s.stop.Stream(c.Request().Context(), "socket", hangUp{conn})
	if err != nil {
		return conn.Close(websocket.StatusGoingAway, "shutting down")
	}
	defer attached.Done()
	left := conn.CloseRead(context.WithoutCancel(attached.Context()))
	select {
	case <-attached.Context().Done():
		return conn.Close(websocket.StatusGoingAway, "shutting down")
	case <-left.Done():
		return nil
	}
}

// deafSocket is a websocket that is told to end and does not.
func (s *streams) deafSocket(c echo.Context) error {
	conn, err := websocket.Accept(c.Response(), c.Request(), nil)
	if err != nil {
		return err
	}
	if _, err := s.stop.Stream(c.Request().Context(), "deaf-socket", hangUp{conn}); err != nil {
		return err
	}
	select {}
}

// stolen takes the connection, tells nobody, says hello and returns.
func (*streams) stolen(c echo.Context) error {
	conn, _, err := c.Response().Hijack()
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n")
	return err
}
