package interceptors

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// errUnwound is the outcome of a stream whose handler did not return.
var errUnwound = errors.New("the handler panicked")

// stream runs a handler whose answer is sent as it is written. The breaker
// decides whether it may begin, and learns the outcome when the status is known:
// a stream that stays open for hours is a success from its first byte.
func (route *rawRoute) stream(c echo.Context, next echo.HandlerFunc) error {
	request, response := c.Request(), c.Response()
	admission, err := route.streaming.Enter(request.Context())
	if err != nil {
		return err
	}
	defer admission.Leave()

	gate := newGate()
	result := make(chan resilience.Result, 1)
	go func() { result <- admission.Run(gate) }() // every return below waits for it
	select {
	case <-gate.open:
	case refused := <-result:
		return refused.Err
	}
	writer := response.Writer
	defer func() {
		gate.settle(errUnwound) // unless it is settled
		<-result
		response.Writer = writer
		c.SetRequest(request)
	}()
	response.Writer = &headWatch{ResponseWriter: writer, gate: gate, response: response}
	c.SetRequest(request.WithContext(admission.Context()))
	err = next(c)
	gate.settle(withStatus(err))
	return err
}

// gate is the resilience.Attempt of a stream: it opens when the pipeline lets the
// call begin, and returns when the status is known.
type gate struct {
	open    chan struct{}
	opened  sync.Once
	outcome chan error // size 1: settle does not wait
}

func newGate() *gate {
	return &gate{open: make(chan struct{}), outcome: make(chan error, 1)}
}

// Do implements resilience.Attempt.
func (g *gate) Do(ctx context.Context) (any, error) {
	g.opened.Do(func() { close(g.open) })
	select {
	case err := <-g.outcome:
		return nil, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Fallback implements resilience.Attempt.
func (*gate) Fallback(_ context.Context, cause error) (any, error) { return nil, cause }

// Repeatable is asked by the pipeline before another attempt.
func (*gate) Repeatable() bool { return false }

// Committed is asked by the pipeline before a fallback.
func (*gate) Committed() bool { return true }

// settle tells the outcome; only the first counts.
func (g *gate) settle(err error) {
	select {
	case g.outcome <- err:
	default:
	}
}

// headWatch settles a gate as soon as the final status is known.
type headWatch struct {
	http.ResponseWriter

	gate     *gate
	response *echo.Response
}

// WriteHeader implements http.ResponseWriter.
func (w *headWatch) WriteHeader(status int) {
	switch {
	case status >= http.StatusBadRequest:
		w.gate.settle(&answeredError{status: status, header: w.Header()})
	case status >= http.StatusOK || status == http.StatusSwitchingProtocols:
		w.gate.settle(nil)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter. Without a status before it, it is 200.
func (w *headWatch) Write(p []byte) (int, error) {
	w.gate.settle(nil)
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController looks for. It sends the header,
// as Write does.
func (w *headWatch) FlushError() error {
	w.gate.settle(nil)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements http.Hijacker.
func (w *headWatch) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.gate.settle(nil)
		w.response.Committed = true // nobody may write an error to it
	}
	return conn, rw, err
}

// Unwrap is what http.ResponseController looks for.
func (w *headWatch) Unwrap() http.ResponseWriter { return w.ResponseWriter }
