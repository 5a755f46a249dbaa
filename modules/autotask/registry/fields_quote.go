package registry

// quoteFields are the 38 fields of a Quote.
func quoteFields() []Field {
	return sourced(Peer, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "approvalStatus", Type: Int32, ReadOnly: true, PickList: true, Rules: Guess},
		{Name: "approvalStatusChangedByResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "approvalStatusChangedDate", Type: DateTime, ReadOnly: true, Rules: Guess},
		{Name: "billToLocationID", Type: Int32, Required: true, References: "QuoteLocations"},
		{Name: "calculateTaxSeparately", Type: Boolean},
		{Name: "comment", Type: String, Length: 1000},
		{Name: "companyID", Type: Int32, References: "Companies"},
		{Name: "contactID", Type: Int32, References: "Contacts"},
		{Name: "createDate", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Length: 2000},
		{Name: "effectiveDate", Type: DateTime, DateOnly: true, Required: true},
		{Name: "expirationDate", Type: DateTime, DateOnly: true, Required: true},
		{Name: "extApprovalContactResponse", Type: Int32, ReadOnly: true, PickList: true, Rules: Guess},
		{Name: "extApprovalResponseDate", Type: DateTime, ReadOnly: true, Rules: Guess},
		{Name: "extApprovalResponseSignature", Type: String, ReadOnly: true, Rules: Guess},
		{Name: "externalQuoteNumber", Type: String, Length: 50},
		{Name: "groupByID", Type: Int32, PickList: true},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "isActive", Type: Boolean},
		{Name: "lastActivityDate", Type: DateTime, ReadOnly: true},
		{Name: "lastModifiedBy", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "name", Type: String, Required: true, Length: 100},
		{Name: "opportunityID", Type: Int32, Required: true, References: "Opportunities"},
		{Name: "paymentTerm", Type: Int32, PickList: true},
		{Name: "paymentType", Type: Int32, PickList: true},
		{Name: "primaryQuote", Type: Boolean},
		{Name: "proposalProjectID", Type: Int32, References: "Projects"},
		{Name: "purchaseOrderNumber", Type: String, Length: 50},
		{Name: "quoteNumber", Type: Int32, ReadOnly: true},
		{Name: "quoteTemplateID", Type: Int32, References: "QuoteTemplates"},
		{Name: "shippingType", Type: Int32, PickList: true},
		{Name: "shipToLocationID", Type: Int32, Required: true, References: "QuoteLocations"},
		{Name: "showEachTaxInGroup", Type: Boolean},
		{Name: "showTaxCategory", Type: Boolean},
		{Name: "soldToLocationID", Type: Int32, Required: true, References: "QuoteLocations"},
		{Name: "taxRegionID", Type: Int32, References: "TaxRegions", Rules: Guess},
	})
}

// quoteLocationFields are the 6 fields of a QuoteLocation.
func quoteLocationFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "address1", Type: String, Length: 150},
		{Name: "address2", Type: String, Length: 150},
		{Name: "city", Type: String, Length: 50},
		{Name: "postalCode", Type: String, Length: 20},
		{Name: "state", Type: String, Length: 25},
	})
}
