package simulator

import (
	"cmp"
	"slices"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Calls counts requests that are alike.
type Calls struct {
	Entity string `json:"entity"` // empty for what no thread is counted for: zone lookups, unknown paths
	Method string `json:"method"`
	Status int    `json:"status"` // 0 is a connection reset
	Count  int64  `json:"count"`
}

// Duplicate is an external id that several records of an entity carry.
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
	// Refused is the sum of the four that follow: met by an outage, wrong credentials or zone, tenant suspended, too
	// many threads.
	Refused          int64 `json:"refused"`
	Dark             int64 `json:"dark"`
	Unauthorized     int64 `json:"unauthorized"`
	Suspended        int64 `json:"suspended"`
	ThreadViolations int64 `json:"threadViolations"`
	// Faulty is how many answers were made or hidden by a fault, Faults how many requests each rule of the plan has
	// hit since the plan was set.
	Faulty int64 `json:"faulty"`
	Faults []int `json:"faults"`
	// Violations counts misuse of the protocol by rule, see [Violation].
	Violations map[string]int64 `json:"violations"`
	// Rolling is the count of the rolling window now, requests of other integrations included.
	Rolling int `json:"rolling"`
	// MaxConcurrent is the highest number of requests that one integration code had in flight per entity. One that
	// was refused counts: a number above the limit is a violation.
	MaxConcurrent map[string]int `json:"maxConcurrent"`
	// Duplicates are the records that share an external id, none in the generated data.
	Duplicates []Duplicate `json:"duplicates"`
	// Rows is how many records all entities have.
	Rows int `json:"rows"`
}

// Stats returns the counts. Requests in flight are not yet in them, except in Rolling and MaxConcurrent.
func (s *Simulator) Stats() Stats {
	st := s.journal.stats()
	st.Faults = s.injector.Hits()
	st.Violations = s.strict.counts()
	st.Rolling = s.rolling()
	st.MaxConcurrent = s.gate.Peaks()
	st.Duplicates = []Duplicate{}
	for _, d := range s.tenant.Duplicates() {
		st.Duplicates = append(st.Duplicates, Duplicate(d))
	}
	st.Rows = s.tenant.Rows()
	return st
}

func (s *Simulator) rolling() (n int) {
	s.eras.touch(func() { n = s.gate.Rolling(s.Now()) })
	return n
}

func (j *journal) stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	st := Stats{
		ByCall: make([]Calls, 0, len(j.calls)),
		Dark:   j.causes[wire.Dark], Unauthorized: j.causes[wire.Unauthorized],
		Suspended: j.causes[wire.Suspended], ThreadViolations: j.causes[wire.Threads], Faulty: j.causes[wire.Faulty],
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
