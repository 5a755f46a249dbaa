package contract_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// is fails the test unless the status is one of these.
func (a answer) is(want ...int) answer {
	a.t.Helper()
	require.Contains(a.t, want, a.status, string(a.body))
	return a
}

// into decodes the body, numbers as json.Number.
func (a answer) into(v any) {
	a.t.Helper()
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	require.NoError(a.t, d.Decode(v), string(a.body))
}

func (a answer) object() (o object) {
	a.t.Helper()
	a.into(&o)
	return o
}

// empty is an answer with nothing in it.
func (a answer) empty(status int) {
	a.t.Helper()
	a.is(status)
	require.Empty(a.t, a.body)
}

// item is the record of a read by id, nil where there is none.
func (a answer) item() object {
	a.t.Helper()
	var got struct {
		Item object `json:"item"`
	}
	a.is(http.StatusOK).into(&got)
	return got.Item
}

// page is one page of a query.
type page struct {
	Items   []object `json:"items"`
	Details struct {
		Count        int     `json:"count"`
		RequestCount int     `json:"requestCount"`
		Previous     *string `json:"prevPageUrl"`
		Next         *string `json:"nextPageUrl"`
	} `json:"pageDetails"`
}

func (a answer) page() (p page) {
	a.t.Helper()
	a.is(http.StatusOK).into(&p)
	require.NotNil(a.t, p.Items, string(a.body))
	return p
}

func (p page) ids(t *testing.T) []int64 {
	t.Helper()
	ids := make([]int64, 0, len(p.Items))
	for _, item := range p.Items {
		ids = append(ids, whole(t, item["id"]))
	}
	return ids
}

// itemID is the answer to a write: {"itemId":n}, and nothing else.
func (a answer) itemID() int64 {
	a.t.Helper()
	o := a.is(http.StatusOK).object()
	require.Len(a.t, o, 1)
	return whole(a.t, o["itemId"])
}

// refused is how Autotask says no: 500, or a status of 4xx, and an array of texts. It returns the texts.
func (a answer) refused() []string {
	a.t.Helper()
	require.GreaterOrEqual(a.t, a.status, 400, string(a.body))
	var got struct {
		Errors []string `json:"errors"`
	}
	a.into(&got)
	require.NotEmpty(a.t, got.Errors, string(a.body))
	for _, text := range got.Errors {
		require.NotEmpty(a.t, text)
	}
	return got.Errors
}

// refusedWith is 500 with this text and no other.
func (a answer) refusedWith(text string) {
	a.t.Helper()
	a.is(http.StatusInternalServerError)
	require.Equal(a.t, []string{text}, a.refused())
}

// message is how the web stack in front of Autotask reports errors of its own.
func (a answer) message(status ...int) string {
	a.t.Helper()
	o := a.is(status...).object()
	return text(a.t, o["Message"])
}

// whole is a whole number of an answer.
func whole(t *testing.T, v any) int64 {
	t.Helper()
	n, ok := v.(json.Number)
	require.Truef(t, ok, "%v is no number", v)
	i, err := n.Int64()
	require.NoError(t, err)
	return i
}

func text(t *testing.T, v any) string {
	t.Helper()
	s, ok := v.(string)
	require.Truef(t, ok, "%v is no text", v)
	return s
}

func flagOf(t *testing.T, v any) bool {
	t.Helper()
	b, ok := v.(bool)
	require.Truef(t, ok, "%v is neither true nor false", v)
	return b
}

// moment is a date and time of an answer: UTC, milliseconds, mostly without a zone.
func moment(t *testing.T, v any) time.Time {
	t.Helper()
	s := text(t, v)
	for _, layout := range []string{"2006-01-02T15:04:05.999", time.RFC3339Nano} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	require.Failf(t, "no moment", "%q", s)
	return time.Time{}
}
