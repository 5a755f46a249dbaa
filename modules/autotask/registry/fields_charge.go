package registry

import (
	"slices"
	"strings"
)

// ticketChargeFields are the 28 fields of a TicketCharge.
func ticketChargeFields() []Field {
	return chargeFields(Field{Name: "ticketID", Type: Int64, Required: true, References: "Tickets"})
}

// contractChargeFields are the 28 fields of a ContractCharge.
func contractChargeFields() []Field {
	return chargeFields(Field{Name: "contractID", Type: Int64, Required: true, References: "Contracts"})
}

// projectChargeFields are the 29 fields of a ProjectCharge.
func projectChargeFields() []Field {
	return chargeFields(
		Field{Name: "projectID", Type: Int64, Required: true, References: "Projects"},
		Field{Name: "estimatedCost", Type: Double},
	)
}

// chargeFields are the fields that the charges on tickets, contracts and projects share, with their own among them: the
// model has them in the order of the alphabet.
func chargeFields(own ...Field) []Field {
	fields := append([]Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "billableAmount", Type: Double, ReadOnly: true},
		{Name: "billingCodeID", Type: Int64, References: "BillingCodes"},
		{Name: "chargeType", Type: Int32, Required: true, PickList: true},
		{Name: "contractServiceBundleID", Type: Int64, References: "ContractServiceBundles"},
		{Name: "contractServiceID", Type: Int64, References: "ContractServices"},
		{Name: "createDate", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int64, ReadOnly: true, References: "Resources"},
		{Name: "datePurchased", Type: DateTime, Required: true},
		{Name: "description", Type: String, Length: 2000},
		{Name: "extendedCost", Type: Double, ReadOnly: true},
		{Name: "internalCurrencyBillableAmount", Type: Double, ReadOnly: true},
		{Name: "internalCurrencyUnitPrice", Type: Double, ReadOnly: true},
		{Name: "internalPurchaseOrderNumber", Type: String, ReadOnly: true, Length: 50},
		{Name: "isBillableToCompany", Type: Boolean},
		{Name: "isBilled", Type: Boolean, ReadOnly: true},
		{Name: "name", Type: String, Required: true, Length: 100},
		{Name: "notes", Type: String, Length: 2000},
		{Name: "organizationalLevelAssociationID", Type: Int32, References: "OrganizationalLevelAssociations"},
		{Name: "productID", Type: Int64, References: "Products"},
		{Name: "purchaseOrderNumber", Type: String, Length: 50},
		{Name: "status", Type: Int64, PickList: true},
		{Name: "statusLastModifiedBy", Type: Int64, ReadOnly: true, References: "Resources"},
		{Name: "statusLastModifiedDate", Type: DateTime, ReadOnly: true},
		{Name: "unitCost", Type: Double},
		{Name: "unitPrice", Type: Double},
		{Name: "unitQuantity", Type: Double, Required: true},
	}, own...)
	slices.SortFunc(fields[1:], func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return sourced(Guess, fields)
}
