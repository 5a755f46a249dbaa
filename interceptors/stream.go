package interceptors

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// streamIdle is how long one write of a stream may take: a client that reads
// nothing for so long is cut off. A stream that writes nothing is not.
const streamIdle = 60 * time.Second

// errUnwound is the outcome of a stream whose handler did not return.
var errUnwound = errors.New("the handler panicked")

// stream runs a handler whose answer is sent as it is written. The breaker
// decides whether it may begin, and learns the outcome when the status is known:
// a stream that stays open for hours is a success from its first byte.
func (route *rawRoute) stream(c echo.Context, next echo.HandlerFunc) error {
	admission, err := route.deadline.enterStream(route.streaming, c.Request())
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
	defer func() { <-result }()
	return watched(c, admission.Context(), gate, next)
}

// watched runs the handler of a stream and settles the gate, however it ends.
func watched(c echo.Context, ctx context.Context, gate *gate, next echo.HandlerFunc) error { //nolint:revive // ctx is not c's own
	request, response := c.Request(), c.Response()
	writer := response.Writer
	defer func() {
		gate.settle(errUnwound) // unless it is settled
		response.Writer = writer
		removeUploads(request, c)
		c.SetRequest(request)
	}()
	watch := &headWatch{ResponseWriter: writer, gate: gate, response: response, control: http.NewResponseController(writer)}
	watch.endless()
	response.Writer = watch
	c.SetRequest(request.WithContext(ctx))
	err := next(c)
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

// Hedgeable is asked by the pipeline before the first attempt.
func (*gate) Hedgeable() bool { return false }

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
	control  *http.ResponseController
}

// endless takes the deadlines of the server off the connection. A recorder, and
// whatever else has none, refuses that; there is nothing to lose.
func (w *headWatch) endless() {
	_ = w.control.SetReadDeadline(time.Time{})
	_ = w.control.SetWriteDeadline(time.Time{})
}

// patient gives one write its time.
func (w *headWatch) patient() (done func()) {
	if w.control.SetWriteDeadline(time.Now().Add(streamIdle)) != nil {
		return func() {}
	}
	return func() { _ = w.control.SetWriteDeadline(time.Time{}) }
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
	defer w.patient()()
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController looks for. It sends the header,
// as Write does.
func (w *headWatch) FlushError() error {
	w.gate.settle(nil)
	defer w.patient()()
	return w.control.Flush()
}

// Hijack implements http.Hijacker.
func (w *headWatch) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.control.Hijack()
	if err == nil {
		w.gate.settle(nil)
		w.response.Committed = true // nobody may write an error to it
	}
	return conn, rw, err
}

// Unwrap is what http.ResponseController looks for.
func (w *headWatch) Unwrap() http.ResponseWriter { return w.ResponseWriter }
