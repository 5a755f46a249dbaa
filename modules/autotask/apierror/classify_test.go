package apierror_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

const (
	success  = circuitbreaker.Success
	failure  = circuitbreaker.Failure
	excluded = circuitbreaker.Excluded
)

func get() apierror.Request {
	return apierror.Request{Op: apierror.Get, Entity: "Tickets", Method: http.MethodGet, Path: "Tickets/5"}
}

func create() apierror.Request {
	return apierror.Request{Op: apierror.Create, Entity: "Tickets", Method: http.MethodPost, Path: "Tickets"}
}

func errs(texts ...string) string { return `{"errors":["` + strings.Join(texts, `","`) + `"]}` }

// Every row of the classification table, each with what follows from it for a read and for a create.
func TestClassify(t *testing.T) {
	t.Parallel()
	const (
		yes = true
		no  = false
	)
	tests := map[string]struct {
		status      int
		body        string
		usage       float64
		kind        apierror.Kind
		read, write bool // may be sent again
		outcome     circuitbreaker.Outcome
		seen        int // by the caller of a service
	}{
		"400":                          {400, `{"Message":"bad"}`, 0, apierror.Validation, no, no, success, 422},
		"405":                          {405, `{"Message":"The requested resource does not support http method 'GET'."}`, 0, apierror.Method, no, no, success, 500},
		"409":                          {409, errs("taken"), 0, apierror.Validation, no, no, success, 422},
		"413":                          {413, "", 0, apierror.Validation, no, no, success, 422},
		"415":                          {415, "", 0, apierror.Method, no, no, success, 500},
		"422":                          {422, errs("wrong"), 0, apierror.Validation, no, no, success, 422},
		"401 empty":                    {401, "", 0, apierror.Auth, no, no, excluded, 502},
		"403":                          {403, "", 0, apierror.Permission, no, no, success, 502},
		"403 over the threshold":       {403, errs("You have exceeded the number of requests"), 0, apierror.RateLimit, yes, yes, excluded, 503},
		"500 permissions":              {500, errs("The logged in Resource does not have the adequate permissions to create this entity."), 0, apierror.Permission, no, no, success, 502},
		"500 may not have permissions": {500, errs("The logged in Resource may not have the required permissions to delete the data."), 0, apierror.Permission, no, no, success, 502},
		"429 threads":                  {429, errs("The Autotask API thread threshold of 3 threads has been exceeded. Method: getThresholdAndUsageInfo"), 0, apierror.ThreadLimit, yes, yes, excluded, 503},
		"500 threads":                  {500, errs("The Autotask API thread threshold of 3 threads has been exceeded."), 0, apierror.ThreadLimit, yes, yes, excluded, 503},
		"500 thread code":              {500, errs("Itgenatr005"), 0, apierror.ThreadLimit, yes, yes, excluded, 503},
		"400 thread limit":             {400, errs("Thread limit reached"), 0, apierror.ThreadLimit, yes, yes, excluded, 503},
		"429 bare":                     {429, "", 0, apierror.ThreadLimit, yes, yes, excluded, 503},
		"429 near the limit":           {429, "", 0.95, apierror.RateLimit, yes, yes, excluded, 503},
		"429 threads near the limit":   {429, errs("thread threshold of 3 threads has been exceeded"), 1, apierror.ThreadLimit, yes, yes, excluded, 503},
		"429 threshold":                {429, errs("External request threshold reached"), 0, apierror.RateLimit, yes, yes, excluded, 503},
		"500 threshold":                {500, errs("You have exceeded the request threshold"), 0, apierror.RateLimit, yes, yes, excluded, 503},
		"500 deadlock":                 {500, errs("Transaction was deadlocked on lock resources"), 0, apierror.Busy, yes, no, failure, 503},
		"500 deadlock victim":          {500, errs("Transaction (Process ID 5) was chosen as the deadlock victim. Rerun the transaction."), 0, apierror.Busy, yes, yes, failure, 503},
		"500 timeout":                  {500, errs("Execution Timeout Expired."), 0, apierror.Busy, yes, no, failure, 503},
		"500 try again":                {500, errs("Please try again later"), 0, apierror.Busy, yes, no, failure, 503},
		"500 validation":               {500, errs("Value does not reference an existing entity for taskType . "), 0, apierror.Validation, no, no, success, 422},
		"500 time zone":                {500, errs("time zone is required"), 0, apierror.Validation, no, no, success, 422},
		"500 threshold as a field":     {500, errs("Unable to find sendThresholdExceededNotification in the CompanyWebhooks Entity."), 0, apierror.Validation, no, no, success, 422},
		"500 block as a word":          {500, errs("Blocked hours and timeoutMinutes must be set"), 0, apierror.Validation, no, no, success, 422},
		"500 empty":                    {500, "", 0, apierror.Server, yes, no, failure, 502},
		"500 empty errors":             {500, `{"errors":[]}`, 0, apierror.Server, yes, no, failure, 502},
		"500 of the web stack":         {500, `{"Message":"An error has occurred."}`, 0, apierror.Server, yes, no, failure, 502},
		"500 query model":              {500, errs(`Value cannot be null.\r\nParameter name: queryModel`), 0, apierror.Protocol, no, no, success, 502},
		"500 unknown user":             {500, errs("Zone information could not be determined"), 0, apierror.UnknownUser, no, no, excluded, 502},
		"500 integration code":         {500, errs("IntegrationCode is invalid."), 0, apierror.Auth, no, no, excluded, 502},
		"501":                          {501, "", 0, apierror.Server, yes, no, failure, 502},
		"502 HTML":                     {502, "<html><body>Bad Gateway</body></html>", 0, apierror.Server, yes, no, failure, 502},
		"503":                          {503, "", 0, apierror.Server, yes, no, failure, 502},
		"504":                          {504, "upstream request timeout", 0, apierror.Server, yes, no, failure, 502},
		"408":                          {408, "", 0, apierror.Server, yes, no, failure, 502},
		"200 HTML":                     {200, "<!doctype html><title>maintenance</title>", 0, apierror.Server, yes, no, failure, 502},
		"200 empty":                    {200, " \n", 0, apierror.Server, yes, no, failure, 502},
		"redirect":                     {302, "", 0, apierror.Protocol, no, no, success, 502},
		"418":                          {418, "", 0, apierror.Protocol, no, no, success, 502},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for request, again := range map[*apierror.Request]bool{new(get()): test.read, new(create()): test.write} {
				err := apierror.Classify(t.Context(), *request, apierror.Answer{
					Status: test.status, Body: []byte(test.body), Usage: test.usage, Attempt: 2,
				})
				d, ok := apierror.Of(err)
				require.True(t, ok)
				require.Equal(t, test.kind, d.Kind, d.Kind.String())
				require.Equal(t, again, d.Transient())
				require.Equal(t, test.outcome, apierror.Outcome(err))
				require.Equal(t, test.seen, d.StatusCode())
				require.Equal(t, test.status, d.Status)
				require.Equal(t, 2, d.Attempt)
				require.Equal(t, *request, d.Request)
			}
		})
	}
}

