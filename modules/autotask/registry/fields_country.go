package registry

// countryFields are the 10 fields of a Country.
func countryFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "addressFormatID", Type: Int64, PickList: true},
		{Name: "countryCode", Type: String, ReadOnly: true, Length: 2},
		{Name: "displayName", Type: String, Required: true, Length: 100},
		{Name: "invoiceTemplateID", Type: Int32, References: "InvoiceTemplates"},
		{Name: "isActive", Type: Boolean},
		{Name: "isDefaultCountry", Type: Boolean},
		{Name: "name", Type: String, ReadOnly: true, Length: 100},
		{Name: "purchaseOrderTemplateID", Type: Int32},
		{Name: "quoteTemplateID", Type: Int32, References: "QuoteTemplates"},
	})
}
