package registry

// invoiceFields are the 23 fields of an Invoice.
func invoiceFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "batchID", Type: Int32, ReadOnly: true},
		{Name: "comments", Type: String, ReadOnly: true, Length: 4000},
		{Name: "companyID", Type: Int32, ReadOnly: true, References: "Companies"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "dueDate", Type: DateTime, DateOnly: true, ReadOnly: true},
		{Name: "fromDate", Type: DateTime, DateOnly: true, ReadOnly: true},
		{Name: "invoiceDateTime", Type: DateTime, ReadOnly: true},
		{Name: "invoiceEditorTemplateID", Type: Int32, ReadOnly: true, References: "InvoiceTemplates"},
		{Name: "invoiceNumber", Type: String, Length: 50},
		{Name: "invoiceTotal", Type: Double, ReadOnly: true},
		{Name: "isVoided", Type: Boolean, ReadOnly: true},
		{Name: "orderNumber", Type: String, ReadOnly: true, Length: 50},
		{Name: "paidDate", Type: DateTime, DateOnly: true},
		{Name: "paymentTerm", Type: Int32, ReadOnly: true, PickList: true},
		{Name: "taxGroup", Type: Int32, ReadOnly: true, PickList: true},
		{Name: "taxRegionName", Type: String, ReadOnly: true, Length: 100},
		{Name: "toDate", Type: DateTime, DateOnly: true, ReadOnly: true},
		{Name: "totalTaxValue", Type: Double, ReadOnly: true},
		{Name: "voidedByResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "voidedDate", Type: DateTime, ReadOnly: true},
		{Name: "webServiceDate", Type: DateTime},
	})
}