func TestGoodAnswers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"item": `{"item":{"id":5}}`, "any case": ` {"Item":{}}`} {
		require.NoError(t, apierror.Classify(t.Context(), get(), apierror.Answer{Status: 200, Body: []byte(body)}), name)
	}
	require.NoError(t, apierror.Classify(t.Context(), create(), apierror.Answer{Status: 200, Body: []byte(`{"itemId":7}`)}))
	require.NoError(t, apierror.Classify(t.Context(), create(), apierror.Answer{Status: 201, Body: []byte(`{}`)}))
	require.Equal(t, success, apierror.Outcome(nil))
}

func TestMissingRecord(t *testing.T) {
	t.Parallel()
	var missing *apierror.NotFoundError
	err := apierror.Classify(t.Context(), get(), apierror.Answer{Status: 200, Body: []byte(`{"item":null}`)})
	require.ErrorAs(t, err, &missing)
	require.Equal(t, 404, missing.StatusCode())
	require.Equal(t, success, apierror.Outcome(err))
	require.ErrorAs(t, apierror.Classify(t.Context(), get(), apierror.Answer{Status: 404}), &missing)

	var protocol *apierror.ProtocolError
	err = apierror.Classify(t.Context(), get(), apierror.Answer{Status: 200, Body: []byte(`{"items":[]}`)})
	require.ErrorAs(t, err, &protocol)
}

