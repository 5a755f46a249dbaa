package seed

import "github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"

// Billing codes: work of several kinds from firstCode on, and one code for each other use.
const (
	firstCode    = int64(29682801)
	workCodes    = 4
	internalCode = firstCode + workCodes
	materialCode = internalCode + 1
	expenseCode  = materialCode + 1
	serviceCode  = expenseCode + 1
)

// Products and services have ids from 1 on.
const (
	products = 12
	services = 4
)

// catalogue makes what the tenant sells, and the codes by which it is billed.
func (s *seeder) catalogue() {
	s.codes()
	s.products()
	s.services()
}

func (s *seeder) codes() {
	for i, c := range []struct {
		name string
		use  int64
	}{
		{"Remote Support", 1},
		{"On-Site Support", 1},
		{"Project Work", 1},
		{"Maintenance", 1},
		{"Internal Meeting", 2},
		{"Hardware and Software", 3},
		{"Mileage", 4},
		{"Managed Service", 5},
	} {
		s.row("BillingCodes").set("name", c.name).set("useType", c.use).set("billingCodeType", int64(0)).
			set("isActive", true).set("isExcludedFromNewContracts", false).set("taxCategoryID", int64(3)).
			place(firstCode + int64(i))
	}
}

func (s *seeder) products() {
	makers := []string{"Northlight", "Castor", "Brightwell"}
	for i := range products {
		kinds := []string{"Workstation", "Server", "Laser Printer", "Firewall"}
		maker, kind := makers[i%len(makers)], kinds[i%len(kinds)]
		cost := float64(200 + 75*i)
		s.row("Products").set("name", maker+" "+kind).set("description", "A "+kind+" of "+maker+".").
			set("isActive", true).set("isSerialized", true).set("manufacturerName", maker).
			set("productCategory", int64(1+i%4)).set("productBillingCodeID", materialCode).set("unitCost", cost).
			set("unitPrice", cost*1.25).set("msrp", cost*1.5).
			set("sku", "HF-"+maker[:1]+kind[:1]+"-"+digits[i%10:i%10+1]).set("periodType", int64(1)).
			set("doesNotRequireProcurement", false).insert()
	}
}

func (s *seeder) services() {
	for i, name := range []string{"Workstation Management", "Server Management", "Cloud Backup", "Mail Security"} {
		created := historyStart - record.Stamp(i+1)*30*day
		s.row("Services").set("name", name).set("description", name+" per unit and month").
			set("billingCodeID", serviceCode).set("periodType", int64(2)).set("isActive", true).
			set("unitCost", float64(5+5*i)).set("unitPrice", float64(12+10*i)).set("createDate", created).
			set("lastModifiedDate", created).set("creatorResourceID", APIResource).insert()
	}
}
