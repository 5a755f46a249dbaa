package registry

// companyLocationFields are the 20 fields of a CompanyLocation.
func companyLocationFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "address1", Type: String, Length: 128},
		{Name: "address2", Type: String, Length: 128},
		{Name: "alternatePhone1", Type: String, Length: 25},
		{Name: "alternatePhone2", Type: String, Length: 25},
		{Name: "city", Type: String, Length: 50},
		{Name: "companyID", Type: Int32, Required: true, References: "Companies"},
		{Name: "countryID", Type: Int32, References: "Countries"},
		{Name: "description", Type: String, Length: 2000},
		{Name: "fax", Type: String, Length: 25},
		{Name: "isActive", Type: Boolean},
		{Name: "isPrimary", Type: Boolean},
		{Name: "isTaxExempt", Type: Boolean},
		{Name: "overrideCompanyTaxSettings", Type: Boolean},
		{Name: "name", Type: String, Required: true, Length: 100},
		{Name: "phone", Type: String, Length: 25},
		{Name: "postalCode", Type: String, Length: 10},
		{Name: "roundtripDistance", Type: Double},
		{Name: "state", Type: String, Length: 40},
		{Name: "taxRegionID", Type: Int32, References: "TaxRegions"},
	})
}
