package registry

// departmentFields are the 5 fields of a Department.
func departmentFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "description", Type: String, Length: 1000},
		{Name: "name", Type: String, Required: true, Length: 100},
		{Name: "number", Type: String, Length: 50},
		{Name: "primaryLocationID", Type: Int32, References: "InternalLocations"},
	})
}
