package simulator

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// keptRequests is how many requests are remembered, keptPart how much of the path, the query, the header and the body
// of each.
const (
	keptRequests = 1000
	keptPart     = 4 << 10 // bytes
)

// Request is a request that the simulator has answered. Of its path, its query, its header and its body at most 4 KiB
// each are kept.
type Request struct {
	At     time.Time   `json:"at"`     // of the answer, by the clock of the simulation
	Method string      `json:"method"` // OTHER for a word that is no method
	Path   string      `json:"path"`   // as sent, decoded
	Query  string      `json:"query,omitempty"`
	Entity string      `json:"entity,omitempty"` // under which threads are counted; empty where none are
	Header http.Header `json:"header"`           // integration code, secret and Authorization are masked
	Body   string      `json:"body,omitempty"`   // of webhooks with secretKey masked
	Status int         `json:"status"`           // 0 is a connection reset
}

// Requests returns the last 1,000 requests, oldest first. The headers ApiIntegrationCode, Secret and Authorization are
// masked, and so is secretKey in the bodies of webhooks; everything else is as it was sent.
func (s *Simulator) Requests() []Request { return s.journal.requests() }

// journal remembers what was answered.
type journal struct {
	mu     sync.Mutex
	calls  map[Calls]int64 // by everything but Count
	causes [wire.Causes]int64
	ring   ring[entry]
	names  []string       // of a header, used again
	secret *regexp.Regexp // a member secretKey with its value, also one that is cut off
}

// entry is a request as the journal keeps it: its texts behind one another in a buffer that is used again and again,
// so that a request leaves nothing behind for the garbage collector and holds none of its memory.
type entry struct {
	at     time.Time
	method string
	entity string
	status int
	text   []byte // path, query, body, then pairs of a header's name and value, each behind an end mark
	ends   [3]int // of path, query, body in text
}

// mark ends a name or a value in a header; neither can hold it.
const mark = 0

func newJournal() *journal {
	j := &journal{secret: regexp.MustCompile(`(?is)("secretKey"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s",{}\[\]]+)`)}
	j.reset()
	return j
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.causes, j.ring = map[Calls]int64{}, [wire.Causes]int64{}, newRing[entry](keptRequests)
}

func (j *journal) record(at time.Time, c *wire.Call, a wire.Answer) {
	method := knownMethod(c.Method)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls[Calls{Entity: c.Entity, Method: method, Status: a.Status}]++
	j.causes[a.Cause]++
	e := j.ring.slot()
	e.at, e.method, e.entity, e.status = at, method, c.Entity, a.Status
	j.names = slices.AppendSeq(j.names[:0], maps.Keys(c.Header))
	slices.Sort(j.names) // so that it is the same ones that there is no more room for
	e.keep(c, j.body(c), j.names)
	clear(j.names)
}

// body is what is kept of the body of a call: none of a secret that webhooks are signed with.
func (j *journal) body(c *wire.Call) []byte {
	body := c.Body[:min(len(c.Body), keptPart)]
	if !strings.HasSuffix(c.Entity, "Webhooks") {
		return body
	}
	body = j.secret.ReplaceAll(body, []byte(`$1"***"`))
	return body[:min(len(body), keptPart)]
}

func (e *entry) keep(c *wire.Call, body []byte, names []string) {
	text := append(e.text[:0], c.Path[:min(len(c.Path), keptPart)]...)
	e.ends[0] = len(text)
	text = append(text, c.RawQuery[:min(len(c.RawQuery), keptPart)]...)
	e.ends[1] = len(text)
	text = append(text, body...)
	e.ends[2] = len(text)
	for _, name := range names {
		for _, value := range c.Header[name] {
			if len(text)-e.ends[2]+len(name)+len(value) > keptPart {
				continue
			}
			if masked(name) {
				value = "***"
			}
			text = append(append(append(append(text, name...), mark), value...), mark)
		}
	}
	e.text = text
}

func masked(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Apiintegrationcode", "Secret", "Authorization":
		return true
	default:
		return false
	}
}

func (e *entry) request() Request {
	r := Request{
		At: e.at, Method: e.method, Entity: e.entity, Status: e.status, Header: http.Header{},
		Path:  string(e.text[:e.ends[0]]),
		Query: string(e.text[e.ends[0]:e.ends[1]]),
		Body:  string(e.text[e.ends[1]:e.ends[2]]),
	}
	for head := string(e.text[e.ends[2]:]); head != ""; {
		var name, value string
		name, head, _ = strings.Cut(head, "\x00")
		value, head, _ = strings.Cut(head, "\x00")
		r.Header[name] = append(r.Header[name], value)
	}
	return r
}

func (j *journal) requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := j.ring.list()
	requests := make([]Request, len(kept))
	for i := range kept {
		requests[i] = kept[i].request()
	}
	return requests
}

// knownMethod keeps the counters from growing with every word that somebody uses for a method.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete,
		http.MethodHead, http.MethodOptions:
		return method
	default:
		return "OTHER"
	}
}
