package client_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
)

func retryAfter(t *testing.T, value string) time.Duration {
	t.Helper()
	var status *client.StatusError
	require.ErrorAs(t, client.Check(&http.Response{
		StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {value}}, Request: request(t.Context(), t, "GET", here, nil),
	}), &status)
	return status.RetryAfter()
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, " 3 ": 3 * time.Second, "0": 0, "-3": 0, "3.5": 0, "+3": 0, "soon": 0, "3s": 0,
		"86401": 24 * time.Hour, "99999999999999999999999": 24 * time.Hour,
		"Wed, 21 Oct 2015 07:28:00 GMT": 0, "Fri, 21 Oct 2999 07:28:00 GMT": 24 * time.Hour,
	} {
		require.Equal(t, want, retryAfter(t, value), "%q", value)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"3", "Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "9223372036854775808", "\x00"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		after := retryAfter(t, value)
		require.GreaterOrEqual(t, after, time.Duration(0))
		require.LessOrEqual(t, after, 24*time.Hour)
	})
}
