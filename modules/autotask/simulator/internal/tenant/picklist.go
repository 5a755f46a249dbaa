package tenant

import "github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"

// pickValue is one value of a picklist: a string here, and of the type of its field in records.
type pickValue struct {
	Value          string `json:"value"`
	Label          string `json:"label"`
	IsDefaultValue bool   `json:"isDefaultValue"`
	SortOrder      int    `json:"sortOrder"`
	ParentValue    string `json:"parentValue"`
	IsActive       bool   `json:"isActive"`
	IsSystem       bool   `json:"isSystem"`
}

// pickValues are the values of a picklist as far as they are known, nil for a field that is none. The fields that a
// webhook may name are a list too.
func (t *Tenant) pickValues(k *kind, col record.Column) []pickValue {
	if !col.PickList {
		return nil
	}
	picks := col.Picks
	if of := t.hooks.Picks(k.Table, col.Name); of != nil {
		picks = of
	}
	values := make([]pickValue, 0, len(picks))
	for i, p := range picks {
		values = append(values, pickValue{
			Value: p.Value, Label: p.Label, SortOrder: i + 1, ParentValue: p.Parent, IsActive: true,
		})
	}
	return values
}
