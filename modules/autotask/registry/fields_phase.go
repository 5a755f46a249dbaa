package registry

// phaseFields are the 14 fields of a Phase.
func phaseFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "createDate", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Length: 8000},
		{Name: "dueDate", Type: DateTime},
		{Name: "estimatedHours", Type: Double},
		{Name: "externalID", Type: String, Length: 50},
		{Name: "isScheduled", Type: Boolean},
		{Name: "lastActivityDateTime", Type: DateTime, ReadOnly: true},
		{Name: "parentPhaseID", Type: Int32, References: "Phases"},
		{Name: "phaseNumber", Type: String, ReadOnly: true, Length: 50},
		{Name: "projectID", Type: Int32, Required: true, References: "Projects"},
		{Name: "startDate", Type: DateTime},
		{Name: "title", Type: String, Required: true, Length: 255},
	})
}
