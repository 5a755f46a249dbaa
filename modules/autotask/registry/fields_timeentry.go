package registry

// timeEntryFields are the 30 fields of a TimeEntry.
func timeEntryFields() []Field {
	return []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "billingApprovalDateTime", Type: DateTime, ReadOnly: true},
		{Name: "billingApprovalLevelMostRecent", Type: Int32, ReadOnly: true},
		{Name: "billingApprovalResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "billingCodeID", Type: Int32, References: "BillingCodes"},
		{Name: "contractID", Type: Int32, References: "Contracts"},
		{Name: "contractServiceBundleID", Type: Int64, References: "ContractServiceBundles"},
		{Name: "contractServiceID", Type: Int64, References: "ContractServices"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorUserID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "dateWorked", Type: DateTime},
		{Name: "endDateTime", Type: DateTime},
		{Name: "hoursToBill", Type: Double},
		{Name: "hoursWorked", Type: Double},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "internalBillingCodeID", Type: Int32, References: "BillingCodes"},
		{Name: "internalNotes", Type: String, Length: 32000},
		{Name: "isNonBillable", Type: Boolean},
		{Name: "lastModifiedDateTime", Type: DateTime, ReadOnly: true},
		{Name: "lastModifiedUserID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "offsetHours", Type: Double},
		{Name: "resourceID", Type: Int32, Required: true, References: "Resources"},
		{Name: "roleID", Type: Int32, References: "Roles"},
		{Name: "showOnInvoice", Type: Boolean},
		{Name: "startDateTime", Type: DateTime},
		{Name: "summaryNotes", Type: String, Length: 32000},
		{Name: "taskID", Type: Int32, References: "Tasks"},
		{Name: "ticketID", Type: Int32, References: "Tickets"},
		{Name: "timeEntryType", Type: Int32, ReadOnly: true, PickList: true},
	}
}
