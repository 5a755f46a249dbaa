package registry

// projectNoteFields are the 13 fields of a ProjectNote.
func projectNoteFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "createdByContactID", Type: Int32, ReadOnly: true, References: "Contacts"},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Required: true, Length: 32000},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "isAnnouncement", Type: Boolean},
		{Name: "lastActivityDate", Type: DateTime, ReadOnly: true},
		{Name: "noteType", Type: Int32, Required: true, PickList: true},
		{Name: "projectID", Type: Int32, Required: true, References: "Projects"},
		{Name: "publish", Type: Int32, Required: true, PickList: true},
		{Name: "title", Type: String, Required: true, Length: 250},
	})
}

// taskNoteFields are the 12 fields of a TaskNote.
func taskNoteFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "createdByContactID", Type: Int32, ReadOnly: true, References: "Contacts"},
		{Name: "description", Type: String, Required: true, Length: 32000},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "lastActivityDate", Type: DateTime, ReadOnly: true},
		{Name: "noteType", Type: Int32, Required: true, PickList: true},
		{Name: "publish", Type: Int32, Required: true, PickList: true},
		{Name: "taskID", Type: Int32, Required: true, References: "Tasks"},
		{Name: "title", Type: String, Required: true, Length: 250},
	})
}

// contractNoteFields are the 9 fields of a ContractNote.
func contractNoteFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "contractID", Type: Int32, Required: true, References: "Contracts"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Required: true, Length: 2000},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "lastActivityDate", Type: DateTime, ReadOnly: true},
		{Name: "title", Type: String, Required: true, Length: 250},
	})
}

// configurationItemNoteFields are the 10 fields of a ConfigurationItemNote.
func configurationItemNoteFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "configurationItemID", Type: Int32, Required: true, References: "ConfigurationItems"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Required: true, Length: 32000},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "lastActivityDate", Type: DateTime, ReadOnly: true},
		{Name: "noteType", Type: Int32, Required: true, PickList: true},
		{Name: "title", Type: String, Required: true, Length: 250},
	})
}
