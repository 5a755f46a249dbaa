package chat

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/labstack/echo/v4"
)

// talk is a websocket. What one says, all hear.
func (c *Controller) talk(ec echo.Context) error {
	request := ec.Request()
	stream, err := c.stop.Stream(request.Context(), "chat.talk", nil)
	if err != nil {
		return err // 503: the process has no time left for it
	}
	defer stream.Done() // the stop waits until here
	conn, err := websocket.Accept(ec.Response(), request, nil)
	if err != nil {
		return err // it was answered
	}
	said, leave := c.room.Enter()
	defer leave()

	ctx, gone := context.WithCancel(request.Context())
	var ears sync.WaitGroup
	ears.Go(func() { defer gone(); c.room.hear(ctx, conn) })
	defer ears.Wait()
	defer conn.CloseNow() //nolint:errcheck // where it is still open, nobody is there any more
	for {
		select {
		case text := <-said:
			if err := say(ctx, conn, text); err != nil {
				return nil // the client has left, or reads nothing
			}
		case <-ctx.Done():
			return nil
		case <-stream.Context().Done(): // DRAINING has begun: the client shall come back, to another replica
			_ = conn.Close(websocket.StatusGoingAway, "the server stops")
			return nil
		}
	}
}

// say sends a text. It does not wait for ever: while it waits, nobody looks at the stop.
func say(ctx context.Context, conn *websocket.Conn, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, []byte(text))
}

// hear passes on what a client says, until it leaves.
func (r *Room) hear(ctx context.Context, conn *websocket.Conn) {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		r.Say(string(text))
	}
}

// listen is an event stream. It does nothing about the stop: its context ends when DRAINING begins.
func (c *Controller) listen(ec echo.Context) error {
	said, leave := c.room.Enter()
	defer leave()
	ec.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
	ec.Response().Flush()
	for {
		select {
		case text := <-said:
			if _, err := fmt.Fprintf(ec.Response(), "data: %q\n\n", text); err != nil {
				return err
			}
			ec.Response().Flush()
		case <-ec.Request().Context().Done():
			return nil
		}
	}
}
