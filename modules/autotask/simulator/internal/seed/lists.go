package seed

import (
	"strconv"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// homeCountry is the id of the country that the tenant and its customers are in.
const homeCountry = int64(237)

// lists makes the records that others choose from and that are little more than a name.
func (s *seeder) lists() {
	s.countries()
	for _, l := range nameLists() {
		for _, name := range l.names {
			s.row(l.entity).set("name", name).offer("isActive", true).insert()
		}
	}
	for _, l := range pickLists() {
		s.fromPicks(l)
	}
	s.row("OrganizationalLevelAssociations").set("isActive", true).set("organizationalLevel1ID", int64(1)).
		set("organizationalLevel2ID", int64(1)).insert()
	s.row("Taxes").set("name", "State Tax").set("rate", 0.0825).set("taxRegionID", int64(1)).
		set("taxCategoryID", int64(1)).insert()
}

func (s *seeder) countries() {
	for _, c := range []struct {
		id         int64
		code, name string
	}{
		{13, "AU", "Australia"},
		{38, "CA", "Canada"},
		{73, "FR", "France"},
		{80, "DE", "Germany"},
		{225, "GB", "United Kingdom"},
		{homeCountry, "US", "United States"},
	} {
		s.row("Countries").set("name", c.name).set("displayName", c.name).set("countryCode", c.code).
			set("isActive", true).set("isDefaultCountry", c.id == homeCountry).set("invoiceTemplateID", int64(1)).
			set("quoteTemplateID", int64(1)).place(c.id)
	}
}

// nameList are the names of an entity's first records.
type nameList struct {
	entity string
	names  []string
}

func nameLists() []nameList {
	return []nameList{
		{"Currencies", []string{"USD", "CAD", "EUR", "GBP"}},
		{"InternalLocations", []string{"Headquarters", "Branch Office"}},
		{"OrganizationalLevel1s", []string{"Service Delivery", "Sales"}},
		{"OrganizationalLevel2s", []string{"Managed Services", "Projects"}},
		{"TaxCategories", []string{"Hardware", "Software", "Labor"}},
		{"TaxRegions", []string{"Domestic", "Export"}},
		{"ShippingTypes", []string{"Ground", "Overnight"}},
		{"InvoiceTemplates", []string{"Standard Invoice"}},
		{"QuoteTemplates", []string{"Standard Quote"}},
		{"CompanyCategories", []string{"Standard"}},
		{"ConfigurationItemCategories", []string{"Standard", "Datto Device"}},
		{"OpportunityCategories", []string{"Standard"}},
		{"HolidaySets", []string{"US Holidays"}},
		{"ContactGroups", []string{"Newsletter", "Maintenance Notices"}},
		{"Skills", []string{"Networking", "Windows Server"}},
		{"TagGroups", []string{"Technology"}},
		{"Tags", []string{"backup", "network", "onboarding"}},
		{"ChecklistLibraries", []string{"New Hire"}},
		{"DocumentCategories", []string{"Network Diagrams"}},
		{"KnowledgeBaseCategories", []string{"How-To"}},
		{"InventoryLocations", []string{"Main Warehouse"}},
		{"ServiceBundles", []string{"Essentials"}},
		{"ContractExclusionSets", []string{"Projects and Hardware"}},
		{"WorkTypeModifiers", []string{"After Hours"}},
	}
}

// pickList says that an entity's records are what a picklist of another lets choose from.
type pickList struct{ entity, of, field string }

func pickLists() []pickList {
	return []pickList{
		{"ActionTypes", "CompanyNotes", "actionType"},
		{"ClassificationIcons", "Companies", "classification"},
		{"ConfigurationItemTypes", "ConfigurationItems", "configurationItemType"},
		{"Departments", "Projects", "department"},
		{"PaymentTerms", "Quotes", "paymentTerm"},
		{"ServiceLevelAgreements", "Tickets", "serviceLevelAgreementID"},
		{"TicketCategories", "Tickets", "ticketCategory"},
	}
}

// fromPicks makes a record for each value of a picklist, which must be in rising order.
func (s *seeder) fromPicks(l pickList) {
	for _, p := range picks(l.of, l.field) {
		s.row(l.entity).set("name", p.Label).offer("isActive", true).place(number(p))
	}
}

// picks are the values of a picklist, nil where none are known.
func picks(entity, field string) []registry.Pick {
	e, _ := registry.Find(entity)
	f, _ := e.Field(field)
	return f.Picks
}

// number is a value of a picklist as records hold it, where they hold whole numbers.
func number(p registry.Pick) int64 {
	n, err := strconv.ParseInt(p.Value, 10, 64)
	if err != nil {
		return 0 // the registry's own test holds that there is none
	}
	return n
}
