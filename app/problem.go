package app

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// problemBase is where the types of problem are explained.
const problemBase = "https://github.com/holdfast-go/holdfast/blob/main/docs/problems.md#"

// Problem is an error as it is sent: RFC 9457, application/problem+json.
type Problem struct {
	Type       string         `json:"type"`
	Title      string         `json:"title"`
	Status     int            `json:"status"`
	Detail     string         `json:"detail,omitempty"`
	Instance   string         `json:"instance,omitempty"`    // path of the request
	RequestID  string         `json:"request_id,omitempty"`  // as in X-Request-Id and in the log
	RetryAfter int            `json:"retry_after,omitempty"` // seconds, as in Retry-After
	Errors     []FieldError   `json:"errors,omitempty"`
	Extra      map[string]any `json:"-"` // further members, beside the others
}

// MarshalJSON puts the members of Extra beside the standard ones, which win.
func (p Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	standard, err := json.Marshal(plain(p))
	if err != nil || len(p.Extra) == 0 {
		return standard, err
	}
	extra := make(map[string]any, len(p.Extra))
	for name, value := range p.Extra {
		if !standardMember(name) {
			extra[name] = value
		}
	}
	if len(extra) == 0 {
		return standard, nil
	}
	more, err := json.Marshal(extra)
	if err != nil {
		return nil, err
	}
	standard[len(standard)-1] = ','
	return append(standard, more[1:]...), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Problem) UnmarshalJSON(data []byte) error {
	type plain Problem
	if err := json.Unmarshal(data, (*plain)(p)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &p.Extra); err != nil {
		return err
	}
	for name := range p.Extra {
		if standardMember(name) {
			delete(p.Extra, name)
		}
	}
	return nil
}

func standardMember(name string) bool {
	switch name {
	case "type", "title", "status", "detail", "instance", "request_id", "retry_after", "errors":
		return true
	}
	return false
}

// problems renders every error of the routes. An error of any type may
// implement
//
//	StatusCode() int           // 400 to 599
//	RetryAfter() time.Duration // sent as Retry-After
//	PublicDetail() string      // a sentence for the client, sent as it is
//
// and is found with errors.As. The text of Error() is never sent.
type problems struct {
	log *slog.Logger
}

// handle is echo's HTTPErrorHandler.
func (p problems) handle(err error, c echo.Context) {
	res := c.Response()
	if res.Committed {
		// A second status or body would be taken for part of the first answer.
		p.logFailure(c, "response aborted", err)
		panic(http.ErrAbortHandler)
	}
	problem := describeError(c.Request().Context(), err)
	if unexpected(problem.Status, err) {
		p.logFailure(c, "request failed", err)
	} else {
		p.log.DebugContext(c.Request().Context(), "request refused", slog.Int("status", problem.Status), slog.Any("error", err))
	}
	p.complete(&problem, c)
	if err := send(c, problem); err != nil {
		p.log.DebugContext(c.Request().Context(), "problem not sent", slog.Any("error", err))
	}
}

// logFailure is where the cause of a failure that nobody expected is logged. A
// panic was logged with its stack where it was caught.
func (p problems) logFailure(c echo.Context, msg string, err error) {
	p.log.ErrorContext(c.Request().Context(), msg, //nolint:sloglint // one of two constants
		slog.String("method", c.Request().Method), slog.String("route", c.Path()),
		slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)), slog.Any("error", err))
}

// unexpected tells failures that are ours from those that have an owner: the
// client, an upstream whose breaker tells, a handler that chose its answer.
func unexpected(status int, err error) bool {
	if failed, ok := errors.AsType[*circuitbreaker.FallbackError](err); ok {
		_, chosen := errors.AsType[*Error](failed.Err)
		return !chosen
	}
	_, panicked := errors.AsType[*circuitbreaker.PanicError](err)
	return status == http.StatusInternalServerError && !panicked
}

// complete adds what the request knows.
func (p problems) complete(problem *Problem, c echo.Context) {
	req := c.Request()
	problem.Instance = req.URL.EscapedPath()
	problem.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
	if problem.Detail != "" {
		return
	}
	switch problem.Status {
	case http.StatusNotFound:
		problem.Detail = "there is nothing at " + problem.Instance
		if len(req.URL.Path) > 1 && strings.HasSuffix(req.URL.Path, "/") {
			problem.Detail += "; paths have no slash at the end"
		}
	case http.StatusMethodNotAllowed:
		problem.Detail = req.Method + " is not possible here; use " + c.Response().Header().Get(echo.HeaderAllow)
	}
}

func send(c echo.Context, problem Problem) error {
	body, err := json.Marshal(problem)
	if err != nil { // a member added by Error.With that JSON cannot hold
		problem.Extra = nil
		if body, err = json.Marshal(problem); err != nil {
			return err
		}
	}
	res := c.Response()
	h := res.Header()
	h.Set(echo.HeaderContentType, "application/problem+json")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	if problem.RetryAfter > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(problem.RetryAfter))
	}
	if problem.Status == http.StatusUnauthorized && h.Get(echo.HeaderWWWAuthenticate) == "" {
		h.Set(echo.HeaderWWWAuthenticate, "Bearer") // RFC 9110, 15.5.2: a 401 names a scheme
	}
	if problem.Type == problemBase+"shutting-down" {
		h.Set(echo.HeaderConnection, "close")
	}
	res.WriteHeader(problem.Status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err = res.Write(body)
	return err
}
