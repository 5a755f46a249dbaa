package chat_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// The program as it is shipped, stopped by a signal while clients ask.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, stoptest.Build(dir, "./serve"))
	out := stoptest.Trial{
		Command: stoptest.Command{
			Path: filepath.Join(dir, "serve"),
			Env:  map[string]string{"SHUTDOWN_HEALTH_GRACE_PERIOD": "2s"},
		},
		Load: stoptest.LoadConfig{
			Rate: 50,  // a second
			Kept: 0.5, // of them, over connections that are kept
			Mix: []stoptest.Kind{
				{Share: 9, Method: http.MethodGet, Path: "/chat/letters"},
				{Share: 1, Path: "/chat/letters", Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"text":"hello"}`},
			},
		},
		Aware:  true,        // as a load balancer is: it reads readiness
		Before: time.Second, // then SIGTERM
		Within: time.Minute,
	}.Run(t)
	t.Log(out)
	require.NoError(t, out.Clean())
	require.NoError(t, out.Unbroken()) // not one request failed, whenever it was sent
}