func TestMissingAddressNamesTheParent(t *testing.T) {
	t.Parallel()
	note := apierror.Request{Op: apierror.Create, Entity: "TicketNotes", Method: "POST", Path: "TicketNotes"}
	err := apierror.Classify(t.Context(), note, apierror.Answer{Status: 404, Body: []byte(`{"Message":"No HTTP resource was found"}`)})
	var usage *apierror.UsageError
	require.ErrorAs(t, err, &usage)
	require.Equal(t, []string{"No HTTP resource was found", "create TicketNotes at Tickets/{id}/Notes"}, usage.Messages)
	require.Equal(t, 500, usage.StatusCode())
	require.False(t, usage.Transient())
	require.ErrorAs(t, apierror.Classify(t.Context(), create(), apierror.Answer{Status: 404}), &usage)
	require.Empty(t, usage.Messages)
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset by peer")
	canceled, cancel := context.WithCancelCause(t.Context())
	shutdown := errors.New("shutdown")
	cancel(shutdown)
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	t.Cleanup(stop)

	tests := map[string]struct {
		late            bool // the caller's deadline is over
		answer          apierror.Answer
		read, write     bool
		outcome         circuitbreaker.Outcome
		status          int
		ambiguousCreate bool
	}{
		"not sent":     {false, apierror.Answer{Err: reset}, true, true, failure, 502, false},
		"sent":         {false, apierror.Answer{Err: reset, Sent: true}, true, false, failure, 502, true},
		"half a body":  {false, apierror.Answer{Status: 200, Err: io.ErrUnexpectedEOF, Sent: true}, true, false, failure, 502, true},
		"attempt late": {false, apierror.Answer{Err: context.DeadlineExceeded, Sent: true}, true, false, failure, 504, true},
		"caller late":  {true, apierror.Answer{Err: context.DeadlineExceeded, Sent: true}, true, false, failure, 504, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.late {
				ctx = late
			}
			var network *apierror.NetworkError
			require.ErrorAs(t, apierror.Classify(ctx, get(), test.answer), &network)
			require.Equal(t, test.read, network.Transient())
			require.False(t, network.Ambiguous, "a read is never ambiguous")

			err := apierror.Classify(ctx, create(), test.answer)
			require.ErrorAs(t, err, &network)
			require.Equal(t, test.write, network.Transient())
			require.Equal(t, test.outcome, apierror.Outcome(err))
			require.Equal(t, test.status, network.StatusCode())
			require.Equal(t, test.ambiguousCreate, network.Ambiguous)
			require.ErrorIs(t, err, test.answer.Err)
		})
	}
	for _, sent := range []bool{true, false} {
		err := apierror.Classify(canceled, create(), apierror.Answer{Err: context.Canceled, Sent: sent})
		var gone *apierror.CanceledError
		require.ErrorAs(t, err, &gone)
		require.Equal(t, sent, gone.Ambiguous)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, shutdown)
		require.Equal(t, excluded, apierror.Outcome(err))
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := map[string]time.Duration{
			"":      0,
			"120":   2 * time.Minute,
			" 0.2 ": time.Second, // never shortened
			"0":     0,
			"-5":    0,
			"NaN":   0,
			"soon":  0,
			"1e300": 365 * 24 * time.Hour,
			time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat): 90 * time.Second,
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat):       0,
		}
		for header, want := range tests {
			err := apierror.Classify(t.Context(), get(), apierror.Answer{Status: 503, Header: http.Header{"Retry-After": {header}}})
			d, _ := apierror.Of(err)
			require.Equal(t, want, d.RetryAfter(), header)
		}
		err := apierror.Classify(t.Context(), get(), apierror.Answer{Status: 429, Usage: 1})
		d, _ := apierror.Of(err)
		require.Equal(t, time.Minute, d.RetryAfter(), "a suspension that names no time")
	})
}

func TestTooLargeAnswer(t *testing.T) {
	t.Parallel()
	err := apierror.Classify(t.Context(), create(), apierror.Answer{Status: 200, Body: []byte("{"), TooLarge: true})
	d, _ := apierror.Of(err)
	require.Equal(t, apierror.Protocol, d.Kind)
	require.True(t, d.Ambiguous)
	require.False(t, d.Transient())
}

