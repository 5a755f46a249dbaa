package autotask_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// answer is what a request meets.
type answer struct {
	status int
	body   string
	header []string // name, value
	err    error
}

func answers(status int, body string, header ...string) answer {
	return answer{status, body, header, nil}
}

func fails(err error) answer { return answer{err: err} }

func (a answer) to(req *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	h := http.Header{}
	for i := 0; i+1 < len(a.header); i += 2 {
		h.Set(a.header[i], a.header[i+1])
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: req}, nil
}

// script answers the requests of a client one after the other; the last answer stands for all that follow.
type script struct {
	answers []answer
	seen    []*http.Request
	bodies  []string
}

func plays(all ...answer) *script { return &script{answers: all} }

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	i := min(len(s.seen), len(s.answers)-1)
	s.seen, s.bodies = append(s.seen, req), append(s.bodies, string(body))
	return s.answers[i].to(req)
}

// fixed is a client whose zone needs no question.
func fixed(tb testing.TB, rt http.RoundTripper) *autotask.Client {
	tb.Helper()
	cfg := access()
	cfg.APIURL = "https://webservices3.autotask.net/ATServicesRest/"
	return newClient(tb, cfg, rt)
}

const empty = `{"items":[],"pageDetails":{"nextPageUrl":null}}`

// A7 and I5: how often a request is sent, and how long it takes.
func TestRepetition(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("refused")}
	reset := &net.OpError{Op: "read", Err: errors.New("reset")}
	locked := `{"errors":["Transaction was deadlocked on lock resources"]}`
	victim := `{"errors":["chosen as the deadlock victim. Rerun the transaction."]}`
	tests := map[string]struct {
		answer       answer
		read, create int
	}{
		"not connected":   {fails(dial), 3, 3},
		"reset":           {fails(reset), 3, 1},
		"503":             {answers(503, ""), 3, 1},
		"500 HTML":        {answers(500, "<html>"), 3, 1},
		"lock":            {answers(500, locked), 3, 1},
		"deadlock victim": {answers(500, victim), 3, 3},
		"thread limit":    {answers(429, ""), 3, 3},
		"401":             {answers(401, ""), 1, 1},
		"403":             {answers(403, ""), 1, 1},
		"404":             {answers(404, ""), 1, 1},
		"validation":      {answers(500, `{"errors":["Title is required."]}`), 1, 1},
		"redirect":        {answers(302, "", "Location", "https://evil.example/"), 1, 1},
		"200 HTML":        {answers(200, "<html>"), 3, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				reads, creates := plays(test.answer), plays(test.answer)
				_, err := fixed(t, reads).Tickets.Get(t.Context(), 1)
				require.Error(t, err)
				require.Len(t, reads.seen, test.read)
				_, err = fixed(t, creates).Tickets.Create(t.Context(), newTicket("x"))
				require.Error(t, err)
				require.Len(t, creates.seen, test.create)
				d, ok := apierror.Of(err)
				require.True(t, ok, "the API's error survives the retry")
				require.Equal(t, test.create, d.Attempt)
			})
		})
	}
}

func TestRepeatedRequestCarriesItsBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := plays(answers(503, ""), answers(502, ""), answers(200, `{"queryCount":7}`))
		n, err := fixed(t, rt).Tickets.Count(t.Context(), query.New())
		require.NoError(t, err)
		require.EqualValues(t, 7, n)
		require.Equal(t, []string{rt.bodies[0], rt.bodies[0], rt.bodies[0]}, rt.bodies)
	})
}

// A8 and I7: Retry-After is a floor, and is not waited for in vain.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := plays(answers(429, `{"errors":["request threshold exceeded"]}`, "Retry-After", "120"), answers(200, empty))
		client := fixed(t, rt)
		begin := time.Now()
		_, err := client.Tickets.Page(t.Context(), query.New())
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(begin), 2*time.Minute)
		require.Less(t, time.Since(begin), 3*time.Minute)
	})
	synctest.Test(t, func(t *testing.T) {
		rt := plays(answers(429, `{"errors":["request threshold exceeded"]}`, "Retry-After", "120"))
		client := fixed(t, rt)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		_, err := client.Tickets.Page(ctx, query.New())
		var limit *apierror.RateLimitError
		require.ErrorAs(t, err, &limit)
		require.Equal(t, 2*time.Minute, limit.RetryAfter())
		_, err = client.Companies.Page(ctx, query.New())
		require.Error(t, err, "the tenant is suspended, not the entity")
		require.Zero(t, time.Since(begin))
		require.Len(t, rt.seen, 1)
	})
}

// A limit of Autotask says nothing about its health.
func TestLimitsMoveNoBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := plays(answers(429, ""))
		client := fixed(t, rt)
		for range 20 {
			_, err := client.Tickets.Page(t.Context(), query.New())
			var limit *apierror.ThreadLimitError
			require.ErrorAs(t, err, &limit)
		}
		require.Len(t, rt.seen, 60)
	})
}

