package seed

// How many rows these are: a quote with its location and two items, a note and a to-do, an invoice and two lines.
const (
	quoteItems      = 2
	quoteRows       = 2 + quoteItems
	companyNoteRows = 2
	invoiceLines    = 2
	invoiceRows     = 1 + invoiceLines
)

// sales makes what account managers and bookkeepers leave behind.
func (s *seeder) sales(c *customer, has holdings) {
	if has.opportunity {
		id := s.opportunity(c)
		if has.quote {
			s.quote(c, id)
		}
	}
	if has.notes {
		s.companyNotes(c)
	}
	if has.bill {
		s.invoice(c)
	}
}

func (s *seeder) opportunity(c *customer) int64 {
	created, amount := s.midnight(600), float64(500*(1+s.IntN(60)))
	r := s.row("Opportunities").set("companyID", c.id).set("contactID", s.contactOf(c)).
		set("title", "Hardware refresh").set("amount", amount).set("cost", amount*0.7).set("onetimeRevenue", amount).
		set("onetimeCost", amount*0.7).set("createDate", created).set("startDate", created).
		set("lastActivity", created+day).set("projectedCloseDate", created+60*day).
		set("ownerResourceID", s.anyone().id).set("creatorResourceID", s.anyone().id).
		set("opportunityCategoryID", int64(1)).set("leadSource", int64(1+s.IntN(4))).set("rating", int64(1+s.IntN(3))).
		set("productID", int64(1+s.IntN(products))).set("useQuoteTotals", false)
	if s.chance(2) {
		return r.set("stage", int64(5)).set("status", int64(3)).set("probability", int64(100)).
			set("closedDate", created+45*day).insert()
	}
	return r.set("stage", int64(1+s.IntN(4))).set("status", int64(1)).set("probability", int64(10*(1+s.IntN(9)))).
		insert()
}

func (s *seeder) quote(c *customer, opportunity int64) {
	town, made := pick(s, cities()), s.midnight(600)
	place := s.row("QuoteLocations").set("address1", "1 Main Street").set("city", town.name).set("state", town.state).
		set("postalCode", "10001").insert()
	id := s.row("Quotes").set("opportunityID", opportunity).set("name", "Hardware refresh").set("companyID", c.id).
		set("contactID", s.contactOf(c)).set("billToLocationID", place).set("shipToLocationID", place).
		set("soldToLocationID", place).set("effectiveDate", made).set("expirationDate", made+30*day).
		set("createDate", made).set("lastActivityDate", made).set("creatorResourceID", s.anyone().id).
		set("isActive", true).set("primaryQuote", true).set("quoteNumber", opportunity).
		set("quoteTemplateID", int64(1)).set("paymentTerm", int64(1)).set("approvalStatus", int64(1)).
		set("taxRegionID", int64(1)).insert()
	for range quoteItems {
		product := s.IntN(products)
		cost := float64(200 + 75*product)
		s.row("QuoteItems").set("quoteID", id).set("quoteItemType", int64(1)).set("productID", int64(1+product)).
			set("name", "Hardware").set("quantity", float64(1+s.IntN(10))).set("unitCost", cost).
			set("unitPrice", cost*1.25).set("isOptional", false).set("isTaxable", true).set("lineDiscount", 0.0).
			set("percentageDiscount", 0.0).set("unitDiscount", 0.0).set("periodType", int64(1)).
			set("taxCategoryID", int64(1)).insert()
	}
}

func (s *seeder) companyNotes(c *customer) {
	at := s.moment()
	s.row("CompanyNotes").set("companyID", c.id).set("contactID", s.contactOf(c)).set("actionType", int64(1+s.IntN(4))).
		set("assignedResourceID", s.anyone().id).set("name", "Quarterly review").set("note", pick(s, s.words.remarks)).
		set("startDateTime", at).set("endDateTime", at+hour).set("createDateTime", at).
		set("completedDateTime", at+hour).set("lastModifiedDate", at).insert()
	s.row("CompanyToDos").set("companyID", c.id).set("contactID", s.contactOf(c)).set("actionType", int64(1)).
		set("assignedToResourceID", s.anyone().id).set("creatorResourceID", s.anyone().id).
		set("activityDescription", "Call about the next quarterly review").set("startDateTime", at+90*day).
		set("endDateTime", at+90*day+hour).set("createDateTime", at).set("lastModifiedDate", at).insert()
}

func (s *seeder) invoice(c *customer) {
	from, price := s.midnight(600), 12.0
	to := from + 30*day
	count := float64(1 + s.IntN(40))
	id := s.row("Invoices").set("companyID", c.id).set("createDateTime", to).set("invoiceDateTime", to).
		set("fromDate", from).set("toDate", to).set("dueDate", to+30*day).set("invoiceTotal", invoiceLines*count*price).
		set("totalTaxValue", 0.0).set("isVoided", false).set("creatorResourceID", s.anyone().id).
		set("invoiceEditorTemplateID", int64(1)).set("invoiceNumber", numbered("INV-", len(s.customers)+1)).insert()
	for range invoiceLines {
		s.row("BillingItems").set("companyID", c.id).set("contractID", c.contract).set("invoiceID", id).
			set("billingCodeID", serviceCode).set("description", "Managed service, monthly").
			set("itemName", "Managed Service").set("itemDate", from).set("postedDate", to).set("quantity", count).
			set("rate", price).set("extendedPrice", count*price).set("totalAmount", count*price).
			set("nonBillable", int64(0)).set("taxDollars", 0.0).insert()
	}
}
