package readme_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/readme"
)

// What the comments of the route promise: three attempts, 1 s and 2 s apart (a tenth more or less), then the fallback.
func TestTheRouteKeepsWhatItsCommentsSay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := apptest.New(t, readme.Module)
		began := time.Now()
		answer := a.Get("/orders/2").Do().Status(http.StatusOK)
		require.Equal(t, "true", answer.Header.Get("X-Resilience-Fallback"))
		require.Equal(t, "3", answer.Header.Get("X-Resilience-Attempts"))
		require.InDelta(t, 3, time.Since(began).Seconds(), 0.3)
		a.Get("/orders/1").Do().Status(http.StatusOK)
	})
}
