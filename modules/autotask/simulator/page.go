package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// token is the position that nextPageUrl carries. Its first three members are those of the real API; the seal ties it to
// this tenant, entity and filter.
type token struct {
	PageSize    int     `json:"pageSize"`
	PreviousIDs []int64 `json:"previousIds"`
	NextIDs     []int64 `json:"nextIds"`
	Seal        string  `json:"seal"`
}

// seal signs everything in the token, its entity and its filter.
func (s *Simulator) seal(t *table, q query, tok token) string {
	key := binary.BigEndian.AppendUint64([]byte("holdfast autotask simulator "), s.cfg.Seed)
	tok.Seal = ""
	position, err := json.Marshal(tok)
	if err != nil { // integers and strings only
		return ""
	}
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte(t.entity.Name), q.digest, position} {
		mac.Write(part)
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// cursor opens a token: the id that the page begins behind. ok is false for a token that this query was not given.
func (s *Simulator) cursor(t *table, q query, raw string) (id int64, ok bool) {
	var tok token
	if err := json.Unmarshal([]byte(raw), &tok); err != nil || len(tok.NextIDs) != 1 || tok.PageSize != q.limit {
		return 0, false
	}
	return tok.NextIDs[0], hmac.Equal([]byte(tok.Seal), []byte(s.seal(t, q, tok)))
}

// page answers one page behind cursor; link makes the address of the next from its token.
func (s *Simulator) page(t *table, q query, cursor int64, link func(token string) string) answer {
	rows, more := s.store.page(t, q.filter, cursor, q.limit)
	body := append(make([]byte, 0, t.width*len(rows)+512), `{"items":[`...)
	for i, r := range rows {
		body = t.appendRow(appendComma(body, i), r, q.fields)
	}
	body = strconv.AppendInt(append(body, `],"pageDetails":{"count":`...), int64(len(rows)), 10)
	body = strconv.AppendInt(append(body, `,"requestCount":`...), int64(q.limit), 10)
	body = append(body, `,"prevPageUrl":null,"nextPageUrl":`...)
	if !more {
		return jsonAnswer(append(body, `null}}`...))
	}
	next := s.token(t, q, cursor, rows[len(rows)-1].id)
	return jsonAnswer(append(appendString(body, link(next)), `}}`...))
}

func (s *Simulator) token(t *table, q query, previous, next int64) string {
	tok := token{PageSize: q.limit, PreviousIDs: []int64{max(previous, -1)}, NextIDs: []int64{next}}
	tok.Seal = s.seal(t, q, tok)
	raw, err := json.Marshal(tok)
	if err != nil { // integers and strings only
		return ""
	}
	return string(raw)
}

// query answers /{Entity}/query, query/count and query/next.
func (s *Simulator) query(c *call, t *table, rest []string) answer {
	if !c.is(http.MethodGet) && !c.is(http.MethodPost) {
		return c.notAllowed()
	}
	next := len(rest) == 1 && strings.EqualFold(rest[0], "next")
	switch {
	case next && c.is(http.MethodGet) && c.query("search") == "":
		return c.notAllowed() // the link of a POST
	case len(rest) > 1, len(rest) == 1 && !next && !strings.EqualFold(rest[0], "count"):
		return c.notFound()
	}
	q, problem := t.parseQuery(c.model())
	switch {
	case problem != "":
		return failure(problem)
	case len(rest) == 1 && !next:
		n := s.store.count(t, q.filter)
		return jsonAnswer(append(strconv.AppendInt([]byte(`{"queryCount":`), n, 10), '}'))
	}
	cursor := int64(beforeAll)
	if next {
		var ok bool
		if cursor, ok = s.cursor(t, q, c.query("paging")); !ok {
			return failure(textBadToken)
		}
	}
	return s.page(t, q, cursor, func(token string) string { return c.nextLink(t.entity.Name, token) })
}

// model is the query of a call: the search parameter of a GET, the body of a POST.
func (c *call) model() []byte {
	if !c.is(http.MethodGet) {
		return c.body
	}
	if search := c.query("search"); search != "" {
		return []byte(search)
	}
	return []byte(`{}`)
}

// nextLink is where the next page is; the link of a GET carries its search, that of a POST does not.
func (c *call) nextLink(entity, token string) string {
	link := c.origin + "/ATServicesRest/V1.0/" + entity + "/query/next?paging=" + escape(token)
	if c.is(http.MethodGet) {
		link += "&search=" + escape(c.query("search"))
	}
	return link
}

// escape percent-encodes in lower-case hexadecimal, as .NET does.
func escape(s string) string {
	const digits = "0123456789abcdef"
	const plain = "-_.!*()"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(plain, c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
