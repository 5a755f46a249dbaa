package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// object is a JSON object; its numbers are of type json.Number when they come from an answer.
type object = map[string]any

// tenant is the Autotask that a case talks to.
type tenant struct {
	place

	t         *testing.T
	kept      *http.Client // keeps connections
	once      *http.Client // a connection for each request: net/http repeats none of them by itself
	zone      string       // where the tenant lives, with version: http://…/ATServicesRest/V1.0/
	simulated bool         // there is a control API
	limit     int          // of requests in an hour, once it was asked for
}

// require skips the case where something is missing that it cannot do without.
func (at *tenant) require(n need) {
	at.t.Helper()
	switch {
	case n&control != 0 && !at.simulated:
		at.t.Skip("needs the control API of a simulator: run it without -url, or against autotasksim")
	case n&writes != 0 && !at.simulated && !at.write:
		at.t.Skip("writes: run it with -write against a sandbox")
	}
}

// begin puts a simulator into its first state, now and at the end, and finds out where the tenant lives.
func (at *tenant) begin(n need) {
	at.t.Helper()
	if at.simulated {
		at.order("reset", object{})
		at.t.Cleanup(func() {
			if n&misuse == 0 {
				require.Empty(at.t, at.violations(), "the suite itself keeps to the protocol")
			}
			at.order("reset", object{})
		})
	}
	at.zone = at.resolve(at.origin)
}

// other is a simulator of this process with other settings, "RETRY_AFTER=date"; ok is false where there can be none.
func (at *tenant) other(settings ...string) (o *tenant, ok bool) {
	at.t.Helper()
	if !at.local {
		at.t.Logf("left out: %s, which only a simulator in the suite's own process can be set to", strings.Join(settings, " "))
		return nil, false
	}
	o = startPlace(at.t, append([]string{"TICKETS=30"}, settings...)...).tenant(at.t)
	o.zone = o.resolve(o.origin)
	return o, true
}

// resolve asks for the zone of the API user, and returns where to send calls.
func (at *tenant) resolve(origin string) string {
	at.t.Helper()
	return text(at.t, at.lookUp(origin)["url"]) + "V1.0/"
}

// lookUp is the answer of the zone lookup at an origin.
func (at *tenant) lookUp(origin string) object {
	at.t.Helper()
	a := at.get(origin+"/atservicesrest/v1.0/zoneInformation?user="+url.QueryEscape(at.user), anonymous).is(http.StatusOK)
	return a.object()
}

// edit changes a request before it is sent.
type edit func(req *http.Request)

// anonymous sends no credentials.
func anonymous(req *http.Request) {
	for _, name := range []string{"UserName", "Secret", "ApiIntegrationCode"} {
		req.Header.Del(name)
	}
}

// with sets a header; an empty value takes it away.
func with(name, value string) edit {
	return func(req *http.Request) {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
}

// call sends a request and returns its answer; that there is none fails the test. The path is below the tenant's zone, or a
// whole URL. The body is nil, a string as it is, or anything else as JSON.
func (at *tenant) call(method, path string, body any, edits ...edit) answer {
	at.t.Helper()
	a, err := at.try(method, path, body, edits...)
	require.NoErrorf(at.t, err, "%s %s", method, path)
	return a
}

func (at *tenant) get(path string, edits ...edit) answer {
	at.t.Helper()
	return at.call(http.MethodGet, path, nil, edits...)
}

func (at *tenant) post(path string, body any, edits ...edit) answer {
	at.t.Helper()
	return at.call(http.MethodPost, path, body, edits...)
}

func (at *tenant) patch(path string, body any, edits ...edit) answer {
	at.t.Helper()
	return at.call(http.MethodPatch, path, body, edits...)
}

func (at *tenant) put(path string, body any, edits ...edit) answer {
	at.t.Helper()
	return at.call(http.MethodPut, path, body, edits...)
}

func (at *tenant) delete(path string, edits ...edit) answer {
	at.t.Helper()
	return at.call(http.MethodDelete, path, nil, edits...)
}

// try is call for other goroutines than the test's own, and for requests that may have no answer.
func (at *tenant) try(method, path string, body any, edits ...edit) (answer, error) {
	return at.send(at.kept, method, path, body, edits...)
}

// tryOnce is try over a connection of its own.
func (at *tenant) tryOnce(method, path string, body any, edits ...edit) (answer, error) {
	return at.send(at.once, method, path, body, edits...)
}

func (at *tenant) send(c *http.Client, method, path string, body any, edits ...edit) (answer, error) {
	if !strings.Contains(path, "://") {
		path = at.zone + path
	}
	content, err := encode(body)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(at.t.Context()), method, path, content) // clean-up sends, too
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("UserName", at.user)
	req.Header.Set("Secret", at.secret)
	req.Header.Set("ApiIntegrationCode", at.codes[0])
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, change := range edits {
		change(req)
	}
	began := time.Now()
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	return answer{t: at.t, status: resp.StatusCode, header: resp.Header, body: got, took: time.Since(began)}, err
}

func encode(body any) (io.Reader, error) {
	switch body := body.(type) {
	case nil:
		return http.NoBody, nil
	case string:
		return strings.NewReader(body), nil
	default:
		encoded, err := json.Marshal(body)
		return bytes.NewReader(encoded), err
	}
}