// A 429 without a text is about the hourly limit once that is nearly used up.
func TestBareLimitNearTheBudget(t *testing.T) {
	t.Parallel()
	cfg := access()
	cfg.APIURL, cfg.HourlyLimit = "https://webservices3.autotask.net/", 20
	all := make([]answer, 18, 19)
	for i := range all {
		all[i] = answers(200, empty)
	}
	client := newClient(t, cfg, plays(append(all, answers(429, ""))...))
	for range 18 {
		_, err := client.Tickets.Page(t.Context(), query.New())
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // shorter than a suspension
	defer cancel()
	_, err := client.Tickets.Page(ctx, query.New())
	var limit *apierror.RateLimitError
	require.ErrorAs(t, err, &limit)
}

func TestCountSendsConditionsAlone(t *testing.T) {
	t.Parallel()
	rt := plays(answers(200, `{"queryCount":7}`))
	_, err := fixed(t, rt).Tickets.Count(t.Context(), query.New().Where(query.Eq("status", 1)).Fields("title").Limit(5))
	require.NoError(t, err)
	require.Equal(t, []string{`{"filter":[{"op":"eq","field":"status","value":1}]}`}, rt.bodies)
}

// A21: the tenant moves while calls run: one 401, then success.
func TestTenantMoves(t *testing.T) {
	t.Parallel()
	var host atomic.Value
	host.Store("webservices3.autotask.net")
	asked, refused := 0, 0
	client := newClient(t, access(), tripper(func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/zoneInformation") {
			asked++
			return answers(200, fmt.Sprintf(`{"url":"https://%s/ATServicesRest/"}`, host.Load())).to(req)
		}
		if req.URL.Host != host.Load() {
			refused++
			return answers(401, "").to(req)
		}
		return answers(200, empty).to(req)
	}))
	for i := range 3 {
		if i == 1 {
			host.Store("webservices15.autotask.net")
		}
		_, err := client.Tickets.Page(t.Context(), query.New())
		require.NoError(t, err)
	}
	require.Equal(t, 2, asked)
	require.Equal(t, 1, refused)
	require.Equal(t, 4, client.Limits().Used, "the repeated attempt took a unit of its own")
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := tripper(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		begin := time.Now()
		_, err := fixed(t, rt).Tickets.Create(t.Context(), newTicket("x"))
		require.Equal(t, 30*time.Second, time.Since(begin))
		var network *apierror.NetworkError
		require.ErrorAs(t, err, &network)
		require.True(t, network.Ambiguous)
		require.Equal(t, 504, network.StatusCode())

		begin = time.Now()
		_, err = fixed(t, rt).Tickets.Get(t.Context(), 1)
		require.ErrorAs(t, err, &network)
		require.Equal(t, 3, network.Attempt)
		require.Less(t, time.Since(begin), 2*time.Minute)
	})
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	rt := plays(answers(200, `{"url":"https://webservices3.autotask.net/ATServicesRest/"}`), answers(200, empty))
	_, err := newClient(t, access(), rt).Tickets.Page(t.Context(), query.New())
	require.NoError(t, err)
	lookup, page := rt.seen[0], rt.seen[1]
	require.Equal(t, "https://webservices.autotask.net/atservicesrest/v1.0/zoneInformation?user=api%40holdfast-demo.example", lookup.URL.String())
	for _, name := range []string{"ApiIntegrationCode", "UserName", "Secret"} {
		require.Empty(t, lookup.Header.Get(name), "the zone is found without credentials")
		require.NotEmpty(t, page.Header.Get(name))
	}
	require.Equal(t, "https://webservices3.autotask.net/ATServicesRest/v1.0/Tickets/query", page.URL.String())
	require.Equal(t, "application/json", page.Header.Get("Content-Type"))
	require.Contains(t, page.Header.Get("User-Agent"), "holdfast")
}

