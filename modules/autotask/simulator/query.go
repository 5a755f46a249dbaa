package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// pageSize is the most that one page holds, and what it holds unless MaxRecords says less.
const pageSize = 500

// queryModel is the body of a query. encoding/json matches the names without regard to case, as the API does.
type queryModel struct {
	MaxRecords    *int         `json:"MaxRecords"`
	IncludeFields []string     `json:"IncludeFields"`
	Filter        []expression `json:"filter"`
}

// expression is a comparison or, with items, a group.
type expression struct {
	Op    string       `json:"op"`
	Field string       `json:"field"`
	Value any          `json:"value"`
	UDF   bool         `json:"udf"`
	Items []expression `json:"items"`
}

// query is a query that has been checked against the fields of its entity.
type query struct {
	filter *filter
	limit  int
	fields []int // ordinals, nil for all
	digest []byte
}

// parseQuery reads a query. The second result is the text of what is wrong with it, "" where nothing is.
func (t *table) parseQuery(body []byte) (query, string) {
	var m *queryModel
	if err := decode(body, &m); err != nil {
		return query{}, text(textBadQuery, err)
	}
	if m == nil {
		return query{}, textNoQueryModel
	}
	q := query{limit: pageSize}
	if m.MaxRecords != nil {
		if q.limit = *m.MaxRecords; q.limit < 1 || q.limit > pageSize {
			return query{}, textMaxRecords
		}
	}
	for _, name := range m.IncludeFields {
		ord, ok := t.ord(name)
		if !ok {
			return query{}, text(textUnknownField, name, t.entity.Singular)
		}
		q.fields = append(q.fields, ord)
	}
	f, problem := t.compile(m.Filter)
	if problem != "" {
		return query{}, problem
	}
	q.filter = f
	q.digest = digest(m.Filter)
	return q, ""
}

// decode reads exactly one JSON value, numbers as json.Number. A body with nothing in it is null.
func decode(body []byte, into any) error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more follows after the JSON value")
	}
	return nil
}

// digest is what a paging token remembers of a filter.
func digest(filter []expression) []byte {
	canonical, err := json.Marshal(filter)
	if err != nil { // what came from JSON goes back
		return nil
	}
	return canonical
}
