package registry

// timeEntryFields are the 30 fields of a TimeEntry.
func timeEntryFields() []Field {
	return sourced(Peer, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "billingApprovalDateTime", Type: DateTime, ReadOnly: true, Rules: Guess},
		{Name: "billingApprovalLevelMostRecent", Type: Int32, ReadOnly: true},
		{Name: "billingApprovalResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "billingCodeID", Type: Int32, References: "BillingCodes"},
		{Name: "contractID", Type: Int32, References: "Contracts"},
		{Name: "contractServiceBundleID", Type: Int64, References: "ContractServiceBundles"},
		{Name: "contractServiceID", Type: Int64, References: "ContractServices"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorUserID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "dateWorked", Type: DateTime, DateOnly: true, Rules: Guess},
		{Name: "endDateTime", Type: DateTime},
		{Name: "hoursToBill", Type: Double, Rules: Guess},
		{Name: "hoursWorked", Type: Double},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "internalBillingCodeID", Type: Int32, References: "BillingCodes"},
		{Name: "internalNotes", Type: String, Length: 32000, Rules: Guess},
		{Name: "isNonBillable", Type: Boolean},
		{Name: "lastModifiedDateTime", Type: DateTime, ReadOnly: true},
		{Name: "lastModifiedUserID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "offsetHours", Type: Double},
		{Name: "resourceID", Type: Int32, Required: true, References: "Resources"},
		{Name: "roleID", Type: Int32, References: "Roles"},
		{Name: "showOnInvoice", Type: Boolean},
		{Name: "startDateTime", Type: DateTime},
		{Name: "summaryNotes", Type: String, Length: 32000, Rules: Guess},
		{Name: "taskID", Type: Int32, References: "Tasks"},
		{Name: "ticketID", Type: Int32, References: "Tickets"},
		{Name: "timeEntryType", Type: Int32, ReadOnly: true, PickList: true},
	})
}
