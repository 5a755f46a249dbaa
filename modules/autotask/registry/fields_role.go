package registry

// roleFields are the 10 fields of a Role.
func roleFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "description", Type: String, Length: 200},
		{Name: "hourlyFactor", Type: Double, Required: true},
		{Name: "hourlyRate", Type: Double, Required: true},
		{Name: "isActive", Type: Boolean, Required: true},
		{Name: "isExcludedFromNewContracts", Type: Boolean},
		{Name: "isSystemRole", Type: Boolean, ReadOnly: true},
		{Name: "name", Type: String, Required: true, Length: 200},
		{Name: "quoteItemDefaultTaxCategoryId", Type: Int32, References: "TaxCategories"},
		{Name: "roleType", Type: Int32, ReadOnly: true, PickList: true},
	})
}

// resourceServiceDeskRoleFields are the 5 fields of a ResourceServiceDeskRole: a role in which a resource works on
// tickets.
func resourceServiceDeskRoleFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "isActive", Type: Boolean},
		{Name: "isDefault", Type: Boolean},
		{Name: "resourceID", Type: Int32, Required: true, References: "Resources"},
		{Name: "roleID", Type: Int32, Required: true, References: "Roles"},
	})
}
