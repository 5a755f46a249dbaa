package resiliencetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"
)

// RoundTrip makes the next attempt for an outgoing request: it makes a
// Dependency an [http.RoundTripper]. The body of the request is read to its end
// and closed. A [*StatusError] becomes a response with that status, and with
// Retry-After in whole seconds, rounded up; any other error is that of the
// connection.
func (d *Dependency) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, err := io.Copy(io.Discard, req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
	}
	value, err := d.Do(req.Context())
	if status, ok := errors.AsType[*StatusError](err); ok {
		return respond(req, status.Code, status.After, nil), nil
	}
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case *http.Response:
		return v, nil
	case nil:
		return respond(req, http.StatusOK, 0, nil), nil
	case []byte:
		return respond(req, http.StatusOK, 0, v), nil
	case string:
		return respond(req, http.StatusOK, 0, []byte(v)), nil
	default:
		return nil, fmt.Errorf("the script answers with a %T: a response takes a string, a []byte or an *http.Response", value)
	}
}

func respond(req *http.Request, code int, after time.Duration, body []byte) *http.Response {
	header := http.Header{}
	if after > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), StatusCode: code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}
