package autotask

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
)

type forbidden struct{}

func (forbidden) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nothing may be sent")
}

// The last line of defence, which no configuration and no answer of Autotask reaches: whatever asked for it, credentials
// are not sent elsewhere.
func TestNothingIsSentElsewhere(t *testing.T) {
	t.Parallel()
	for env, addresses := range map[config.Stage][]string{
		config.Prod: {"https://evil.example/", "http://webservices3.autotask.net/", "http://127.0.0.1/"},
		config.Dev:  {"https://evil.example/", "http://webservices3.autotask.net/"},
	} {
		tr := newTransport(Config{Username: "u", IntegrationCode: "c", Secret: "s", Env: env}.withDefaults())
		tr.send = forbidden{}
		for _, address := range addresses {
			to, err := url.Parse(address)
			require.NoError(t, err)
			_, err = tr.exchange(t.Context(), to, request{Request: apierror.Request{Op: apierror.Get, Method: http.MethodGet}}, 1)
			require.ErrorIs(t, err, zone.ErrHost)
		}
	}
}
