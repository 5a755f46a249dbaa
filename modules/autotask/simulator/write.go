package simulator

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// write answers POST, PATCH and PUT. Below a parent, the path says which.
func (s *Simulator) write(c *call, t *table, verbs registry.Verbs, parent *int64) answer {
	needs := map[string]registry.Verbs{
		http.MethodPost: registry.Create, http.MethodPatch: registry.Patch, http.MethodPut: registry.Put,
	}[c.method]
	if needs == 0 || !verbs.Has(needs) {
		return c.notAllowed()
	}
	d, err := t.draft(c.body, parent)
	if err != nil {
		return failure(text(textBadBody, err))
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if needs == registry.Create {
		return s.create(t, d)
	}
	return s.update(t, d, needs == registry.Put)
}

// draft is the body of a write, by field.
type draft struct {
	vals     map[int]any // by ordinal, null included; read-only fields are left out
	id       any
	problems []string
}

// draft reads a body. Unknown properties and read-only fields are ignored; the parent of the path wins over the body's.
func (t *table) draft(body []byte, parent *int64) (draft, error) {
	var raw map[string]any
	if err := decode(body, &raw); err != nil {
		return draft{}, err
	}
	if raw == nil {
		return draft{}, errors.New("it is empty")
	}
	d := draft{vals: map[int]any{}}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		ord, ok := t.ord(name)
		if !ok || t.entity.Fields[ord].ReadOnly && ord != 0 {
			continue
		}
		d.put(t.entity.Fields[ord], ord, raw[name])
	}
	if parent != nil {
		ord, _ := t.ord(t.entity.ParentField)
		d.vals[ord] = *parent
	}
	return d, nil
}

func (d *draft) put(f registry.Field, ord int, raw any) {
	v, ok := any(nil), true
	if raw != nil {
		v, ok = parseValue(f.Type, raw)
	}
	switch {
	case !ok:
		d.problems = append(d.problems, text(textBadValue, f.Name, f.Type))
	case ord == 0:
		d.id = v
	default:
		d.vals[ord] = v
	}
}

func (s *Simulator) create(t *table, d draft) answer {
	if d.id != nil && d.id != any(int64(0)) {
		d.problems = append(d.problems, textIDOnCreate)
	}
	vals := make([]any, len(t.entity.Fields))
	for ord, v := range d.vals {
		vals[ord] = v
	}
	if problems := s.check(t, d, vals); len(problems) > 0 {
		return failure(problems...)
	}
	now := stampOf(s.Now())
	t.created(vals, now)
	s.touched(t, vals, now)
	return itemID(t.insert(vals))
}

// update merges into a record or, as PUT does, replaces every field that may be written.
func (s *Simulator) update(t *table, d draft, replace bool) answer {
	id, ok := d.id.(int64)
	if !ok {
		return failure(append(d.problems, textNoID)...)
	}
	old := t.find(id)
	if old == nil || d.moved(t, old) {
		return failure(textNoUpdate)
	}
	vals := slices.Clone(old.vals)
	for ord, f := range t.entity.Fields {
		if v, given := d.vals[ord]; given || replace && !f.ReadOnly {
			vals[ord] = v
		}
	}
	if problems := s.check(t, d, vals); len(problems) > 0 {
		return failure(problems...)
	}
	now := stampOf(s.Now())
	t.completed(old.vals, vals, now)
	s.touched(t, vals, now)
	t.replace(id, vals)
	return itemID(id)
}

// moved reports whether an update would give a child to another parent, which the API does not do.
func (d *draft) moved(t *table, old *row) bool {
	if t.entity.Parent == "" {
		return false
	}
	ord, _ := t.ord(t.entity.ParentField)
	v, given := d.vals[ord]
	return given && v != old.vals[ord]
}

func (s *Simulator) delete(t *table, id int64) answer {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if !t.remove(id) {
		return failure(textNoDelete)
	}
	return itemID(id)
}
