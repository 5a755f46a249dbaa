package seed

import (
	"fmt"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// Ids of the first customer and of the first contact.
const (
	firstCompany = int64(174)
	firstContact = int64(30_682_885)
)

// customer is a company with what its tickets refer to. The ids are boxed, as rows want them.
type customer struct {
	id, location, contract any
	contact, item          int64 // the first of its contacts and configuration items, whose ids follow each other
	contacts, items        int
	name, domain           string
}

// company makes the company with that index, 0 being the tenant's own, and everything that it has.
func (s *seeder) company(i int) {
	has := s.holdings(i)
	c := customer{id: int64(0), name: "Holdfast Demo MSP", contacts: has.contacts, items: has.items}
	number := "US"
	if i != ownCompany {
		c.id, c.name = firstCompany+int64(i-1), companyName(i-1)
		number = strings.ToUpper(c.name[:2])
	}
	c.domain = strings.ToLower(strings.ReplaceAll(c.name, " ", "-")) + ".example"
	s.companyItself(&c, i, number)
	for n := range has.locations {
		s.location(&c, n)
	}
	for n := range has.contacts {
		s.contact(&c, n)
	}
	if has.contract {
		s.contract(&c)
	}
	for n := range has.items {
		s.item(&c, n)
	}
	if has.project {
		s.project(&c)
	}
	s.sales(&c, has)
	s.customers = append(s.customers, c)
}

func companyName(i int) string {
	names, kinds := companyNames(), trades()
	name := names[i%len(names)] + " " + kinds[i/len(names)%len(kinds)]
	if round := i / len(names) / len(kinds); round > 0 {
		return fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}

func (s *seeder) companyItself(c *customer, i int, number string) {
	created, changed, town := historyStart-record.Stamp(s.IntN(3000))*hour, s.moment(), pick(s, cities())
	r := s.row("Companies").set("companyName", c.name).set("companyType", int64(1)).
		set("ownerResourceID", s.anyone().id).set("companyNumber", fmt.Sprintf("%s-%05d", number, c.id)).
		set("phone", s.phone()).set("isActive", true).set("isClientPortalActive", false).set("isTaxExempt", false).
		set("classification", int64(1+s.IntN(3))).set("marketSegmentID", int64(1+s.IntN(5))).
		set("territoryID", int64(1+s.IntN(4))).set("address1", fmt.Sprintf("%d Main Street", 1+s.IntN(999))).
		set("city", town.name).set("state", town.state).set("postalCode", fmt.Sprintf("%05d", 10_000+s.IntN(80_000))).
		set("countryID", homeCountry).set("currencyID", int64(1)).set("taxRegionID", int64(1)).
		set("invoiceTemplateID", int64(1)).set("quoteTemplateID", int64(1)).set("webAddress", "https://www."+c.domain).
		set("createDate", created).set("createdByResourceID", s.anyone().id).set("lastActivityDate", changed).
		set("lastTrackedModifiedDateTime", changed)
	if i%2 == 0 {
		r.setUDF(udfTier, pick(s, tiers())).setUDF(udfEmployees, float64(5+s.IntN(200))).
			setUDF(udfOnboarded, s.midnight(90))
	}
	id, _ := c.id.(int64)
	r.place(id)
}

func (s *seeder) location(c *customer, n int) {
	town, name := pick(s, cities()), "Main Office"
	if n > 0 {
		name = "Branch " + town.name
	}
	id := s.row("CompanyLocations").set("companyID", c.id).set("name", name).set("isActive", true).
		set("isPrimary", n == 0).set("isTaxExempt", false).set("overrideCompanyTaxSettings", false).
		set("address1", fmt.Sprintf("%d Main Street", 1+s.IntN(999))).set("city", town.name).set("state", town.state).
		set("postalCode", fmt.Sprintf("%05d", 10_000+s.IntN(80_000))).set("countryID", homeCountry).
		set("phone", s.phone()).insert()
	if n == 0 {
		c.location = id
	}
}

func (s *seeder) contact(c *customer, n int) {
	first, last, changed := pick(s, firstNames()), pick(s, lastNames()), s.moment()
	id := firstContact
	if len(s.customers) > 0 || n > 0 {
		id = s.row("Contacts").last() + 1
	}
	if n == 0 {
		c.contact = id
	}
	email := fmt.Sprintf("%s.%s.%d@%s", strings.ToLower(first), strings.ToLower(last), id%1000, c.domain)
	r := s.row("Contacts").set("companyID", c.id).set("companyLocationID", c.location).set("firstName", first).
		set("lastName", last).set("isActive", int64(1)).set("emailAddress", email).set("phone", s.phone()).
		set("title", pick(s, jobTitles())).set("createDate", historyStart).set("primaryContact", n == 0).
		set("receivesEmailNotifications", true).set("lastActivityDate", changed).set("lastModifiedDate", changed)
	if n%2 == 0 {
		r.setUDF(udfLanguage, pick(s, languages())).setUDF(udfBadge, fmt.Sprintf("B%06d", s.IntN(1_000_000)))
	}
	r.place(id)
}

func (s *seeder) item(c *customer, n int) {
	product, changed := int64(1+s.IntN(products)), s.moment()
	r := s.row("ConfigurationItems").set("companyID", c.id).set("companyLocationID", c.location).
		set("contactID", s.contactOf(c)).set("contractID", c.contract).set("productID", product).
		set("configurationItemType", 1+(product-1)%4).set("configurationItemCategoryID", int64(1)).
		set("isActive", true).set("installDate", s.midnight(365)).
		set("referenceTitle", fmt.Sprintf("HF-%04d-%02d", len(s.customers), n+1)).
		set("serialNumber", fmt.Sprintf("%08X", s.Uint32())).set("createDate", changed).
		set("lastModifiedTime", changed).set("warrantyExpirationDate", historyStart+record.Stamp(365+s.IntN(1000))*day).
		set("location", "Server room")
	if n%2 == 0 {
		r.setUDF(udfOwner, "Information Technology").setUDF(udfRack, float64(1+s.IntN(42)))
	}
	id := r.insert()
	if n == 0 {
		c.item = id
	}
}

// contactOf is the id of one of a company's contacts.
func (s *seeder) contactOf(c *customer) any { return c.contact + s.Int64N(int64(c.contacts)) }

// itemOf is the id of one of a company's configuration items.
func (s *seeder) itemOf(c *customer) any { return c.item + s.Int64N(int64(c.items)) }
