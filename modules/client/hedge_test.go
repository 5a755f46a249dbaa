package client_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// TestHedge has a server whose first answer takes 10 s and whose others take 1.
func TestHedge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method     string
		body       io.Reader
		key        string
		idempotent bool
		attempt    time.Duration
		statuses   []int // 200 beyond
		wantCalls  int32
		wantStatus int
		wantTook   time.Duration
	}{
		"GET":                     {method: "GET", wantCalls: 2, wantStatus: 200, wantTook: 3 * time.Second},
		"GET, attempts":           {method: "GET", attempt: 20 * time.Second, wantCalls: 2, wantStatus: 200, wantTook: 3 * time.Second},
		"GET with a body":         {method: "GET", body: strings.NewReader("query"), wantCalls: 2, wantStatus: 200, wantTook: 3 * time.Second},
		"GET with a kept body":    {method: "GET", body: io.MultiReader(strings.NewReader("query")), wantCalls: 2, wantStatus: 200, wantTook: 3 * time.Second},
		"POST":                    {method: "POST", body: strings.NewReader("order"), wantCalls: 1, wantStatus: 200, wantTook: 10 * time.Second},
		"POST with a key":         {method: "POST", key: "1", body: strings.NewReader("order"), wantCalls: 1, wantStatus: 200, wantTook: 10 * time.Second},
		"PUT declared idempotent": {method: "PUT", idempotent: true, wantCalls: 1, wantStatus: 200, wantTook: 10 * time.Second},
		"the second is a failure": {method: "GET", statuses: []int{200, 503}, wantCalls: 2, wantStatus: 200, wantTook: 10 * time.Second},
		"both are failures":       {method: "GET", statuses: []int{503, 503}, wantCalls: 2, wantStatus: 503, wantTook: 10 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls, cancelled atomic.Int32
				bodies := make(chan *body, 10)
				c := newClient(t, client.Config{Policy: resilience.Policy{
					Timeout: 30 * time.Second, AttemptTimeout: tt.attempt, Idempotent: tt.idempotent,
					Hedge: resilience.Hedge{Delay: 2 * time.Second, Max: 1},
				}}, inner(func(req *http.Request) (*http.Response, error) {
					n := int(calls.Add(1))
					wait := time.Second
					if n == 1 {
						wait = 10 * time.Second
					}
					select {
					case <-time.After(wait):
					case <-req.Context().Done():
						cancelled.Add(1)
					}
					b := &body{Reader: strings.NewReader("text")}
					bodies <- b
					resp := &http.Response{StatusCode: http.StatusOK, Body: b, ContentLength: 4}
					if n <= len(tt.statuses) {
						resp.StatusCode = tt.statuses[n-1]
					}
					return resp, nil
				}))
				req := request(t.Context(), t, tt.method, here, tt.body)
				if tt.key != "" {
					req.Header.Set("Idempotency-Key", tt.key)
				}
				began := time.Now()
				resp, err := c.Do(req)
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, tt.wantTook == 3*time.Second, cancelled.Load() == 1, "the loser is told, before the body is read")
				text, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				require.Equal(t, tt.wantTook, time.Since(began))
				require.Equal(t, tt.wantStatus, resp.StatusCode)
				require.Equal(t, "text", string(text))
				require.Equal(t, tt.wantCalls, calls.Load())
				for range calls.Load() {
					require.True(t, (<-bodies).Closed(), "each answer is closed")
				}
			})
		})
	}
}

// TestHedgeKeepsTheFirstFailure has a third attempt begin once the first has
// failed, and fail as well: the answer is that of the first.
func TestHedgeKeepsTheFirstFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		took := []time.Duration{3 * time.Second, 5 * time.Second, time.Second} // until 3 s, 7 s and 5 s
		codes := []int{502, 503, 504}
		var calls atomic.Int32
		c := newClient(t, client.Config{Policy: resilience.Policy{
			Timeout: 30 * time.Second, Hedge: resilience.Hedge{Delay: 2 * time.Second, Max: 2},
		}}, inner(func(*http.Request) (*http.Response, error) {
			n := calls.Add(1) - 1
			time.Sleep(took[n])
			return &http.Response{StatusCode: codes[n], Body: io.NopCloser(strings.NewReader("text"))}, nil
		}))
		began := time.Now()
		status, text, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.Equal(t, 502, status)
		require.Equal(t, "text", text)
		require.Equal(t, 7*time.Second, time.Since(began))
		require.EqualValues(t, 3, calls.Load())
	})
}
