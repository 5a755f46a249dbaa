package app_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
)

type created struct {
	Location string    `header:"Location"`
	Links    []string  `header:"Link"`
	Age      int       `header:"Age"`
	Changed  time.Time `header:"Last-Modified"`
	Status   int       `status:""`
	ID       int       `json:"id"`
	order    int       //nolint:unused // fields that are not exported stay in their places
	Note     string    `json:"note,omitempty"`
}

type base struct {
	Kind string `json:"kind"`
}

func (base) Describe() string { return "a method makes reflect.StructOf refuse" }

type embedding struct {
	base

	ETag string `header:"ETag" json:"-"`
}

func TestEncode(t *testing.T) {
	t.Parallel()
	none := func(context.Context, *empty) (*order, error) { return nil, nil } //nolint:nilnil // no content
	one := func(context.Context, *empty) (*order, error) { return &order{ID: 1}, nil }
	r := serve(t,
		app.Get("/one", one).Name("a"),
		app.Post("/one", one).Name("b"),
		app.Put("/one", one).Name("c").Status(http.StatusAccepted),
		app.Delete("/none", none).Name("d"),
		app.Post("/none", none).Name("e").Status(http.StatusAccepted),
		app.Get("/list", func(context.Context, *empty) (*[]order, error) { return &[]order{{1}, {2}}, nil }).Name("f"),
		app.Post("/created", func(context.Context, *empty) (*created, error) {
			return &created{Location: "/created/1", Links: []string{"a", "b"}, Age: 7, Changed: time.Unix(0, 0), ID: 1}, nil
		}).Name("g"),
		app.Put("/created", func(context.Context, *empty) (*created, error) { return &created{Status: 202, ID: 2}, nil }).Name("h"),
		app.Patch("/created", func(context.Context, *empty) (*created, error) { return &created{Status: 42}, nil }).Name("i"),
		app.Delete("/created", func(context.Context, *empty) (*created, error) { return &created{Status: 204, Location: "/"}, nil }).Name("k"),
		app.Get("/embedding", func(context.Context, *empty) (*embedding, error) { return &embedding{base{"x"}, "v1"}, nil }).Name("j"),
	)
	tests := map[string]struct {
		method, target string
		status         int
		body           string
		headers        map[string]string
	}{
		"get":            {"GET", "/one", 200, `{"id":1}`, map[string]string{"Content-Type": "application/json"}},
		"head":           {"HEAD", "/one", 200, "", map[string]string{"Content-Length": "9"}},
		"post":           {"POST", "/one", 201, `{"id":1}`, nil},
		"status":         {"PUT", "/one", 202, `{"id":1}`, nil},
		"nil":            {"DELETE", "/none", 204, "", nil},
		"nil, status":    {"POST", "/none", 202, "", nil},
		"list":           {"GET", "/list", 200, `[{"id":1},{"id":2}]`, nil},
		"headers":        {"POST", "/created", 201, `{"id":1}`, map[string]string{"Location": "/created/1", "Age": "7", "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}},
		"status field":   {"PUT", "/created", 202, `{"id":2}`, map[string]string{"Location": ""}},
		"no such status": {"PATCH", "/created", 500, "", nil},
		"204 by field":   {"DELETE", "/created", 204, "", map[string]string{"Location": "/"}},
		"embedded":       {"GET", "/embedding", 200, `{"kind":"x"}`, map[string]string{"Etag": "v1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := send(r, tt.method, tt.target, "")
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			if tt.status != http.StatusInternalServerError {
				require.Equal(t, tt.body, strings.TrimSpace(rec.Body.String()))
			}
			if rec.Body.Len() > 0 {
				require.Equal(t, strconv.Itoa(rec.Body.Len()), rec.Header().Get("Content-Length"))
			}
			for name, want := range tt.headers {
				require.Equal(t, want, rec.Header().Get(name), name)
				require.Equal(t, want != "", rec.Header()[name] != nil, name)
			}
		})
	}
	require.Equal(t, []string{"a", "b"}, send(r, "POST", "/created", "").Header().Values("Link"))
	require.Equal(t, http.StatusNoContent, send(r, "OPTIONS", "/one", "").Code)
}

func TestEncodeEmbeddedWithMethodsNeedsATag(t *testing.T) {
	t.Parallel()
	type shown struct {
		ETag string `header:"ETag"`
		base
	}
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").Of(app.Get("/", handler[empty, shown])))
	require.Len(t, r.Faults, 1)
	require.Contains(t, r.Faults[0].Problem, "cannot be kept out of its body")
	require.Contains(t, r.Faults[0].Fix, `json:"-"`)
}

type unencodable struct {
	Location string `header:"Location"`
	Bad      number `json:"bad"`
}

type number float64

func (number) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

func TestNoHeadersOfAnAnswerThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	r := serve(t, app.Get("/", func(context.Context, *empty) (*unencodable, error) {
		return &unencodable{Location: "/elsewhere"}, nil
	}).Name("get"))
	rec := send(r, "GET", "/", "")
	require.Equal(t, http.StatusInternalServerError, problemOf(t, rec).Status)
	require.Empty(t, rec.Header().Get("Location"))
}
