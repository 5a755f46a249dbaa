package auth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/auth"
	"github.com/holdfast-go/holdfast/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is a controller with nothing but a guarded route.
type door struct{ keys *auth.Keys }

func newDoor(keys *auth.Keys) *door { return &door{keys} }

func (d *door) Routes() app.Routes {
	return app.Prefix("/door").Of(app.Post("", d.Enter).UseGuards(d.keys.Check))
}

func (*door) Enter(context.Context, *struct{}) (*struct{}, error) { return &struct{}{}, nil }

// module is what a user of auth would write; it is made anew for each application.
func module() *app.ModuleDef {
	return app.Module("door", app.Imports(auth.Module), app.Controllers(newDoor))
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const (
		none  = "this needs an API key: send it as X-API-Key, or as Authorization: Bearer"
		wrong = "the API key is none of this service's keys"
	)
	a := apptest.New(t, module(), apptest.Env(map[string]string{"TICKETDESK_API_KEYS": "first-key,second-key"}))
	tests := map[string]struct {
		header, value string
		want          string // the refusal; empty = let in
	}{
		"X-API-Key":            {"X-API-Key", "first-key", ""},
		"another key":          {"X-API-Key", "second-key", ""},
		"bearer":               {"Authorization", "Bearer second-key", ""},
		"scheme in lower case": {"Authorization", "bearer first-key", ""},
		"two spaces":           {"Authorization", "Bearer  first-key", ""},
		"nothing":              {"X-Other", "first-key", none},
		"empty":                {"X-API-Key", "", none},
		"another scheme":       {"Authorization", "Basic first-key", none},
		"any other scheme":     {"Authorization", "Digest first-key", none},
		"scheme alone":         {"Authorization", "Bearer", none},
		"key without scheme":   {"Authorization", "first-key", none},
		"wrong":                {"X-API-Key", "third-key", wrong},
		"wrong bearer":         {"Authorization", "Bearer third-key", wrong},
		"begin of a key":       {"X-API-Key", "first-ke", wrong},
		"key and more":         {"X-API-Key", "first-key2", wrong},
		"all keys":             {"X-API-Key", "first-key,second-key", wrong},
		"other case":           {"X-API-Key", "First-Key", wrong},
		"development key":      {"X-API-Key", auth.DevelopmentKey, wrong},
		"very long":            {"X-API-Key", strings.Repeat("k", 32<<10), wrong},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := a.Post("/door").Header(test.header, test.value).Do()
			if test.want == "" {
				resp.Status(http.StatusCreated)
				return
			}
			require.Equal(t, test.want, resp.Status(http.StatusUnauthorized).Problem().Detail)
			require.Equal(t, "Bearer", resp.Header.Get("WWW-Authenticate"))
			require.NotContains(t, string(resp.Body), "first-key")
		})
	}
}

func TestXAPIKeyComesFirst(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, module(), apptest.Env(map[string]string{"TICKETDESK_API_KEYS": "first-key"}))
	a.Post("/door").Header("X-API-Key", "third-key").Header("Authorization", "Bearer first-key").Do().Status(http.StatusUnauthorized)
	a.Post("/door").Header("X-API-Key", "first-key").Header("Authorization", "Basic other").Do().Status(http.StatusCreated)
}

func TestDevelopmentKey(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stage, keys string
		want        int
	}{
		"dev":             {"dev", "", http.StatusCreated},
		"dev with a key":  {"dev", "first-key", http.StatusUnauthorized},
		"test":            {"test", "", http.StatusUnauthorized},
		"prod with a key": {"prod", "first-key", http.StatusUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{"APP_ENV": test.stage}
			if test.keys != "" {
				vars["TICKETDESK_API_KEYS"] = test.keys
			}
			a := apptest.New(t, module(), apptest.Env(vars))
			a.Post("/door").Header("X-API-Key", auth.DevelopmentKey).Do().Status(test.want)
		})
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	const short = "has a key of fewer than 8 characters"
	tests := map[string]struct {
		stage, keys string
		want        string
	}{
		"prod without keys":     {"prod", "", "is not set: nobody could write"},
		"stage not set":         {"", "", "is not set: nobody could write"},
		"short":                 {"prod", "seven77", short},
		"one of two":            {"test", "long-enough,short", short},
		"short in development":  {"dev", "short", short},
		"the development key":   {"prod", auth.DevelopmentKey, short},
		"empty between two":     {"prod", "first-key,,second-key", short},
		"characters, not bytes": {"prod", "ÄÖÜäöüß", short},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{}
			if test.stage != "" {
				vars["APP_ENV"] = test.stage
			}
			if test.keys != "" {
				vars["TICKETDESK_API_KEYS"] = test.keys
			}
			_, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[auth.Config]())
			var faults *config.Error
			require.ErrorAs(t, err, &faults)
			require.Len(t, faults.Faults, 1)
			require.Equal(t, "TICKETDESK_API_KEYS", faults.Faults[0].Name)
			require.Equal(t, test.want, faults.Faults[0].Problem)
			if test.keys != "" {
				require.NotContains(t, err.Error(), test.keys)
			}
		})
	}
}
