package tenant

import (
	"net/http"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// info is the answer of entityInformation.
type info struct {
	Name                    string `json:"name"`
	CanCreate               bool   `json:"canCreate"`
	CanDelete               bool   `json:"canDelete"`
	CanQuery                bool   `json:"canQuery"`
	CanUpdate               bool   `json:"canUpdate"`
	UserAccessForCreate     Access `json:"userAccessForCreate"`
	UserAccessForDelete     Access `json:"userAccessForDelete"`
	UserAccessForQuery      Access `json:"userAccessForQuery"`
	UserAccessForUpdate     Access `json:"userAccessForUpdate"`
	HasUserDefinedFields    bool   `json:"hasUserDefinedFields"`
	SupportsWebhookCallouts bool   `json:"supportsWebhookCallouts"`
}

// fieldInfo is one field in the answer of entityInformation/fields.
type fieldInfo struct {
	Name     string `json:"name"`
	DataType string `json:"dataType"`
	Length   int    `json:"length"`
	traits
}

// udfInfo is one field in the answer of entityInformation/userDefinedFields.
type udfInfo struct {
	Name         string  `json:"name"`
	Label        string  `json:"label"`
	Type         string  `json:"type"`
	Length       int     `json:"length"`
	Description  string  `json:"description"`
	DefaultValue *string `json:"defaultValue"`
	traits
}

// traits are the members that fields and user-defined fields share.
type traits struct {
	IsRequired               bool        `json:"isRequired"`
	IsReadOnly               bool        `json:"isReadOnly"`
	IsQueryable              bool        `json:"isQueryable"`
	IsReference              bool        `json:"isReference"`
	ReferenceEntityType      string      `json:"referenceEntityType"`
	IsPickList               bool        `json:"isPickList"`
	PicklistValues           []pickValue `json:"picklistValues"`
	PicklistParentValueField string      `json:"picklistParentValueField"`
	IsSupportedWebhookField  bool        `json:"isSupportedWebhookField"`
}

// metadata answers entityInformation and what is below it.
func (t *Tenant) metadata(c *wire.Call, k *kind, verbs registry.Verbs, rest []string) wire.Answer {
	if !verbs.Has(registry.Info) || len(rest) > 1 {
		return c.NotFound()
	}
	what := ""
	if len(rest) == 1 {
		what = strings.ToLower(rest[0])
	}
	if what != "" && what != "fields" && what != "userdefinedfields" {
		return c.NotFound()
	}
	if !c.Is(http.MethodGet) {
		return c.NotAllowed()
	}
	a, refusal, ok := t.actor(c, k)
	switch {
	case !ok:
		return refusal
	case what == "fields":
		return wire.Marshal(map[string][]fieldInfo{"fields": t.fields(k)})
	case what == "userdefinedfields":
		return wire.Marshal(map[string][]udfInfo{"fields": t.userDefined(k)})
	default:
		return wire.Marshal(map[string]info{"info": t.info(a, k)})
	}
}

func (t *Tenant) info(a actor, k *kind) info {
	access := func(op registry.Verbs) Access {
		if !k.entity.Can(op) {
			return None
		}
		return t.access(a, k, op)
	}
	return info{
		Name:                    k.entity.Singular,
		CanCreate:               k.entity.Can(registry.Create),
		CanDelete:               k.entity.Can(registry.Delete),
		CanQuery:                k.entity.Can(registry.Query),
		CanUpdate:               k.entity.Can(registry.Patch) || k.entity.Can(registry.Put),
		UserAccessForCreate:     access(registry.Create),
		UserAccessForDelete:     access(registry.Delete),
		UserAccessForQuery:      access(registry.Query),
		UserAccessForUpdate:     max(access(registry.Patch), access(registry.Put)), // one right, under either method
		HasUserDefinedFields:    k.entity.UDFs > 0 || len(t.userDefined(k)) > 0,
		SupportsWebhookCallouts: k.entity.Webhook != "",
	}
}

func (t *Tenant) fields(k *kind) []fieldInfo {
	infos := []fieldInfo{}
	for ord, col := range k.Columns() {
		if !col.UDF {
			infos = append(infos, fieldInfo{
				Name: col.Name, DataType: col.Type.String(), Length: col.Length, traits: t.traits(k, col, ord != 0),
			})
		}
	}
	return infos
}

func (t *Tenant) userDefined(k *kind) []udfInfo {
	infos := []udfInfo{}
	for _, col := range k.Columns() {
		if col.UDF && !col.Hidden {
			infos = append(infos, udfInfo{
				Name: col.Name, Label: col.Name, Type: col.Type.String(), Length: col.Length, Description: col.Description,
				traits: t.traits(k, col, true),
			})
		}
	}
	return infos
}

func (t *Tenant) traits(k *kind, col record.Column, told bool) traits {
	return traits{
		IsRequired: col.Required, IsReadOnly: col.ReadOnly, IsQueryable: col.Queryable(),
		IsReference: col.References != "", ReferenceEntityType: registry.Singular(col.References),
		IsPickList: col.PickList, PicklistValues: t.pickValues(k, col), PicklistParentValueField: col.PickParent,
		IsSupportedWebhookField: told && k.entity.Webhook != "",
	}
}
