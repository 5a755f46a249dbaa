package simulator

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

const thresholdInformation = "ThresholdInformation"

// dispatch answers a call that is let in. Like the web stack of the real API, a path that nothing serves is 404 whatever
// the method, and a path that something serves by another method is 405.
func (s *Simulator) dispatch(c *call) answer {
	if c.tooLarge {
		return message(http.StatusRequestEntityTooLarge, "The request body is larger than 10 MB.")
	}
	if len(c.segments) == 1 && strings.EqualFold(c.segments[0], thresholdInformation) {
		return s.get(c, s.threshold())
	}
	t, ok := s.store.table(c.segments[0])
	if !ok {
		return c.notFound()
	}
	switch rest := c.segments[1:]; {
	case len(rest) == 0:
		return s.root(c, t)
	case strings.EqualFold(rest[0], "query"):
		return s.query(c, t, rest[1:])
	case strings.EqualFold(rest[0], "entityInformation"):
		return s.metadata(c, t, rest[1:])
	default:
		return s.byID(c, t, rest)
	}
}

// threshold tells the state of the hourly limit; the call itself is already counted.
func (s *Simulator) threshold() answer {
	body := strconv.AppendInt([]byte(`{"externalRequestThreshold":`), int64(s.cfg.HourlyLimit), 10)
	body = strconv.AppendInt(append(body, `,"requestThresholdTimeframe":`...), minutes(s.cfg.Window), 10)
	body = strconv.AppendInt(append(body, `,"currentTimeframeRequestCount":`...), int64(s.gate.rolling(s.Now())), 10)
	return jsonAnswer(append(body, '}'))
}

// byID answers /{Entity}/{id} and, below it, /{Child} and /{Child}/{id}.
func (s *Simulator) byID(c *call, t *table, rest []string) answer {
	id, err := strconv.ParseInt(rest[0], 10, 64)
	if err != nil {
		return c.notFound()
	}
	if len(rest) == 1 {
		return s.item(c, t, id, t.entity.Verbs)
	}
	below, ok := registry.LookupChild(t.entity.Name, rest[1])
	if !ok || len(rest) > 3 {
		return c.notFound()
	}
	child, _ := s.store.table(below.Name)
	if len(rest) == 2 {
		return s.children(c, child, id)
	}
	childID, err := strconv.ParseInt(rest[2], 10, 64)
	if err != nil || !s.belongs(child, childID, id) {
		return c.notFound()
	}
	return s.item(c, child, childID, child.entity.ChildVerbs)
}

// item answers a path that ends in an id. Updates carry their id in the body: here they are 405.
func (s *Simulator) item(c *call, t *table, id int64, verbs registry.Verbs) answer {
	switch {
	case c.is(http.MethodGet) && verbs.Has(registry.Get):
		return s.read(t, id)
	case c.is(http.MethodDelete) && verbs.Has(registry.Delete):
		return s.delete(t, id)
	default:
		return c.notAllowed()
	}
}

func (s *Simulator) read(t *table, id int64) answer {
	if r := s.store.find(t, id); r != nil {
		body := append(make([]byte, 0, t.width+512), `{"item":`...)
		return jsonAnswer(append(t.appendRow(body, r, nil), '}'))
	}
	if s.cfg.MissingStatus == http.StatusNotFound {
		return message(http.StatusNotFound, "The record was not found.")
	}
	return jsonAnswer([]byte(`{"item":null}`))
}

// root answers /{Entity}. Where an entity is made through its parent only, the path does not exist at all.
func (s *Simulator) root(c *call, t *table) answer {
	if t.entity.Verbs&(registry.Create|registry.Patch|registry.Put) == 0 {
		return c.notFound()
	}
	return s.write(c, t, t.entity.Verbs, nil)
}

// children answers /{Parent}/{id}/{Child}: the list, or a write with the parent given by the path.
func (s *Simulator) children(c *call, t *table, parent int64) answer {
	if !c.is(http.MethodGet) {
		return s.write(c, t, t.entity.ChildVerbs, &parent)
	}
	if !t.entity.ChildVerbs.Has(registry.Get) {
		return c.notAllowed()
	}
	ord, _ := t.ord(t.entity.ParentField)
	own := &filter{op: opAnd, items: []*filter{{op: "eq", ord: ord, vals: []any{parent}}}}
	q := query{filter: own, limit: pageSize, digest: strconv.AppendInt(nil, parent, 10)}
	cursor := int64(beforeAll)
	if raw := c.query("paging"); raw != "" {
		var ok bool
		if cursor, ok = s.cursor(t, q, raw); !ok {
			return failure(textBadToken)
		}
	}
	return s.page(t, q, cursor, func(token string) string { return c.origin + c.path + "?paging=" + escape(token) })
}

func (s *Simulator) belongs(t *table, id, parent int64) bool {
	r := s.store.find(t, id)
	return r != nil && t.get(r.vals, t.entity.ParentField) == any(parent)
}
