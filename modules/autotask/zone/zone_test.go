package zone_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
)

const east = `{"zoneName":"America East","url":"https://webservices3.autotask.net/ATServicesRest/","webUrl":"https://ww3.autotask.net/","ci":3}`

func resolver(tb testing.TB, lookup zone.Lookup) *zone.Resolver {
	tb.Helper()
	r, err := zone.New(zone.Config{Username: "api+1@example.com"}, lookup, slog.New(slog.DiscardHandler))
	require.NoError(tb, err)
	return r
}

func unknownUser() error {
	return apierror.Classify(context.Background(), zone.Request(), apierror.Answer{
		Status: 500, Body: []byte(`{"errors":["Zone information could not be determined"]}`),
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"https://webservices3.autotask.net/ATServicesRest/":        "https://webservices3.autotask.net/ATServicesRest/v1.0/",
		"https://webservices3.autotask.net/ATServicesRest":         "https://webservices3.autotask.net/ATServicesRest/v1.0/",
		"https://webservices3.autotask.net/ATServicesRest/V1.0":    "https://webservices3.autotask.net/ATServicesRest/v1.0/",
		"https://webservices3.autotask.net//ATServicesRest//v1.0/": "https://webservices3.autotask.net/ATServicesRest/v1.0/",
		" HTTPS://webservices3.autotask.net?x=1#y ":                "https://webservices3.autotask.net/atservicesrest/v1.0/",
		"http://127.0.0.1:4480/":                                   "http://127.0.0.1:4480/atservicesrest/v1.0/",
	}
	for raw, want := range tests {
		u, err := zone.Parse(raw)
		require.NoError(t, err)
		require.Equal(t, want, u.String())
	}
	for _, raw := range []string{"", "webservices3.autotask.net", "/atservicesrest/", "https:///x", "http://a b/", "\n"} {
		_, err := zone.Parse(raw)
		require.Error(t, err, raw)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ production, development bool }{
		"https://webservices3.autotask.net/":      {true, true},
		"https://prde.AUTOTASK.net/":              {true, true},
		"https://autotask.net/":                   {true, true},
		"http://webservices3.autotask.net/":       {false, false},
		"https://autotask.net.evil.example/":      {false, false},
		"https://evilautotask.net/":               {false, false},
		"https://user:pw@www.autotask.net/":       {false, false},
		"https://webservices3.autotask.net@evil/": {false, false},
		"http://127.0.0.1:4480/":                  {false, true},
		"http://[::1]:4480/":                      {false, true},
		"https://localhost/":                      {false, true},
		"ftp://localhost/":                        {false, false},
		"http://10.0.0.1/":                        {false, false},
		"http://localhost.evil.example/":          {false, false},
	}
	for raw, test := range tests {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		for loopback, want := range map[bool]bool{false: test.production, true: test.development} {
			err := zone.Hosts{Loopback: loopback}.Check(u)
			require.Equal(t, want, err == nil, "%s, loopback %t", raw, loopback)
			if err != nil {
				require.ErrorIs(t, err, zone.ErrHost)
			}
		}
	}
}

func TestJoinAndCut(t *testing.T) {
	t.Parallel()
	base, err := zone.Parse("https://webservices3.autotask.net/ATServicesRest/")
	require.NoError(t, err)
	z := zone.At(base)
	u := z.Join("Tickets/5", "a=b%7b")
	require.Equal(t, "https://webservices3.autotask.net/ATServicesRest/v1.0/Tickets/5?a=b%7b", u.String())

	path, query, err := z.Cut("https://WebServices3.autotask.net/atservicesrest/V1.0/Tickets/query/next?paging=%7b%22pageSize%22%3a500%7d")
	require.NoError(t, err)
	require.Equal(t, "Tickets/query/next", path)
	require.Equal(t, "paging=%7b%22pageSize%22%3a500%7d", query)

	for _, foreign := range []string{
		"https://evil.example/ATServicesRest/v1.0/Tickets/query/next",
		"https://webservices4.autotask.net/ATServicesRest/v1.0/Tickets/query/next",
		"http://webservices3.autotask.net/ATServicesRest/v1.0/Tickets/query/next",
		"https://webservices3.autotask.net:8443/ATServicesRest/v1.0/Tickets/query/next",
		"https://u:p@webservices3.autotask.net/ATServicesRest/v1.0/Tickets/query/next",
		"https://webservices3.autotask.net/elsewhere/Tickets/query/next",
		"https://webservices3.autotask.net/ATServicesRest/v1.0/../../x",
		"/ATServicesRest/v1.0/Tickets/query/next",
		":",
	} {
		_, _, err := z.Cut(foreign)
		require.ErrorIs(t, err, zone.ErrHost, foreign)
	}
	require.Empty(t, zone.Zone{}.String())
}

func TestFixedZoneAsksNobody(t *testing.T) {
	t.Parallel()
	r, err := zone.New(zone.Config{APIURL: "https://webservices5.autotask.net/atservicesrest/v1.0"}, nil, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	z, err := r.Pick(t.Context())
	require.NoError(t, err)
	require.Equal(t, "https://webservices5.autotask.net/atservicesrest/v1.0/", z.String())
	_, moved := r.Moved(t.Context(), z)
	require.False(t, moved)

	for _, cfg := range []zone.Config{{APIURL: "https://evil.example"}, {ZoneURL: "http://127.0.0.1"}, {ZoneURL: "x"}} {
		_, err = zone.New(cfg, nil, slog.New(slog.DiscardHandler))
		require.Error(t, err)
	}
}

func TestPickAsksOnceADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		r := resolver(t, func(_ context.Context, u *url.URL) ([]byte, error) {
			asked = append(asked, u.String())
			return []byte(east), nil
		})
		for range 3 {
			z, err := r.Pick(t.Context())
			require.NoError(t, err)
			require.Equal(t, "https://webservices3.autotask.net/ATServicesRest/v1.0/", z.String())
			time.Sleep(11 * time.Hour)
		}
		require.Equal(t, []string{"https://webservices.autotask.net/atservicesrest/v1.0/zoneInformation?user=api%2B1%40example.com"}, asked)
		_, err := r.Pick(t.Context())
		require.NoError(t, err)
		require.Len(t, asked, 2)
	})
}

func TestPickIsAskedByOneForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		r := resolver(t, func(ctx context.Context, _ *url.URL) ([]byte, error) {
			asked.Add(1)
			select {
			case <-time.After(time.Second):
				return []byte(east), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		impatient, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { _, err := r.Pick(impatient); gone <- err }()
		synctest.Wait()
		var found atomic.Int32
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := r.Pick(t.Context()); err == nil {
					found.Add(1)
				}
			})
		}
		late, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		_, err := r.Pick(late)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		cancel() // the one that asked gives up: the others must not suffer
		require.ErrorIs(t, <-gone, context.Canceled)
		wg.Wait()
		require.EqualValues(t, 50, found.Load())
		require.EqualValues(t, 2, asked.Load())
	})
}

func TestSecondHost(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	tests := map[string]struct {
		first, second error
		want          error
	}{
		"first is down":              {down, nil, nil},
		"first does not know":        {unknownUser(), nil, nil},
		"both are down":              {down, errors.New("also down"), down},
		"none knows":                 {unknownUser(), unknownUser(), new(apierror.UnknownUserError)},
		"down, and does not know":    {down, unknownUser(), new(apierror.UnknownUserError)},
		"does not know, and is down": {unknownUser(), down, new(apierror.UnknownUserError)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var hosts []string
			r := resolver(t, func(_ context.Context, u *url.URL) ([]byte, error) {
				hosts = append(hosts, u.Host)
				if u.Host == "webservices2.autotask.net" {
					return []byte(east), test.second
				}
				return nil, test.first
			})
			_, err := r.Pick(t.Context())
			require.Equal(t, []string{"webservices.autotask.net", "webservices2.autotask.net"}, hosts)
			if _, unknown := test.want.(*apierror.UnknownUserError); unknown { //nolint:errorlint // the wanted type
				var typed *apierror.UnknownUserError
				require.ErrorAs(t, err, &typed)
				return
			}
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"foreign host": `{"url":"https://evil.example/ATServicesRest/"}`, "no url": `{}`, "no JSON": `{`, "null": `{"url":null}`,
	} {
		r := resolver(t, func(context.Context, *url.URL) ([]byte, error) { return []byte(body), nil })
		_, err := r.Pick(t.Context())
		var protocol *apierror.ProtocolError
		require.ErrorAs(t, err, &protocol, name)
	}
}

func TestKnownZoneOutlivesAFailedQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		r := resolver(t, func(context.Context, *url.URL) ([]byte, error) {
			if asked++; asked > 1 {
				return nil, errors.New("down")
			}
			return []byte(east), nil
		})
		first, err := r.Pick(t.Context())
		require.NoError(t, err)
		time.Sleep(25 * time.Hour)
		for range 10 {
			z, err := r.Pick(t.Context())
			require.NoError(t, err)
			require.Equal(t, first, z)
		}
		require.Equal(t, 3, asked, "both hosts, once")
		time.Sleep(time.Minute)
		_, err = r.Pick(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5, asked)
	})
}

func TestMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		number, asked := 3, 0
		r := resolver(t, func(context.Context, *url.URL) ([]byte, error) {
			asked++
			return fmt.Appendf(nil, `{"url":"https://webservices%d.autotask.net/atservicesrest/"}`, number), nil
		})
		old, err := r.Pick(t.Context())
		require.NoError(t, err)

		_, moved := r.Moved(t.Context(), old)
		require.False(t, moved)
		require.Equal(t, 2, asked)
		for range 10 { // wrong credentials do not become a flood of questions
			_, moved = r.Moved(t.Context(), old)
			require.False(t, moved)
		}
		require.Equal(t, 2, asked)

		time.Sleep(time.Minute)
		number = 15
		z, moved := r.Moved(t.Context(), old)
		require.True(t, moved)
		require.Equal(t, "https://webservices15.autotask.net/atservicesrest/v1.0/", z.String())
		again, moved := r.Moved(t.Context(), old) // another call that met the old zone
		require.True(t, moved)
		require.Equal(t, z, again)
		require.Equal(t, 3, asked)
	})
}

func ExampleNew() {
	lookup := func(context.Context, *url.URL) ([]byte, error) {
		return []byte(`{"url":"https://webservices3.autotask.net/ATServicesRest/"}`), nil
	}
	zones, err := zone.New(zone.Config{Username: "api@example.com"}, lookup, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := zones.Pick(context.Background())
	fmt.Println(z, err)
	// Output: https://webservices3.autotask.net/ATServicesRest/v1.0/ <nil>
}
