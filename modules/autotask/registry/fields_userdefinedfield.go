package registry

// userDefinedFieldDefinitionFields are the 19 fields of a UserDefinedFieldDefinition.
func userDefinedFieldDefinitionFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "createDate", Type: DateTime, ReadOnly: true},
		{Name: "crmToProjectUdfId", Type: Int64, References: "UserDefinedFieldDefinitions"},
		{Name: "dataType", Type: Int32, Required: true, PickList: true},
		{Name: "defaultValue", Type: String, Length: 1024, From: Guess}, // the model leaves its type open
		{Name: "description", Type: String, Length: 128},
		{Name: "displayFormat", Type: Int32, PickList: true},
		{Name: "isActive", Type: Boolean},
		{Name: "isEncrypted", Type: Boolean},
		{Name: "isFieldMapping", Type: Boolean},
		{Name: "isPrivate", Type: Boolean},
		{Name: "isProtected", Type: Boolean},
		{Name: "isRequired", Type: Boolean},
		{Name: "isVisibleToClientPortal", Type: Boolean},
		{Name: "mergeVariableName", Type: String, Length: 100},
		{Name: "name", Type: String, Required: true, Length: 45},
		{Name: "numberOfDecimalPlaces", Type: Int32},
		{Name: "sortOrder", Type: Int32},
		{Name: "udfType", Type: Int32, Required: true, PickList: true},
	})
}

// userDefinedFieldListItemFields are the 6 fields of a UserDefinedFieldListItem.
func userDefinedFieldListItemFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "createDate", Type: DateTime, ReadOnly: true},
		{Name: "isActive", Type: Boolean},
		{Name: "udfFieldId", Type: Int64, Required: true, References: "UserDefinedFieldDefinitions"},
		{Name: "valueForDisplay", Type: String, Required: true, Length: 128},
		{Name: "valueForExport", Type: String, Length: 128},
	})
}