func TestNextPage(t *testing.T) {
	t.Parallel()
	const base = "https://webservices3.autotask.net/ATServicesRest/V1.0/"
	page := func(next string) answer {
		return answers(200, `{"items":[{"id":1}],"pageDetails":{"nextPageUrl":"`+next+`"}}`)
	}
	tests := map[string]struct {
		next     string
		requests int
		want     error
	}{
		"foreign host":   {"https://evil.example/ATServicesRest/V1.0/Tickets/query/next?paging=x", 1, zone.ErrHost},
		"another zone":   {"https://webservices4.autotask.net/ATServicesRest/V1.0/Tickets/query/next?paging=x", 1, zone.ErrHost},
		"another entity": {base + "Companies/query/next?paging=x", 1, nil},
		"the same again": {base + "Tickets/query/next?paging=x", 2, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := plays(page(test.next))
			var failure error
			for _, err := range fixed(t, rt).Tickets.Query(t.Context(), query.New()) {
				failure = err
			}
			var protocol *apierror.ProtocolError
			require.ErrorAs(t, failure, &protocol)
			if test.want != nil {
				require.ErrorIs(t, failure, test.want)
			}
			require.Len(t, rt.seen, test.requests)
		})
	}

	rt := plays(page(base+"Tickets/query/next?paging=%7b%22a%22%3a1%7d"), answers(200, empty))
	for _, err := range fixed(t, rt).Tickets.Query(t.Context(), query.New()) {
		require.NoError(t, err)
	}
	require.Equal(t, http.MethodPost, rt.seen[1].Method)
	require.Equal(t, "paging=%7b%22a%22%3a1%7d", rt.seen[1].URL.RawQuery)
	require.Equal(t, rt.bodies[0], rt.bodies[1], "the same body")
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"not the shape":  `{"items":{"id":1}}`,
		"null item":      `{"items":[null]}`,
		"bad value":      `{"items":[{"id":"x"}]}`,
		"broken off":     `{"items":[{"id":1}`,
		"page is no url": `{"items":[],"pageDetails":{"nextPageUrl":"::"}}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fixed(t, plays(answers(200, body))).Tickets.Page(t.Context(), query.New())
			var protocol *apierror.ProtocolError
			require.ErrorAs(t, err, &protocol)
			require.Equal(t, "Tickets", protocol.Entity)
		})
	}
}

// endlessBody never ends.
type endlessBody struct{}

func (endlessBody) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func (endlessBody) Close() error { return nil }

func TestEndlessBody(t *testing.T) {
	t.Parallel()
	rt := tripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: endlessBody{}, Request: req}, nil
	})
	_, err := fixed(t, rt).Tickets.Get(t.Context(), 1)
	var protocol *apierror.ProtocolError
	require.ErrorAs(t, err, &protocol)
	require.ErrorContains(t, err, "longer than this client reads")
}

func TestCreatedID(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int64{
		`{"itemId":7}`: 7, `{"itemId":"7"}`: 7, `{"itemId":{"id":7}}`: 7, `{"ItemID":{"itemId":"7"}}`: 7,
	} {
		id, err := fixed(t, plays(answers(200, body))).Tickets.Create(t.Context(), newTicket("x"))
		require.NoError(t, err)
		require.Equal(t, want, id)
	}
	for _, body := range []string{`{"itemId":[]}`, `{"itemId":null}`, `{}`, `{"itemId":{}}`} {
		_, err := fixed(t, plays(answers(200, body))).Tickets.Create(t.Context(), newTicket("x"))
		d, ok := apierror.Of(err)
		require.True(t, ok, body)
		require.True(t, d.Ambiguous, "it was created")
	}
}

// Over a real socket: nothing is left behind, the unit of a request that was never sent is given back.
func TestRealConnections(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/Tickets/1"):
			_, _ = io.WriteString(w, `{"item":{"id":1}}`)
		case strings.HasSuffix(r.URL.Path, "/Tickets/2"):
			http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
		default:
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"itemId":`) // and breaks off
		}
	}))
	defer server.Close()
	client := overSocket(t, server.URL, discard())
	ticket, err := client.Tickets.Get(t.Context(), 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, ticket.ID.Or(0))
	var protocol *apierror.ProtocolError
	_, err = client.Tickets.Get(t.Context(), 2)
	require.ErrorAs(t, err, &protocol)
	var network *apierror.NetworkError
	_, err = client.Tickets.Create(t.Context(), newTicket("x"))
	require.ErrorAs(t, err, &network)
	require.True(t, network.Ambiguous)
	require.Equal(t, 3, client.Limits().Used)

	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = client.Tickets.Create(ctx, newTicket("x"))
	require.ErrorAs(t, err, &network)
	require.False(t, network.Sent)
	require.False(t, network.Ambiguous)
	require.True(t, network.Transient())
	require.Equal(t, 3, client.Limits().Used, "nothing was sent")
}

func overSocket(tb testing.TB, url string, log *slog.Logger) *autotask.Client {
	tb.Helper()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, discard())
	require.NoError(tb, err)
	cfg := access()
	cfg.APIURL = url
	client, err := autotask.New(cfg, breakers, retry.NewService(retry.Config{}, discard()), log)
	require.NoError(tb, err)
	tb.Cleanup(client.Close)
	return client
}

// Neither log nor error holds a secret, a record or a query string.
func TestLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, log)
	require.NoError(t, err)
	cfg := access()
	cfg.APIURL = "https://webservices3.autotask.net/"
	rt := plays(answers(500, `{"errors":["Title is required."]}`))
	client, err := autotask.New(cfg, breakers, retry.NewService(retry.Config{}, log), log, autotask.WithTransport(rt))
	require.NoError(t, err)
	_, err = client.Tickets.Create(t.Context(), newTicket("customer data"))
	text := out.String() + err.Error()
	require.Contains(t, text, "module=autotask")
	require.Contains(t, text, "kind=validation")
	for _, secret := range []string{cfg.Secret.Reveal(), cfg.IntegrationCode.Reveal(), cfg.Username, "customer data"} {
		require.NotContains(t, text, secret)
	}
}
