package client_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
)

func TestDeadlineHeader(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg     client.Config
		attempt time.Duration
		header  string
		want    []string // of each attempt
	}{
		"not unless asked":   {client.Config{}, 0, client.HeaderDeadline, []string{"", ""}},
		"total":              {client.Config{SendDeadline: true}, 0, client.HeaderDeadline, []string{"5000", "4000"}},
		"attempt":            {client.Config{SendDeadline: true}, 1500 * time.Millisecond, client.HeaderDeadline, []string{"1500", "1500"}},
		"attempt, then rest": {client.Config{SendDeadline: true}, 4500 * time.Millisecond, client.HeaderDeadline, []string{"4500", "4000"}},
		"other name":         {client.Config{SendDeadline: true, DeadlineHeader: "x-budget"}, 0, "X-Budget", []string{"5000", "4000"}},
		"gRPC":               {client.Config{SendDeadline: true, DeadlineHeader: "grpc-timeout"}, 0, "Grpc-Timeout", []string{"5000m", "4000m"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := statuses(503, 200)
				tt.cfg.Policy = retrying()
				tt.cfg.Policy.Timeout, tt.cfg.Policy.AttemptTimeout = 5*time.Second, tt.attempt
				req := request(t.Context(), t, "GET", here, nil)
				before := req.Header.Clone()
				_, _, err := ask(t, newClient(t, tt.cfg, s), req)
				require.NoError(t, err)
				for i, want := range tt.want {
					require.Equal(t, want, s.asked[i].header.Get(tt.header))
				}
				require.Equal(t, before, req.Header, "a RoundTripper does not change the request")
			})
		})
	}
}

// TestDeadlineHeaderIsNeverZero has less than a millisecond left, which to some
// servers would be none at all.
func TestDeadlineHeaderIsNeverZero(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := statuses(200)
		cfg := client.Config{SendDeadline: true}
		cfg.Policy.Timeout = time.Millisecond / 2
		_, _, err := ask(t, newClient(t, cfg, s), request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.Equal(t, "1", s.asked[0].header.Get(client.HeaderDeadline))
	})
}

func TestDeadlineHeaderStaysWithItsHost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		to   string
		want string
	}{
		"the same host": {"/new", "5000"},
		"another host":  {"http://cdn.test/", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{{status: 302, header: http.Header{"Location": {tt.to}}}, {status: 200}}}
				cfg := client.Config{SendDeadline: true, Redirects: client.AnyHost}
				cfg.Policy.Timeout = 5 * time.Second
				_, _, err := ask(t, newClient(t, cfg, s), request(t.Context(), t, "GET", here, nil))
				require.NoError(t, err)
				require.Len(t, s.asked, 2)
				require.Equal(t, "5000", s.asked[0].header.Get(client.HeaderDeadline))
				require.Equal(t, tt.want, s.asked[1].header.Get(client.HeaderDeadline))
			})
		})
	}
}
