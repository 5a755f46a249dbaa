package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// HeaderFallback is set to "true" on an answer that a fallback gave.
const HeaderFallback = "X-Resilience-Fallback"

// canned is Policy.FallbackResponse, encoded once.
type canned struct {
	status      int
	contentType string
	body        []byte
}

func newCanned(p resilience.Policy) (*canned, error) {
	c := &canned{status: p.FallbackStatus}
	if c.status == 0 {
		c.status = http.StatusOK
	}
	switch value := p.FallbackResponse.(type) {
	case nil:
		return nil, nil //nolint:nilnil // there is none
	case *http.Response:
		return nil, errShared
	case []byte:
		c.contentType, c.body = "application/octet-stream", bytes.Clone(value)
	case string:
		c.contentType, c.body = "text/plain; charset=utf-8", []byte(value)
	default:
		body, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode as JSON: %w", err)
		}
		c.contentType, c.body = "application/json", body
	}
	return c, nil
}

var errShared = errors.New("a *http.Response can be read only once: give it by Config.Fallback")

// response returns the answer to req.
func (c *canned) response(req *http.Request) *http.Response {
	return mark(&http.Response{
		StatusCode: c.status,
		Header: http.Header{
			"Content-Type":   {c.contentType},
			"Content-Length": {strconv.Itoa(len(c.body))},
		},
		Body:          io.NopCloser(bytes.NewReader(c.body)),
		ContentLength: int64(len(c.body)),
	}, req)
}

// mark completes the answer of a fallback and says what it is.
func mark(resp *http.Response, req *http.Request) *http.Response {
	if resp.Header == nil {
		resp.Header = make(http.Header)
	}
	if resp.StatusCode == 0 {
		resp.StatusCode = http.StatusOK
	}
	resp.Header.Set(HeaderFallback, "true")
	resp.Header.Set("Cache-Control", "no-store")
	resp.Status = strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode)
	resp.Proto, resp.ProtoMajor, resp.ProtoMinor = "HTTP/1.1", 1, 1
	resp.Request = req
	return resp
}

// contained reads the body of a fallback's answer while the time of the fallback
// lasts: after that nothing would bound it.
func contained(resp *http.Response, limit int64) (*http.Response, error) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to save: what counts is read by then
	from := io.Reader(resp.Body)
	if limit >= 0 {
		from = io.LimitReader(from, limit+1)
	}
	body, err := io.ReadAll(from)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer of the fallback: %w", err)
	case limit >= 0 && int64(len(body)) > limit:
		return nil, &BodyTooLargeError{Limit: limit}
	}
	own := *resp
	own.Header = resp.Header.Clone()
	own.Body, own.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return &own, nil
}
