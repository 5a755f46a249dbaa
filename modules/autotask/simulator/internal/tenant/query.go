package tenant

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// query answers /{Entity}/query, query/count and query/next.
func (t *Tenant) query(c *wire.Call, k *kind, rest []string) wire.Answer {
	next := len(rest) == 1 && strings.EqualFold(rest[0], "next")
	count := len(rest) == 1 && strings.EqualFold(rest[0], "count")
	switch {
	case !k.entity.Verbs.Has(registry.Query), len(rest) > 0 && !next && !count:
		return c.NotFound()
	case !c.Is(http.MethodGet) && !c.Is(http.MethodPost),
		next && c.Is(http.MethodGet) && c.Param("search") == "": // the link of a POST
		return c.NotAllowed()
	}
	s, refusal, ok := t.enter(c, k, registry.Query)
	if !ok {
		return refusal
	}
	q, fault := parseQuery(k, model(c))
	q.link, q.done = func(token string) string { return nextLink(c, k, token) }, c.Done
	switch {
	case fault != nil:
		return fault.answer()
	case count:
		return t.count(k, q, s)
	case next:
		return t.next(c, k, q, s)
	default:
		return t.page(k, q, s, position{start: begin})
	}
}

// model is the query of a call: the search parameter of a GET, the body of a POST.
func model(c *wire.Call) []byte {
	if !c.Is(http.MethodGet) {
		return c.Body
	}
	if search := c.Param("search"); search != "" {
		return []byte(search)
	}
	return []byte(`{}`)
}

// nextLink is where the next page is; the link of a GET carries its search, that of a POST does not.
func nextLink(c *wire.Call, k *kind, token string) string {
	link := c.Origin + "/ATServicesRest/V1.0/" + k.entity.Name + "/query/next?paging=" + escape(token)
	if c.Is(http.MethodGet) {
		link += "&search=" + escape(c.Param("search"))
	}
	return link
}

func (t *Tenant) count(k *kind, q query, s scope) wire.Answer {
	n, complete := t.store.Count(q.done, k.Table, s.narrow(q.filter))
	if !complete {
		return wire.Reset()
	}
	return wire.JSON(append(strconv.AppendInt([]byte(`{"queryCount":`), n, 10), '}'))
}

// queryModel is the body of a query. encoding/json matches the names without regard to case, as the API does. Of lists
// that come twice the last one counts: they are kept as they came, since encoding/json writes one into the other.
type queryModel struct {
	MaxRecords    any             `json:"MaxRecords"`
	IncludeFields json.RawMessage `json:"IncludeFields"`
	Filter        json.RawMessage `json:"filter"`
}

// query is a list that is asked for, checked against the fields of its entity.
type query struct {
	filter *record.Filter
	limit  int
	fields []int         // ordinals, nil for all
	digest func() []byte // what a token remembers of the filter
	link   func(token string) string
	done   <-chan struct{} // closed when nobody waits for the answer any more
}

// fault is what is wrong with a query.
type fault struct{ text, misuse string }

func (f *fault) answer() wire.Answer { return wire.Failure(f.text).Misusing(f.misuse) }

// badQuery is a fault of grammar.
func badQuery(text string) *fault { return &fault{wire.Text(wire.TextBadQuery, text), "bad_query"} }

// maxQuery is the most that a query may have. The real API's limit is not known, if it has one; 500 values of 1,000
// letters each fit.
const maxQuery = 1 << 20 // bytes

// parseQuery reads a query and checks it.
func parseQuery(k *kind, body []byte) (query, *fault) {
	if len(body) > maxQuery {
		return query{}, badQuery("The query is larger than 1 MB.")
	}
	var m *queryModel
	var include []string
	var filter []expression
	if wrong := decode(content(body), &m, ""); wrong != nil {
		return query{}, wrong
	}
	if m == nil {
		return query{}, &fault{wire.TextNoQueryModel, "no_query_model"}
	}
	wrong := cmp.Or(decode(m.IncludeFields, &include, "IncludeFields"), decode(m.Filter, &filter, "filter"))
	if wrong != nil {
		return query{}, wrong
	}
	limit, ok := limitOf(m.MaxRecords)
	if !ok {
		return query{}, &fault{wire.TextMaxRecords, "bad_query"}
	}
	fields, wrong := k.include(include)
	if wrong != nil {
		return query{}, wrong
	}
	f, wrong := k.compile(filter)
	if wrong != nil {
		return query{}, wrong
	}
	return query{filter: f, limit: limit, fields: fields, digest: func() []byte { return digest(filter) }}, nil
}

// content is a body without the mark of byte order that some clients begin UTF-8 with.
func content(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }

// decode reads exactly one JSON value, numbers as json.Number. What has nothing in it is null. property is where the
// value comes from, "" for the body.
func decode(raw []byte, into any, property string) *fault {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return badQuery(explain(err, property))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badQuery("more follows after the JSON value")
	}
	return nil
}

// explain is an error of decode without the names of Go types.
func explain(err error, property string) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err.Error()
	}
	if name := strings.Trim(property+"."+wrong.Field, "."); name != "" {
		return "The property '" + name + "' must not be of type " + wrong.Value + "."
	}
	return "The query must be a JSON object."
}

// digest is a filter in one way of writing it.
func digest(filter []expression) []byte {
	canonical, err := json.Marshal(filter)
	if err != nil { // what came from JSON goes back
		return nil
	}
	return canonical
}

// limitOf is how many records a page has at most, 500 where nothing was said.
func limitOf(maxRecords any) (int, bool) {
	if maxRecords == nil {
		return pageSize, true
	}
	v, ok := record.ParseValue(registry.Int32, maxRecords)
	n, _ := v.(int64)
	return int(n), ok && n >= 1 && n <= pageSize
}

// include returns the ordinals of IncludeFields in the order of the model, each once, and nil where no name was given. A
// name that the entity may have though nobody knows of it is left out.
func (k *kind) include(names []string) (ords []int, wrong *fault) {
	if len(names) == 0 {
		return nil, nil
	}
	ords = make([]int, 0, len(names))
	for _, name := range names {
		ord, ok := k.Ordinal(name)
		if !ok {
			ord, ok = k.UDF(name)
		}
		switch {
		case ok:
			ords = append(ords, ord)
		case !k.imaginable(name):
			return nil, k.unknown(name)
		}
	}
	slices.Sort(ords)
	return slices.Compact(ords), nil
}

// imaginable reports whether the entity may have a field of that name: its fields are partly known, and so are made all
// names.
func (k *kind) imaginable(name string) bool { return k.entity.Partial && record.IsName(name) }

func (k *kind) unknown(field string) *fault {
	return &fault{wire.Text(wire.TextUnknownField, wire.Short(field), k.entity.Singular), "unknown_field"}
}
