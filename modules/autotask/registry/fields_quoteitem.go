package registry

// quoteItemFields are the 29 fields of a QuoteItem.
func quoteItemFields() []Field {
	return sourced(Peer, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "averageCost", Type: Double, ReadOnly: true},
		{Name: "chargeID", Type: Int32, References: "BillingCodes", Rules: Guess},
		{Name: "description", Type: String, Length: 2000},
		{Name: "expenseID", Type: Int32, References: "BillingCodes"},
		{Name: "highestCost", Type: Double, ReadOnly: true},
		{Name: "internalCurrencyLineDiscount", Type: Double, ReadOnly: true},
		{Name: "internalCurrencyUnitDiscount", Type: Double, ReadOnly: true},
		{Name: "internalCurrencyUnitPrice", Type: Double, ReadOnly: true},
		{Name: "isOptional", Type: Boolean, Required: true},
		{Name: "isTaxable", Type: Boolean},
		{Name: "laborID", Type: Int32, References: "Roles"},
		{Name: "lineDiscount", Type: Double, Required: true},
		{Name: "markupRate", Type: Double, ReadOnly: true},
		{Name: "name", Type: String, Length: 100},
		{Name: "percentageDiscount", Type: Double, Required: true},
		{Name: "periodType", Type: Int32, PickList: true},
		{Name: "productID", Type: Int32, References: "Products"},
		{Name: "quantity", Type: Double, Required: true},
		{Name: "quoteID", Type: Int32, Required: true, References: "Quotes"},
		{Name: "quoteItemType", Type: Int32, Required: true, PickList: true},
		{Name: "serviceBundleID", Type: Int32, References: "ServiceBundles"},
		{Name: "serviceID", Type: Int32, References: "Services"},
		{Name: "shippingID", Type: Int32, References: "ShippingTypes"},
		{Name: "taxCategoryID", Type: Int32, References: "TaxCategories"},
		{Name: "totalEffectiveTax", Type: Double, ReadOnly: true},
		{Name: "unitCost", Type: Double},
		{Name: "unitDiscount", Type: Double, Required: true},
		{Name: "unitPrice", Type: Double},
	})
}