func TestMessages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want []string
	}{
		"strings":         {`{"errors":["a","b"]}`, []string{"a", "b"}},
		"any case":        {`{"Errors":["a"]}`, []string{"a"}},
		"objects":         {`{"errors":[{"message":"a","code":"X"},{"Message":"b"},{"errorMessage":"c"}]}`, []string{"a", "b", "c"}},
		"one string":      {`{"errors":"a"}`, []string{"a"}},
		"by field":        {`{"errors":{"title":["too long","empty"],"code":"X"}}`, []string{"too long", "empty"}},
		"Message":         {`{"Message":"a"}`, []string{"a"}},
		"message":         {`{"message":"a"}`, []string{"a"}},
		"error":           {`{"error":"a"}`, []string{"a"}},
		"error object":    {`{"error":{"message":"a"}}`, []string{"a"}},
		"errorMessage":    {`{"errorMessage":"a"}`, []string{"a"}},
		"stack trace":     {`{"Message":"a","ExceptionType":"E","StackTrace":"at x"}`, []string{"a"}},
		"verbatim":        {`{"errors":[" a \u00e9 <b> "]}`, []string{" a é <b> "}},
		"blank":           {`{"errors":["", " "]}`, nil},
		"null":            {`{"errors":null}`, nil},
		"numbers":         {`{"errors":[1,true,null]}`, nil},
		"bare string":     {`"a"`, []string{"a"}},
		"bare list":       {`["a","b"]`, []string{"a", "b"}},
		"plain text":      {"upstream is down", []string{"upstream is down"}},
		"HTML":            {"<html>no</html>", nil},
		"empty":           {"", nil},
		"broken off":      {`{"errors":["a","b`, []string{"a"}},
		"more than 1 MB":  {`{"errors":["a","` + strings.Repeat("x", 2<<20) + `"]}`, []string{"a"}},
		"too deep":        {`{"errors":["a",` + strings.Repeat("[", 100), []string{"a"}},
		"long plain text": {strings.Repeat("é", 600), []string{strings.Repeat("é", 500)}},
		"not UTF-8":       {"a\xffb", []string{"a?b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := apierror.Classify(t.Context(), get(), apierror.Answer{Status: 422, Body: []byte(test.body)})
			d, _ := apierror.Of(err)
			require.Equal(t, test.want, d.Messages)
		})
	}
	d, _ := apierror.Of(apierror.Classify(t.Context(), get(), apierror.Answer{
		Status: 500, Body: []byte(`{"errors":[` + strings.Repeat(`"a",`, 500) + `"a"]}`),
	}))
	require.Len(t, d.Messages, 100)
}

// Whatever comes back: no panic, exactly one typed error or none, and no create that is sent twice by mistake.
func FuzzClassify(f *testing.F) {
	f.Add(500, []byte(errs("a")), "5")
	f.Add(200, []byte(`{"item":null}`), "")
	f.Add(429, []byte("<html>"), "Mon, 01 Jan 2024 00:00:00 GMT")
	f.Add(500, []byte(`{"errors":[{"message":{"message":["x"]}}]}`), "-1")
	f.Fuzz(func(t *testing.T, status int, body []byte, wait string) {
		a := apierror.Answer{Status: status, Body: body, Header: http.Header{"Retry-After": {wait}}}
		for _, r := range []apierror.Request{get(), create()} {
			err := apierror.Classify(t.Context(), r, a)
			if err == nil {
				require.Equal(t, 2, status/100)
				continue
			}
			d, ok := apierror.Of(err)
			require.True(t, ok)
			require.NotEmpty(t, err.Error())
			require.GreaterOrEqual(t, d.RetryAfter(), time.Duration(0))
			require.GreaterOrEqual(t, d.StatusCode(), 400)
			require.False(t, d.Ambiguous && d.Op == apierror.Create && d.Transient())
		}
	})
}

func BenchmarkClassifyGood(b *testing.B) {
	a := apierror.Answer{Status: 200, Body: []byte(`{"items":[],"pageDetails":{}}`)}
	r := apierror.Request{Op: apierror.Query, Entity: "Tickets", Method: "POST", Path: "Tickets/query"}
	b.ReportAllocs()
	for b.Loop() {
		if err := apierror.Classify(b.Context(), r, a); err != nil {
			b.Fatal(err)
		}
	}
}
