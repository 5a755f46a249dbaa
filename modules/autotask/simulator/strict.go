package simulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"hash/maphash"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// The rules that only the front can see broken. All others come with the answer.
const (
	missingContentType = "missing_content_type"
	repeatedAfter401   = "repeated_after_401"
	duplicateCreate    = "duplicate_create"
)

// keptViolations is how many violations are remembered, keptText how much of each text.
const (
	keptViolations = 1000
	keptText       = 500 // bytes
)

// Violation is a misuse of the protocol: something that a careful client does not do. Refusals that a client has to
// expect, a missing required field or a lost permission, are none.
type Violation struct {
	At     time.Time `json:"at"`     // by the clock of the simulation
	Rule   string    `json:"rule"`   // thread_limit, unknown_field, duplicate_create, …
	Method string    `json:"method"` // OTHER for a word that is no method
	Path   string    `json:"path"`   // as sent, decoded, at most 500 bytes
	Status int       `json:"status"` // of the answer; 0 is a connection reset
	Text   string    `json:"text"`   // what the answer said, or what was wrong with the call; at most 500 bytes
}

// Violations returns the last 1,000 violations, oldest first. Stats counts all of them by rule.
func (s *Simulator) Violations() []Violation { return s.strict.violations() }

// strict finds misuse.
type strict struct {
	log     *slog.Logger // nil where nobody wants to read it
	seed    maphash.Seed
	refused *recent // calls whose credentials were refused, by their hash
	ids     *recent // external ids that were created, by their hash

	mu    sync.Mutex
	rules map[string]int64
	ring  ring[Violation]
}

func newStrict(warn bool, log *slog.Logger) *strict {
	s := &strict{seed: maphash.MakeSeed(), refused: newRecent(1000), ids: newRecent(100_000)}
	if warn {
		s.log = log
	}
	s.reset()
	return s
}

func (s *strict) reset() {
	s.refused.reset()
	s.ids.reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.ring = map[string]int64{}, newRing[Violation](keptViolations)
}

// watch records and returns what was wrong with a call that is answered.
func (s *strict) watch(at time.Time, v *visit, a wire.Answer) (all []Violation) {
	found := func(rule, text string) {
		all = append(all, Violation{
			At: at, Rule: rule, Method: knownMethod(v.Method), Path: strings.Clone(wire.Clip(v.Path, keptText)),
			Status: a.Status, Text: wire.Clip(text, keptText),
		})
		s.add(all[len(all)-1])
	}
	if a.Misuse != "" {
		found(a.Misuse, cmp.Or(a.Detail, said(a)))
	}
	if len(v.Body) > 0 && !isJSON(first(v.Header, "Content-Type")) {
		found(missingContentType, "a request with a body needs the header Content-Type: application/json")
	}
	if v.refused && s.refused.add(s.hashOf(v)) {
		found(repeatedAfter401, "the same call with the same credentials was refused before")
	}
	if v.duplicate != "" {
		found(duplicateCreate, v.Entity+" with the external id "+v.duplicate+" were created before")
	}
	return all
}

func (s *strict) add(v Violation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules[v.Rule]++
	s.ring.add(v)
}

// warn logs violations, where somebody wants to read of them.
func (s *strict) warn(ctx context.Context, found []Violation) {
	if s.log == nil {
		return
	}
	for _, v := range found {
		s.log.WarnContext(ctx, "misuse of the protocol", slog.String("rule", v.Rule), slog.String("method", v.Method),
			slog.String("path", v.Path), slog.Int("status", v.Status), slog.String("text", v.Text))
	}
}

func (s *strict) violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ring.list()
}

func (s *strict) counts() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.rules)
}

// hashOf tells calls apart, with their credentials and the host that they went to.
func (s *strict) hashOf(v *visit) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, part := range []string{
		v.Origin, v.Method, v.Path, v.RawQuery, first(v.Header, "Username"), first(v.Header, "Secret"), v.Code,
	} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	_, _ = h.Write(v.Body)
	return h.Sum64()
}

// created returns the external id of a record that a call has created, if another one carries it that was created
// before. shared lists the external ids that several records carry now.
func (s *strict) created(c *wire.Call, a wire.Answer, shared func() []record.Duplicate) (externalID string) {
	if !c.Is(http.MethodPost) || a.Status != http.StatusOK || !bytes.HasPrefix(a.Body, []byte(`{"itemId":`)) {
		return ""
	}
	e, ok := registry.Find(c.Entity)
	if !ok || e.Marks.ExternalID == "" {
		return ""
	}
	id := property(c.Body, e.Marks.ExternalID)
	if id == "" || !s.ids.add(maphash.String(s.seed, e.Name+"\x00"+strings.ToLower(id))) {
		return ""
	}
	for _, d := range shared() { // the one before may be gone, or carry another id by now
		if d.Entity == e.Name && strings.EqualFold(d.ExternalID, id) {
			return id
		}
	}
	return ""
}

// property returns a text of a JSON object by its name in any case of letters.
func property(body []byte, name string) (text string) {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	for key, value := range object {
		if strings.EqualFold(key, name) && json.Unmarshal(value, &text) == nil {
			return text
		}
	}
	return ""
}

// said is the text of an answer.
func said(a wire.Answer) string {
	var text struct {
		Errors  []string `json:"errors"`
		Message string   `json:"Message"`
	}
	switch _ = json.Unmarshal(a.Body, &text); {
	case a.Status < http.StatusBadRequest:
		return ""
	case len(text.Errors) > 0:
		return text.Errors[0]
	default:
		return text.Message
	}
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/json"
}
