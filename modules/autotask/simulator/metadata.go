package simulator

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// entityInfo is the answer of entityInformation.
type entityInfo struct {
	Name                    string `json:"name"`
	CanCreate               bool   `json:"canCreate"`
	CanDelete               bool   `json:"canDelete"`
	CanQuery                bool   `json:"canQuery"`
	CanUpdate               bool   `json:"canUpdate"`
	UserAccessForCreate     int    `json:"userAccessForCreate"`
	UserAccessForDelete     int    `json:"userAccessForDelete"`
	UserAccessForQuery      int    `json:"userAccessForQuery"`
	UserAccessForUpdate     int    `json:"userAccessForUpdate"`
	HasUserDefinedFields    bool   `json:"hasUserDefinedFields"`
	SupportsWebhookCallouts bool   `json:"supportsWebhookCallouts"`
}

// fieldInfo is one field in the answer of entityInformation/fields.
type fieldInfo struct {
	Name                string      `json:"name"`
	DataType            string      `json:"dataType"`
	Length              int         `json:"length"`
	IsRequired          bool        `json:"isRequired"`
	IsReadOnly          bool        `json:"isReadOnly"`
	IsQueryable         bool        `json:"isQueryable"`
	IsReference         bool        `json:"isReference"`
	ReferenceEntityType string      `json:"referenceEntityType"`
	IsPickList          bool        `json:"isPickList"`
	PicklistValues      []pickValue `json:"picklistValues"`
	PicklistParentField string      `json:"picklistParentValueField"`
	IsSupportedWebhook  bool        `json:"isSupportedWebhookField"`
}

// pickValue is one value of a picklist; values are strings here and integers in records, as in the real API.
type pickValue struct {
	Value          string `json:"value"`
	Label          string `json:"label"`
	IsDefaultValue bool   `json:"isDefaultValue"`
	SortOrder      int    `json:"sortOrder"`
	ParentValue    string `json:"parentValue"`
	IsActive       bool   `json:"isActive"`
	IsSystem       bool   `json:"isSystem"`
}

// metadata answers /{Entity}/entityInformation and what is below it.
func (s *Simulator) metadata(c *call, t *table, rest []string) answer {
	switch {
	case len(rest) == 0:
		return s.get(c, marshalled(map[string]any{"info": t.info()}))
	case len(rest) == 1 && strings.EqualFold(rest[0], "fields"):
		return s.get(c, marshalled(map[string]any{"fields": t.fields()}))
	case len(rest) == 1 && strings.EqualFold(rest[0], "userDefinedFields"):
		return s.get(c, jsonAnswer([]byte(`{"fields":[]}`)))
	default:
		return c.notFound()
	}
}

func marshalled(v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		return message(http.StatusInternalServerError, err.Error())
	}
	return jsonAnswer(body)
}

func (t *table) info() entityInfo {
	can := t.entity.Verbs | t.entity.ChildVerbs
	return entityInfo{
		Name:                t.entity.Singular,
		CanCreate:           can.Has(registry.Create),
		CanDelete:           can.Has(registry.Delete),
		CanQuery:            can.Has(registry.Query),
		CanUpdate:           can.Has(registry.Patch),
		UserAccessForCreate: bit(can.Has(registry.Create)),
		UserAccessForDelete: bit(can.Has(registry.Delete)),
		UserAccessForQuery:  bit(can.Has(registry.Query)),
		UserAccessForUpdate: bit(can.Has(registry.Patch)),
	}
}

func (t *table) fields() []fieldInfo {
	infos := make([]fieldInfo, 0, len(t.entity.Fields))
	for _, f := range t.entity.Fields {
		info := fieldInfo{
			Name: f.Name, DataType: f.Type.String(), Length: f.Length, IsRequired: f.Required, IsReadOnly: f.ReadOnly,
			IsQueryable: true, IsReference: f.References != "", ReferenceEntityType: singular(f.References),
			IsPickList: f.PickList, PicklistValues: []pickValue{},
		}
		for i, choice := range picklist(t.entity.Name, f.Name) {
			info.PicklistValues = append(info.PicklistValues, pickValue{
				Value: strconv.FormatInt(choice.value, 10), Label: choice.label, SortOrder: i + 1, IsActive: true,
			})
		}
		infos = append(infos, info)
	}
	return infos
}

// singular is the name by which texts and metadata call an entity that a field references.
func singular(name string) string {
	if e, ok := registry.Lookup(name); ok {
		return e.Singular
	}
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(name, "s")
}
