package registry

// assetEntities are configuration items, products, inventory and purchases.
func assetEntities() []Entity {
	return []Entity{
		{
			Name: "ConfigurationItemAttachments", Singular: "ConfigurationItemAttachment", Verbs: readOnly,
			Parent: "ConfigurationItems", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Impersonation: true, Fields: attachmentFields("ConfigurationItems"), Partial: true,
		},
		{
			Name: "ConfigurationItemBillingProductAssociations", Singular: "ConfigurationItemBillingProductAssociation", Verbs: readOnly,
			Parent: "ConfigurationItems", Child: "BillingProductAssociations", ParentField: "configurationItemID", ChildVerbs: childDeletable,
		},
		{Name: "ConfigurationItemCategories", Singular: "ConfigurationItemCategory", Verbs: writable},
		{
			Name: "ConfigurationItemCategoryUdfAssociations", Singular: "ConfigurationItemCategoryUdfAssociation", Verbs: readOnly,
			Parent: "ConfigurationItemCategories", Child: "UdfAssociations", ParentField: "configurationItemCategoryID", ChildVerbs: childDeletable,
		},
		{
			Name: "ConfigurationItemDnsRecords", Singular: "ConfigurationItemDnsRecord", Verbs: readOnly,
			Parent: "ConfigurationItems", Child: "DnsRecords", ParentField: "configurationItemID", ChildVerbs: childReadOnly | Delete,
		},
		{
			Name: "ConfigurationItemNoteAttachments", Singular: "ConfigurationItemNoteAttachment", Verbs: readOnly,
			Parent: "ConfigurationItemNotes", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Impersonation: true, Fields: attachmentFields("ConfigurationItemNotes"), Partial: true,
		},
		{
			Name: "ConfigurationItemNotes", Singular: "ConfigurationItemNote", Verbs: readOnly,
			Parent: "ConfigurationItems", Child: "Notes", ParentField: "configurationItemID", ChildVerbs: childWritable,
			Impersonation: true,
			Fields:        configurationItemNoteFields(),
		},
		{
			Name: "ConfigurationItemRelatedItems", Singular: "ConfigurationItemRelatedItem", Verbs: readOnly,
			Parent: "ConfigurationItems", Child: "RelatedItems", ParentField: "configurationItemID", ChildVerbs: childLink,
		},
		{
			Name: "ConfigurationItemSslSubjectAlternativeNames", Singular: "ConfigurationItemSslSubjectAlternativeName", Verbs: readOnly,
			Parent: "ConfigurationItems", Child: "SslSubjectAlternativeNames", ParentField: "configurationItemID", ChildVerbs: childReadOnly | Delete,
		},
		{Name: "ConfigurationItemTypes", Singular: "ConfigurationItemType", Verbs: deletable, Fields: configurationItemTypeFields()},
		{
			Name: "ConfigurationItems", Singular: "ConfigurationItem", Verbs: writable,
			UDFs: 500, Webhook: "ConfigurationItemWebhooks", Impersonation: true, Fields: configurationItemFields(),
		},
		{Name: "DomainRegistrars", Singular: "DomainRegistrar", Verbs: writable},
		{Name: "IntegrationVendorInsights", Singular: "IntegrationVendorInsight", Verbs: deletable},
		{Name: "IntegrationVendorWidgets", Singular: "IntegrationVendorWidget", Verbs: deletable},
		{
			Name: "InventoryItemSerialNumbers", Singular: "InventoryItemSerialNumber", Verbs: readOnly,
			Parent: "InventoryItems", Child: "SerialNumbers", ParentField: "inventoryItemID", ChildVerbs: childWritable,
		},
		{Name: "InventoryItems", Singular: "InventoryItem", Verbs: writable, Impersonation: true},
		{Name: "InventoryLocations", Singular: "InventoryLocation", Verbs: writable, Impersonation: true},
		{Name: "InventoryProducts", Singular: "InventoryProduct", Verbs: deletable},
		{
			Name: "InventoryStockedItems", Singular: "InventoryStockedItem", Verbs: readOnly,
			Parent: "InventoryProducts", Child: "StockedItems", ParentField: "inventoryProductID", ChildVerbs: childUpdatable, ParentFrom: Peer,
		},
		{
			Name: "InventoryStockedItemsAdd", Singular: "InventoryStockedItemAdd", Verbs: Info,
			Parent: "InventoryProducts", Child: "StockedItemsAdd", ParentField: "inventoryProductID", ChildVerbs: childAction,
		},
		{
			Name: "InventoryStockedItemsRemove", Singular: "InventoryStockedItemRemove", Verbs: Info,
			Parent: "InventoryProducts", Child: "StockedItemsRemove", ParentField: "inventoryProductID", ChildVerbs: childAction,
		},
		{
			Name: "InventoryStockedItemsTransfer", Singular: "InventoryStockedItemTransfer", Verbs: Info,
			Parent: "InventoryProducts", Child: "StockedItemsTransfer", ParentField: "inventoryProductID", ChildVerbs: childAction,
		},
		{Name: "InventoryTransfers", Singular: "InventoryTransfer", Verbs: readOnly | Create},
		{
			Name: "ProductNotes", Singular: "ProductNote", Verbs: readOnly,
			Parent: "Products", Child: "Notes", ParentField: "productID", ChildVerbs: childWritable,
			Impersonation: true,
		},
		{
			Name: "ProductTiers", Singular: "ProductTier", Verbs: readOnly,
			Parent: "Products", Child: "Tiers", ParentField: "productID", ChildVerbs: childDeletable,
		},
		{
			Name: "ProductVendors", Singular: "ProductVendor", Verbs: readOnly,
			Parent: "Products", Child: "Vendors", ParentField: "productID", ChildVerbs: childWritable,
		},
		{Name: "Products", Singular: "Product", Verbs: writable, UDFs: 200, Impersonation: true, Fields: productFields()},
		{Name: "PurchaseApprovals", Singular: "PurchaseApproval", Verbs: updatable},
		{
			Name: "PurchaseOrderItemReceiving", Singular: "PurchaseOrderItemReceiving", Verbs: readOnly,
			Parent: "PurchaseOrderItems", Child: "Receiving", ParentField: "purchaseOrderItemID", ChildVerbs: childReadOnly | Create,
		},
		{
			Name: "PurchaseOrderItems", Singular: "PurchaseOrderItem", Verbs: readOnly,
			Parent: "PurchaseOrders", Child: "Items", ParentField: "orderID", ChildVerbs: childWritable, ParentFrom: Peer,
		},
		{Name: "PurchaseOrders", Singular: "PurchaseOrder", Verbs: writable, Impersonation: true},
	}
}
