package registry

// companyNoteFields are the 15 fields of a CompanyNote.
func companyNoteFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "actionType", Type: Int32, Required: true, PickList: true},
		{Name: "assignedResourceID", Type: Int32, Required: true, References: "Resources"},
		{Name: "companyID", Type: Int32, Required: true, References: "Companies"},
		{Name: "completedDateTime", Type: DateTime, ReadOnly: true},
		{Name: "contactID", Type: Int32, References: "Contacts"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "endDateTime", Type: DateTime, Required: true},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "lastModifiedDate", Type: DateTime, ReadOnly: true},
		{Name: "name", Type: String, Length: 128},
		{Name: "note", Type: String, Length: 32000},
		{Name: "opportunityID", Type: Int32, References: "Opportunities"},
		{Name: "startDateTime", Type: DateTime, Required: true},
	})
}

// companyToDoFields are the 16 fields of a CompanyToDo.
func companyToDoFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "actionType", Type: Int32, Required: true, PickList: true},
		{Name: "activityDescription", Type: String, Length: 32000},
		{Name: "assignedToResourceID", Type: Int64, Required: true, References: "Resources"},
		{Name: "companyID", Type: Int64, Required: true, References: "Companies"},
		{Name: "completedDate", Type: DateTime},
		{Name: "contactID", Type: Int64, References: "Contacts"},
		{Name: "contractID", Type: Int64, References: "Contracts"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int64, ReadOnly: true, References: "Resources"},
		{Name: "endDateTime", Type: DateTime, Required: true},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "lastModifiedDate", Type: DateTime, ReadOnly: true},
		{Name: "opportunityID", Type: Int64, References: "Opportunities"},
		{Name: "startDateTime", Type: DateTime, Required: true},
		{Name: "ticketID", Type: Int64, References: "Tickets"},
	})
}
