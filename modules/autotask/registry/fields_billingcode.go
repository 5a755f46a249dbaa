package registry

// billingCodeFields are the 15 fields of a BillingCode.
func billingCodeFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "afterHoursWorkType", Type: Int32, References: "BillingCodes"},
		{Name: "billingCodeType", Type: Int32, PickList: true},
		{Name: "department", Type: Int32, References: "Departments"},
		{Name: "description", Type: String, Length: 500},
		{Name: "externalNumber", Type: String, Length: 100},
		{Name: "generalLedgerAccount", Type: Int32, PickList: true},
		{Name: "isActive", Type: Boolean},
		{Name: "isExcludedFromNewContracts", Type: Boolean},
		{Name: "markupRate", Type: Double},
		{Name: "name", Type: String, Required: true, Length: 200},
		{Name: "taxCategoryID", Type: Int32, References: "TaxCategories"},
		{Name: "unitCost", Type: Double},
		{Name: "unitPrice", Type: Double},
		{Name: "useType", Type: Int32, PickList: true},
	})
}
