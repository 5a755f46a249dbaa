package seed

import (
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// Names of user-defined fields that generated rows fill.
const (
	udfTier      = "Account Tier"
	udfEmployees = "Employees"
	udfOnboarded = "Onboarded On"
	udfLanguage  = "Preferred Language"
	udfBadge     = "Badge Number"
	udfOwner     = "Asset Owner"
	udfRack      = "Rack Unit"
	udfCause     = "Root Cause"
	udfAffected  = "Users Affected"
	udfSponsor   = "Sponsor"
	udfNotice    = "Renewal Notice Days"
)

// definition is a user-defined field.
type definition struct {
	entity, kind string // the entity, and what definitions call it
	name, data   string
	values       []string // of a list
}

func definitions() []definition {
	return []definition{
		{"Companies", "Company", udfTier, "List (Single)", tiers()},
		{"Companies", "Company", udfEmployees, "Number", nil},
		{"Companies", "Company", udfOnboarded, "Date", nil},
		{"Contacts", "Contact", udfLanguage, "List (Single)", languages()},
		{"Contacts", "Contact", udfBadge, "Text (Single Line)", nil},
		{"ConfigurationItems", "Configuration Item", udfOwner, "Text (Single Line)", nil},
		{"ConfigurationItems", "Configuration Item", udfRack, "Number", nil},
		{"Tickets", "Ticket", udfCause, "List (Single)", causes()},
		{"Tickets", "Ticket", udfAffected, "Number", nil},
		{"Projects", "Project", udfSponsor, "Text (Single Line)", nil},
		{"Contracts", "Contract", udfNotice, "Number", nil},
	}
}

func tiers() []string     { return []string{"Platinum", "Standard", "Basic"} }
func languages() []string { return []string{"English", "Español", "Français"} }
func causes() []string {
	return []string{"Hardware Fault", "Software Fault", "Human Error", "Third Party"}
}

// userDefined defines the fields, as records and as columns.
func (s *seeder) userDefined() {
	for i, d := range definitions() {
		id := s.row("UserDefinedFieldDefinitions").set("name", d.name).set("description", d.description()).
			set("dataType", pickValue("UserDefinedFieldDefinitions", "dataType", d.data)).
			set("udfType", pickValue("UserDefinedFieldDefinitions", "udfType", d.kind)).set("isActive", true).
			set("isRequired", false).set("isEncrypted", false).set("isPrivate", false).set("isProtected", false).
			set("isFieldMapping", false).set("isVisibleToClientPortal", true).set("sortOrder", int64(i+1)).
			set("createDate", historyStart).insert()
		r := s.row(d.entity)
		r.udfs[d.name] = r.add(record.Column{Field: d.field(), UDF: true, Description: d.description()})
		for _, v := range d.values {
			s.row("UserDefinedFieldListItems").set("udfFieldId", id).set("valueForDisplay", v).set("valueForExport", v).
				set("isActive", true).set("createDate", historyStart).insert()
		}
	}
}

func (d definition) description() string { return d.name + " of a " + d.kind }

// field is what the values of a user-defined field are like.
func (d definition) field() registry.Field {
	f := registry.Field{Name: d.name, Type: registry.String, From: registry.Guess, Rules: registry.Guess}
	switch d.data {
	case "Number":
		f.Type = registry.Double
	case "Date":
		f.Type = registry.DateTime
	}
	for _, v := range d.values {
		f.PickList = true
		f.Picks = append(f.Picks, registry.Pick{Value: v, Label: v, From: registry.Guess})
	}
	return f
}

// pickValue returns the value with that label, nil where there is none.
func pickValue(entity, field, label string) any {
	for _, p := range picks(entity, field) {
		if p.Label == label {
			return number(p)
		}
	}
	return nil
}
