package simulator

import (
	"slices"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// check returns every text about a draft and the record that it would make.
func (s *Simulator) check(t *table, d draft, vals []any) []string {
	problems := d.problems
	for ord, f := range t.entity.Fields {
		if v := vals[ord]; v == nil {
			problems = append(problems, missing(f)...)
		} else if _, given := d.vals[ord]; given {
			problems = append(problems, s.checkValue(t, f, v)...)
		}
	}
	resource, role := t.get(vals, "assignedResourceID"), t.get(vals, "assignedResourceRoleID")
	if (resource == nil) != (role == nil) {
		problems = append(problems, textRolePair)
	}
	return problems
}

// missing is what the API says of a field without a any: of picklists and references the same as of a wrong one.
func missing(f registry.Field) []string {
	switch {
	case !f.Required:
		return nil
	case f.PickList:
		return []string{text(textNoPick, f.Name)}
	default:
		return []string{text(textMissingField, f.Name)}
	}
}

func (s *Simulator) checkValue(t *table, f registry.Field, v any) []string {
	n, _ := v.(int64)
	str, _ := v.(string)
	switch choices := picklist(t.entity.Name, f.Name); {
	case f.Required && f.Type == registry.String && strings.TrimSpace(str) == "":
		return []string{text(textMissingField, f.Name)}
	case f.Length > 0 && units(str) > f.Length:
		return []string{text(textTooLong, f.Name, f.Length)}
	case f.References != "" && !s.store.exists(f.References, n):
		return []string{text(textNoReference, f.Name, singular(f.References))}
	case len(choices) > 0 && !slices.ContainsFunc(choices, func(c choice) bool { return c.value == n }):
		return []string{text(textNoPick, f.Name)}
	default:
		return nil
	}
}

// units counts a string as the database does, in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
