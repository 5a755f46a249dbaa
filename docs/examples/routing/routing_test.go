package routing_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/routing"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, routing.Module)

	list := a.Get("/parts?tag=a&tag=b").Header("X-Tenant", "acme").Do().Status(http.StatusOK)
	require.JSONEq(t, `{"items":["a","b"]}`, string(list.Body))
	require.Equal(t, "no-store", list.Header.Get("Cache-Control"))

	saved := a.Put("/parts/7").Body("application/json", `{"id":9,"ID":9,"title":"bolt"}`).Do().Status(http.StatusCreated)
	require.JSONEq(t, `{"id":7,"title":"bolt"}`, string(saved.Body))
	require.Equal(t, `"1"`, saved.Header.Get("ETag"))

	require.Empty(t, a.Delete("/parts/7").Do().Status(http.StatusAccepted).Body)
	require.Equal(t, "0,part\n1,part\n2,part\n", string(a.Get("/parts/export").Do().Status(http.StatusOK).Body))

	names := map[string]bool{}
	for _, route := range a.Routes() {
		names[route.Name] = true
	}
	require.Equal(t, map[string]bool{"parts.list": true, "parts.save": true, "parts.retire": true, "parts.export": true}, names)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, routing.Module)
	tests := map[string]struct {
		body   string
		status int
		field  string
		rule   string
	}{
		"a rule":       {`{"title":"bolt","sizes":[{"mm":3},{"mm":0}]}`, 422, "sizes[1].mm", "min=1"},
		"another type": {`{"title":"bolt","sizes":[{"mm":"3"}]}`, 400, "sizes[0].mm", "type"},
		"is missing":   {`{}`, 422, "title", "required"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.Put("/parts/7").Body("application/json", tt.body).Do().Status(tt.status).Problem()
			require.Equal(t, tt.field, p.Errors[0].Field)
			require.Equal(t, tt.rule, p.Errors[0].Rule)
		})
	}
	p := a.Put("/parts/7").JSON(map[string]string{"title": "taken"}).Do().Status(http.StatusConflict).Problem()
	require.InDelta(t, 8, p.Extra["part"], 0)
}
