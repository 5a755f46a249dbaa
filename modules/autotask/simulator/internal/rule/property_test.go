package rule_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// random makes bodies that are right.
type random struct {
	*rand.Rand
	n int
}

func newRandom(seed uint64) *random {
	return &random{rand.New(rand.NewPCG(seed, 1)), 0} //nolint:gosec // made to be repeated
}

// draft gives values to the required fields of an entity, and where all is true to some of the others.
func (r *random) draft(e registry.Entity, all bool) map[string]any {
	d := map[string]any{}
	for _, f := range e.Fields {
		if f.ReadOnly || f.Name == e.ParentField || !f.Required && (!all || r.IntN(2) == 0) {
			continue
		}
		if v := r.value(f, d); v != nil {
			d[f.Name] = v
		}
	}
	if _, pair := e.Field("assignedResourceRoleID"); pair { // both, or none
		delete(d, "assignedResourceRoleID")
		if d["assignedResourceID"] != nil {
			d["assignedResourceRoleID"] = 1
		}
	}
	return d
}

func (r *random) value(f registry.Field, d map[string]any) any {
	if len(f.Picks) > 0 {
		pick := f.Picks[r.IntN(len(f.Picks))]
		if pick.Parent != "" && pick.Parent != fmt.Sprint(d[f.PickParent]) {
			return nil
		}
		if f.Type == registry.String {
			return pick.Value
		}
		return json.Number(pick.Value)
	}
	if f.References != "" {
		return 1
	}
	switch f.Type {
	case registry.Boolean:
		return r.IntN(2) == 0
	case registry.DateTime:
		at := time.UnixMilli(r.Int64N(4e12)).UTC()
		if f.DateOnly {
			at = at.Truncate(24 * time.Hour)
		}
		return at.Format(record.StampLayout)
	case registry.Double:
		return float64(r.IntN(1e9)) / 8
	case registry.String:
		return r.text(f.Length)
	default:
		return r.IntN(1 << 30)
	}
}

// text is as long as it may be, now and then, and never the same.
func (r *random) text(limit int) string {
	if limit == 0 || limit > 300 {
		limit = 300
	}
	r.n++
	s := strings.Repeat("\"\\\n<é", limit/5)
	if r.IntN(2) == 0 {
		s = strings.Repeat("😀", limit/2)
	}
	if tag := fmt.Sprint(r.n); limit > 4*len(tag) {
		return tag + string([]rune(s)[2*len(tag):])
	}
	return "x"
}

func (r *random) body(e registry.Entity, all bool) string {
	body, _ := json.Marshal(r.draft(e, all)) //nolint:errchkjson // maps of plain values
	return string(body)
}

// What passes can be read back as it was written, and be written again, whole or in part.
func TestWhatPassesIsReadBack(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	r := newRandom(2)
	for round := range 2_000 {
		e := registry.Entities()[round%len(registry.Entities())]
		if e.Partial || e.Name == definitions {
			continue
		}
		var parent *int64
		if e.Parent != "" {
			parent = new(int64(1))
		}
		d := r.draft(e, true)
		body, err := json.Marshal(shout(d))
		require.NoError(t, err)
		id, out := k.post(e.Name, string(body), parent, writer())
		require.Empty(t, out.Problems, "%s %s", e.Name, body)
		require.Empty(t, out.Unknown, "%s %s", e.Name, body)
		first := k.item(e.Name, id)
		require.Subset(t, first, decoded(t, d), e.Name)
		for _, replace := range []bool{false, true} {
			out := k.write(e.Name, id, string(body), parent, replace, writer())
			require.Empty(t, out.Problems, "%s %s", e.Name, body)
			require.Subset(t, k.item(e.Name, id), decoded(t, d), e.Name)
		}
	}
}

// shout writes names in another case of letters.
func shout(d map[string]any) map[string]any {
	loud := map[string]any{}
	for name, v := range d {
		loud[strings.ToUpper(name)] = v
	}
	return loud
}

func decoded(t *testing.T, d map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(d)
	require.NoError(t, err)
	var again map[string]any
	require.NoError(t, json.Unmarshal(body, &again))
	return maps.Clone(again)
}
