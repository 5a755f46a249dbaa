package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// keptRequests is how many requests are remembered, keptBody how much of each body.
const (
	keptRequests = 1000
	keptBody     = 4 << 10 // bytes
)

// Request is a request that the simulator has answered.
type Request struct {
	At     time.Time   `json:"at"`     // of the answer, by the clock of the simulation
	Method string      `json:"method"` // OTHER for a word that is no method
	Path   string      `json:"path"`   // as sent, decoded
	Query  string      `json:"query,omitempty"`
	Entity string      `json:"entity,omitempty"` // under which threads are counted; empty where none are
	Header http.Header `json:"header"`           // the integration code and the secret are masked
	Body   string      `json:"body,omitempty"`   // at most 4 KiB
	Status int         `json:"status"`           // 0 is a connection reset
}

// Calls counts requests that are alike.
type Calls struct {
	Entity string `json:"entity"` // empty for what no thread is counted for: zone lookups, unknown paths
	Method string `json:"method"`
	Status int    `json:"status"` // 0 is a connection reset
	Count  int64  `json:"count"`
}

// Duplicate is an externalID that several records of an entity carry.
type Duplicate struct {
	Entity     string `json:"entity"`
	ExternalID string `json:"externalID"`
	Records    int    `json:"records"`
}

// Stats are exact counts since the start or the last reset. Control calls are in none of them.
type Stats struct {
	// Requests is how many were answered, in whatever way, ByCall the same by entity, method and status.
	Requests int64   `json:"requests"`
	ByCall   []Calls `json:"byCall"`
	// Refused is the sum of the four that follow: met by an outage, wrong credentials, tenant suspended, too many threads.
	Refused          int64 `json:"refused"`
	Dark             int64 `json:"dark"`
	Unauthorized     int64 `json:"unauthorized"`
	Suspended        int64 `json:"suspended"`
	ThreadViolations int64 `json:"threadViolations"`
	// Rolling is the count of the rolling window now, requests of other integrations included.
	Rolling int `json:"rolling"`
	// MaxConcurrent is the highest number of requests that one integration code had in flight per entity. One that was
	// refused counts: a any above the limit is a violation.
	MaxConcurrent map[string]int `json:"maxConcurrent"`
	// Duplicates are the records that share an externalID, none in the generated data.
	Duplicates []Duplicate `json:"duplicates"`
}

// Stats returns the counts. Requests in flight are not yet in them, except in Rolling and MaxConcurrent.
func (s *Simulator) Stats() Stats {
	st := s.journal.stats()
	st.Rolling = s.gate.rolling(s.Now())
	st.MaxConcurrent = s.gate.peaks()
	st.Duplicates = s.store.duplicates()
	return st
}

// Requests returns the last 1,000 requests, oldest first, without secrets.
func (s *Simulator) Requests() []Request { return s.journal.requests() }

// journal remembers what was answered.
type journal struct {
	mu     sync.Mutex
	calls  map[Calls]int64 // by everything but Count
	causes [causeThreads + 1]int64
	ring   []Request
	next   int // where in a full ring the next goes
}

func newJournal() *journal {
	j := &journal{}
	j.reset()
	return j
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.causes, j.ring, j.next = map[Calls]int64{}, [causeThreads + 1]int64{}, nil, 0
}

func (j *journal) record(at time.Time, c *call, a answer) {
	req := Request{
		At: at, Method: knownMethod(c.method), Path: c.path, Query: c.rawQuery, Entity: c.entity,
		Header: masked(c.header), Body: string(c.body[:min(len(c.body), keptBody)]), Status: a.status,
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls[Calls{Entity: req.Entity, Method: req.Method, Status: req.Status}]++
	j.causes[a.cause]++
	if len(j.ring) < keptRequests {
		j.ring = append(j.ring, req)
		return
	}
	j.ring[j.next] = req
	j.next = (j.next + 1) % keptRequests
}

// knownMethod keeps the counters from growing with every word that somebody uses for a method.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return method
	default:
		return "OTHER"
	}
}

func masked(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		switch http.CanonicalHeaderKey(name) {
		case "Apiintegrationcode", "Secret", "Authorization":
			out[name] = []string{"***"}
		default:
			out[name] = slices.Clone(values)
		}
	}
	return out
}

func (j *journal) requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Concat(j.ring[j.next:], j.ring[:j.next])
}

func (j *journal) stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	st := Stats{
		ByCall: make([]Calls, 0, len(j.calls)),
		Dark:   j.causes[causeDark], Unauthorized: j.causes[causeAuth],
		Suspended: j.causes[causeHourly], ThreadViolations: j.causes[causeThreads],
	}
	st.Refused = st.Dark + st.Unauthorized + st.Suspended + st.ThreadViolations
	for c, n := range j.calls {
		st.Requests += n
		c.Count = n
		st.ByCall = append(st.ByCall, c)
	}
	slices.SortFunc(st.ByCall, func(a, b Calls) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	})
	return st
}
