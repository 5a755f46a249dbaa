package registry

// configurationItemTypeFields are the 3 fields of a ConfigurationItemType.
func configurationItemTypeFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "isActive", Type: Boolean},
		{Name: "name", Type: String, Required: true, Length: 100},
	})
}
