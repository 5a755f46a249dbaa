package registry

// productFields are the 26 fields of a Product.
func productFields() []Field {
	return sourced(Peer, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "billingType", Type: Int32, PickList: true, Rules: Guess},
		{Name: "chargeBillingCodeID", Type: Int32, References: "BillingCodes"},
		{Name: "defaultVendorID", Type: Int32, References: "Companies"},
		{Name: "description", Type: String, Length: 2000},
		{Name: "doesNotRequireProcurement", Type: Boolean},
		{Name: "externalProductID", Type: String, Length: 50},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "internalProductID", Type: String, Length: 50},
		{Name: "isActive", Type: Boolean, Required: true},
		{Name: "isEligibleForRma", Type: Boolean, Rules: Guess},
		{Name: "isSerialized", Type: Boolean, Required: true},
		{Name: "link", Type: String, Length: 500},
		{Name: "manufacturerName", Type: String, Length: 100},
		{Name: "manufacturerProductName", Type: String, Length: 50},
		{Name: "markupRate", Type: Double, ReadOnly: true},
		{Name: "msrp", Type: Double},
		{Name: "name", Type: String, Required: true, Length: 100},
		{Name: "periodType", Type: Int32, PickList: true},
		{Name: "priceCostMethod", Type: Int32, PickList: true, Rules: Guess},
		{Name: "productBillingCodeID", Type: Int32, Required: true, References: "BillingCodes"},
		{Name: "productCategory", Type: Int32, PickList: true},
		{Name: "sku", Type: String, Length: 50},
		{Name: "unitCost", Type: Double},
		{Name: "unitPrice", Type: Double},
		{Name: "vendorProductNumber", Type: String, Length: 50},
	})
}
