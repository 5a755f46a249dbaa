package client_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
)

// TestConformance runs the cases on HTTP calls that other libraries are tested
// for. A case with leftOut does not hold here, for the reason it names.
func TestConformance(t *testing.T) {
	t.Parallel()
	loop := answer{status: http.StatusFound, header: http.Header{"Location": {"/again"}}}
	tests := map[string]struct {
		leftOut    string
		method     string
		url        string
		body       string
		answers    []answer
		redirects  client.Redirects
		wantCalls  int
		wantStatus int // 0: an error
	}{
		"RE-12 429 429 200":              {url: here, answers: statuses(429, 429, 200).answers, wantCalls: 3, wantStatus: 200},
		"RE-12 503 503 503":              {url: here, answers: statuses(503).answers, wantCalls: 3, wantStatus: 503},
		"RE-12 400 is not repeated":      {url: here, answers: statuses(400, 200).answers, wantCalls: 1, wantStatus: 400},
		"RE-12 501 is not repeated":      {url: here, answers: statuses(501, 200).answers, wantCalls: 1, wantStatus: 501},
		"RE-12 body re-sent each time":   {method: "PUT", url: here, body: "order", answers: statuses(429, 429, 200).answers, wantCalls: 3, wantStatus: 200},
		"RE-12 redirect not followed":    {url: here, answers: []answer{loop}, redirects: client.NoRedirects, wantCalls: 1, wantStatus: 302},
		"RE-12 bad scheme":               {leftOut: "the inner transport is not asked at all: 0 calls, not 1", url: "ftp://api.test/"},
		"RE-12 bad scheme, ours":         {url: "ftp://api.test/"},
		"RE-12 redirect loop":            {leftOut: "one attempt per hop: the loop is refused after 10 redirects, so 10 calls and no retry, not 1"},
		"RE-12 redirect loop, ours":      {url: here, answers: []answer{loop}, wantCalls: 10},
		"RE-12 500 is repeated":          {leftOut: "500 says nothing about the next attempt: repeated only with Policy.RetryOnStatus"},
		"RE-12 no body sent after error": {leftOut: "a body that net/http has begun to send is not seen by a fake transport: see TestWholeBodyThreeTimes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.leftOut != "" {
				t.Skip(tt.leftOut)
			}
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: tt.answers}
				policy := retrying()
				policy.Idempotent = true
				c := newClient(t, client.Config{Policy: policy, Redirects: tt.redirects}, s)
				status, _, err := ask(t, c, request(t.Context(), t, tt.method, tt.url, strings.NewReader(tt.body)))
				require.Equal(t, tt.wantStatus == 0, err != nil, "%v", err)
				require.Equal(t, tt.wantStatus, status)
				require.Len(t, s.asked, tt.wantCalls)
				for _, sent := range s.asked {
					require.Equal(t, tt.body, sent.body)
				}
			})
		})
	}
}
