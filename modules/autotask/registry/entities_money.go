package registry

// moneyEntities are opportunities, quotes, orders, prices, bills, expenses and taxes.
func moneyEntities() []Entity {
	return []Entity{
		{Name: "AdditionalInvoiceFieldValues", Singular: "AdditionalInvoiceFieldValue", Verbs: readOnly},
		{Name: "BillingCodes", Singular: "BillingCode", Verbs: readOnly, Fields: billingCodeFields()},
		{Name: "BillingItemApprovalLevels", Singular: "BillingItemApprovalLevel", Verbs: readOnly | Create},
		{Name: "BillingItems", Singular: "BillingItem", Verbs: updatable, Fields: billingItemFields()},
		{Name: "Currencies", Singular: "Currency", Verbs: updatable},
		{
			Name: "ExpenseItemAttachments", Singular: "ExpenseItemAttachment", Verbs: readOnly,
			Parent: "ExpenseItems", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("ExpenseItems"), Partial: true,
		},
		{
			Name: "ExpenseItems", Singular: "ExpenseItem", Verbs: readOnly,
			Parent: "Expenses", Child: "Items", ParentField: "expenseReportID", ChildVerbs: childWritable,
		},
		{
			Name: "ExpenseReportAttachments", Singular: "ExpenseReportAttachment", Verbs: readOnly,
			Parent: "ExpenseReports", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("ExpenseReports"), Partial: true,
		},
		{Name: "ExpenseReports", Singular: "ExpenseReport", Verbs: writable},
		{
			Name: "InvoiceMarkupApiIntegration", Singular: "InvoiceMarkupApiIntegration",
			Parent: "Invoices", Child: "InvoiceMarkupHtml", ParentField: "invoiceID", ChildVerbs: Get,
		},
		{Name: "InvoiceTemplates", Singular: "InvoiceTemplate", Verbs: readOnly},
		{Name: "Invoices", Singular: "Invoice", Verbs: updatable, Fields: invoiceFields()},
		{
			Name: "Opportunities", Singular: "Opportunity", Verbs: writable,
			UDFs: 200, Impersonation: true, Fields: opportunityFields(),
		},
		{
			Name: "OpportunityAttachments", Singular: "OpportunityAttachment", Verbs: readOnly,
			Parent: "Opportunities", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("Opportunities"), Partial: true,
		},
		{Name: "OpportunityCategories", Singular: "OpportunityCategory", Verbs: updatable},
		{Name: "PaymentTerms", Singular: "PaymentTerm", Verbs: writable},
		{Name: "PriceListMaterialCodes", Singular: "PriceListMaterialCode", Verbs: updatable},
		{Name: "PriceListProductTiers", Singular: "PriceListProductTier", Verbs: updatable},
		{Name: "PriceListProducts", Singular: "PriceListProduct", Verbs: updatable},
		{Name: "PriceListRoles", Singular: "PriceListRole", Verbs: updatable},
		{Name: "PriceListServiceBundles", Singular: "PriceListServiceBundle", Verbs: updatable},
		{Name: "PriceListServices", Singular: "PriceListService", Verbs: updatable},
		{Name: "PriceListWorkTypeModifiers", Singular: "PriceListWorkTypeModifier", Verbs: updatable},
		{
			Name: "QuoteItems", Singular: "QuoteItem", Verbs: readOnly,
			Parent: "Quotes", Child: "Items", ParentField: "quoteID", ChildVerbs: childDeletable,
			Fields: quoteItemFields(),
		},
		{Name: "QuoteLocations", Singular: "QuoteLocation", Verbs: writable, Fields: quoteLocationFields()},
		{Name: "QuoteTemplates", Singular: "QuoteTemplate", Verbs: readOnly},
		{Name: "Quotes", Singular: "Quote", Verbs: writable, Impersonation: true, Fields: quoteFields()},
		{
			Name: "SalesOrderAttachments", Singular: "SalesOrderAttachment", Verbs: readOnly,
			Parent: "SalesOrders", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("SalesOrders"), Partial: true,
		},
		{
			Name: "SalesOrders", Singular: "SalesOrder", Verbs: updatable,
			Parent: "Opportunities", Child: "SalesOrders", ParentField: "opportunityID", ChildVerbs: childUpdatable,
			UDFs: 100, Impersonation: true,
		},
		{Name: "ShippingTypes", Singular: "ShippingType", Verbs: readOnly},
		{Name: "TaxCategories", Singular: "TaxCategory", Verbs: writable},
		{Name: "TaxRegions", Singular: "TaxRegion", Verbs: writable},
		{Name: "Taxes", Singular: "Tax", Verbs: writable},
	}
}
