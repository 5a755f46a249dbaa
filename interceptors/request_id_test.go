package interceptors_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
)

var (
	generated = regexp.MustCompile(`^[0-9a-f]{32}$`)
	sound     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	const own = "" // a generated id
	tests := map[string]struct {
		id, alias string
		want      string
		wantAlias bool
	}{
		"none":         {want: own},
		"accepted":     {id: "A-b_c.9", want: "A-b_c.9"},
		"longest":      {id: strings.Repeat("x", 128), want: strings.Repeat("x", 128)},
		"too long":     {id: strings.Repeat("x", 129), want: own},
		"line break":   {id: "a\r\nb", want: own},
		"not ASCII":    {id: "é", want: own},
		"alias":        {alias: "corr-1", want: "corr-1", wantAlias: true},
		"both":         {id: "id-1", alias: "corr-1", want: "id-1", wantAlias: true},
		"id unsound":   {id: "a b", alias: "corr-1", want: "corr-1", wantAlias: true},
		"both unsound": {id: "a b", alias: "c d", want: own, wantAlias: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := get("/")
			if tt.id != "" {
				r.Header.Set("X-Request-Id", tt.id)
			}
			if tt.alias != "" {
				r.Header.Set("X-Correlation-ID", tt.alias)
			}
			header, inContext := serveID(r)
			got := header.Get("X-Request-Id")
			if tt.want == own {
				require.Regexp(t, generated, got)
			} else {
				require.Equal(t, tt.want, got)
			}
			require.Equal(t, got, inContext)
			if tt.wantAlias {
				require.Equal(t, got, header.Get("X-Correlation-ID"))
			} else {
				require.Empty(t, header.Get("X-Correlation-ID"))
			}
		})
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		_, id := serveID(get("/"))
		require.False(t, seen[id])
		seen[id] = true
	}
}

func TestRequestIDKeepsTheContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "kept"), time.Hour)
	defer cancel()
	e := newEcho(interceptors.RequestID())
	e.GET("/", func(c echo.Context) error {
		derived, stop := context.WithCancel(c.Request().Context())
		defer stop()
		_, ok := derived.Deadline()
		require.True(t, ok)
		require.Equal(t, "kept", derived.Value(key{}))
		require.NotEmpty(t, interceptors.RequestIDFrom(derived))
		cancel()
		<-derived.Done()
		return nil
	})
	require.Equal(t, http.StatusOK, do(e, get("/").WithContext(ctx)).Code)
	require.Empty(t, interceptors.RequestIDFrom(t.Context()))
}

func serveID(r *http.Request) (header http.Header, inContext string) {
	e := newEcho(interceptors.RequestID())
	e.GET("/", func(c echo.Context) error {
		inContext = interceptors.RequestIDFrom(c.Request().Context())
		return nil
	})
	return do(e, r).Header(), inContext
}

func FuzzRequestID(f *testing.F) {
	f.Add("abc", "")
	f.Add("", "a b")
	f.Add("a\nb", "ok")
	f.Fuzz(func(t *testing.T, id, alias string) {
		r := get("/")
		r.Header["X-Request-Id"] = []string{id}
		r.Header["X-Correlation-Id"] = []string{alias}
		header, inContext := serveID(r)
		got := header.Get("X-Request-Id")
		require.Regexp(t, sound, got)
		require.Equal(t, got, inContext)
		if sound.MatchString(id) {
			require.Equal(t, id, got)
		}
	})
}
