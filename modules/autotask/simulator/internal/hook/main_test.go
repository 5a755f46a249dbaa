package hook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "0123456789-the-secret"

// call is a request as the receiver has seen it.
type call struct {
	at        time.Duration // since the start
	url       string
	signature string
	header    http.Header
	body      string
}

// receiver is what webhooks call.
type receiver struct {
	start  time.Time
	answer func(n int, r *http.Request) (status int, err error) // to the nth call, from 1

	mu    sync.Mutex
	calls []call
}

func (v *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.calls = append(v.calls, call{
		at: time.Since(v.start), url: r.URL.String(), signature: r.Header.Get("X-Hook-Signature"),
		header: r.Header, body: string(body),
	})
	n := len(v.calls)
	v.mu.Unlock()
	status, err := v.answer(n, r)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Location": {"http://elsewhere.test/"}},
		Body: io.NopCloser(strings.NewReader("seen")), Request: r,
	}, nil
}

func (v *receiver) seen() []call {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

// times are when the calls came.
func (v *receiver) times() []time.Duration {
	var at []time.Duration
	for _, c := range v.seen() {
		at = append(at, c.at)
	}
	return at
}

// titles are the titles that the calls told.
func (v *receiver) titles() []string {
	var titles []string
	for _, c := range v.seen() {
		_, rest, _ := strings.Cut(c.body, `"title":"`)
		title, _, _ := strings.Cut(rest, `"`)
		titles = append(titles, title)
	}
	return titles
}

func always(status int) func(int, *http.Request) (int, error) {
	return func(int, *http.Request) (int, error) { return status, nil }
}

// silent never answers.
func silent(_ int, r *http.Request) (int, error) {
	<-r.Context().Done()
	return 0, context.Cause(r.Context())
}

var errDown = errors.New("connection refused")

func down(int, *http.Request) (int, error) { return 0, errDown }

// world is a store with hooks, and a tenant as far as webhooks see it.
type world struct {
	*hook.Hooks
	t        *testing.T
	store    *record.Store
	receiver *receiver
	moved    atomic.Int64 // by how much the clock is ahead
}

func newWorld(t *testing.T, cfg hook.Config, answer func(int, *http.Request) (int, error)) *world {
	t.Helper()
	w := &world{t: t, store: record.New(registry.Entities()), receiver: &receiver{start: time.Now(), answer: answer}}
	if cfg.Transport == nil {
		cfg.Transport = w.receiver
	}
	w.Hooks = hook.New(cfg, w.store, w.now)
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.moved.Load())) }

// advance moves the clock, as the control call does.
func (w *world) advance(d time.Duration) {
	w.moved.Add(int64(d))
	w.Moved()
	synctest.Wait()
}

func (w *world) table(name string) *record.Table {
	w.t.Helper()
	t, ok := w.store.Table(name)
	require.True(w.t, ok, name)
	return t
}

type fields map[string]any

func (w *world) values(t *record.Table, old []any, f fields) []any {
	w.t.Helper()
	vals := make([]any, len(t.Columns()))
	copy(vals, old)
	for name, v := range f {
		ord, ok := t.Ordinal(name)
		if !ok {
			ord, ok = t.UDF(name)
		}
		require.True(w.t, ok, name)
		vals[ord] = v
	}
	return vals
}

// create inserts a record as the tenant does; texts are those of a refusal.
func (w *world) create(entity string, person int64, f fields) (id int64, texts []string) {
	w.t.Helper()
	t := w.table(entity)
	vals := w.values(t, nil, f)
	w.store.Update(func(tx *record.Tx) {
		if texts = w.Check(tx, t, 0, nil, vals); len(texts) > 0 {
			return
		}
		w.Complete(t, vals)
		id = tx.Insert(t, vals)
		w.Changed(tx, hook.Change{Kind: hook.Created, Table: t, ID: id, After: vals, Person: person, At: w.now()})
	})
	return id, texts
}

func (w *world) patch(entity string, id, person int64, f fields) (texts []string) {
	w.t.Helper()
	t := w.table(entity)
	w.store.Update(func(tx *record.Tx) {
		row, ok := tx.Find(t, id)
		require.True(w.t, ok)
		before := row.Values(t)
		after := w.values(t, before, f)
		if texts = w.Check(tx, t, id, before, after); len(texts) > 0 {
			return
		}
		tx.Replace(t, id, after)
		w.Changed(tx, hook.Change{
			Kind: hook.Updated, Table: t, ID: id, Before: before, After: after, Person: person, At: w.now(),
		})
	})
	return texts
}

func (w *world) remove(entity string, id, person int64) (texts []string) {
	w.t.Helper()
	t := w.table(entity)
	w.store.Update(func(tx *record.Tx) {
		row, ok := tx.Find(t, id)
		require.True(w.t, ok)
		before := row.Values(t)
		if texts = w.Check(tx, t, id, before, nil); len(texts) > 0 {
			return
		}
		tx.Remove(t, id)
		w.Changed(tx, hook.Change{Kind: hook.Deleted, Table: t, ID: id, Before: before, Person: person, At: w.now()})
	})
	return texts
}

// must is create for what is not refused.
func (w *world) must(entity string, f fields) int64 {
	w.t.Helper()
	id, texts := w.create(entity, 0, f)
	require.Empty(w.t, texts)
	return id
}

// listen makes an active webhook of an entity with its subscribed fields; one that begins with + is displayed always.
func (w *world) listen(entity string, names ...string) (id int64) {
	w.t.Helper()
	e, _ := registry.Find(entity)
	id = w.must(e.Webhook, fields{
		"name": "test", "webhookUrl": "https://receiver.test/hook", "deactivationUrl": "https://receiver.test/gone",
		"secretKey": secret, "isSubscribedToCreateEvents": true, "isSubscribedToUpdateEvents": true,
		"isSubscribedToDeleteEvents": true,
	})
	for _, name := range names {
		plain := strings.TrimPrefix(name, "+")
		w.must(e.Webhook[:len(e.Webhook)-1]+"Fields", fields{
			"webhookID": id, "fieldID": w.fieldID(entity, plain), "isSubscribedField": plain == name,
			"isDisplayAlwaysField": plain != name,
		})
	}
	require.Empty(w.t, w.patch(e.Webhook, id, 0, fields{"isActive": true}))
	return id
}

func (w *world) fieldID(entity, name string) int64 {
	w.t.Helper()
	id, ok := hook.FieldID(w.table(entity), name)
	require.True(w.t, ok, name)
	return id
}

// ticket creates a ticket of which webhooks may tell.
func (w *world) ticket(title string) int64 { return w.must("Tickets", fields{"title": title}) }

// rows are the records of an entity.
func (w *world) rows(entity string) []record.Row {
	t := w.table(entity)
	var rows []record.Row
	w.store.View(func(tx *record.Tx) {
		for row := range tx.Rows(t, nil) {
			rows = append(rows, row)
		}
	})
	return rows
}

func (w *world) value(row record.Row, entity, name string) any {
	ord, ok := w.table(entity).Ordinal(name)
	require.True(w.t, ok, name)
	return row.Value(ord)
}

// column are the values of a field of all records of an entity.
func (w *world) column(entity, name string) []any {
	var values []any
	for _, row := range w.rows(entity) {
		values = append(values, w.value(row, entity, name))
	}
	return values
}

func (w *world) wait() {
	w.t.Helper()
	require.NoError(w.t, w.Wait(context.Background()))
}

func seconds(s ...float64) []time.Duration {
	at := make([]time.Duration, len(s))
	for i, v := range s {
		at[i] = time.Duration(v * float64(time.Second))
	}
	return at
}
