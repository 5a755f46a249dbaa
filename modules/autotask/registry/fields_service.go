package registry

// serviceFields are the 16 fields of a Service.
func serviceFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "billingCodeID", Type: Int32, Required: true, References: "BillingCodes"},
		{Name: "createDate", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Length: 400},
		{Name: "invoiceDescription", Type: String, Length: 1000},
		{Name: "isActive", Type: Boolean},
		{Name: "lastModifiedDate", Type: DateTime, ReadOnly: true},
		{Name: "markupRate", Type: Double, ReadOnly: true},
		{Name: "name", Type: String, Required: true, Length: 150},
		{Name: "periodType", Type: Int32, Required: true, PickList: true},
		{Name: "serviceLevelAgreementID", Type: Int64, PickList: true},
		{Name: "unitCost", Type: Double},
		{Name: "unitPrice", Type: Double, Required: true},
		{Name: "updateResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "vendorCompanyID", Type: Int32, References: "Companies"},
	})
}

// contractServiceFields are the 10 fields of a ContractService: a service that a contract sells.
func contractServiceFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "contractID", Type: Int32, Required: true, References: "Contracts"},
		{Name: "internalCurrencyAdjustedPrice", Type: Double, ReadOnly: true},
		{Name: "internalCurrencyUnitPrice", Type: Double, ReadOnly: true},
		{Name: "internalDescription", Type: String, Length: 100},
		{Name: "invoiceDescription", Type: String, Length: 1000},
		{Name: "quoteItemID", Type: Int64, ReadOnly: true, References: "QuoteItems"},
		{Name: "serviceID", Type: Int32, Required: true, References: "Services"},
		{Name: "unitCost", Type: Double},
		{Name: "unitPrice", Type: Double},
	})
}
