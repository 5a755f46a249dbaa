package registry

// organizationalLevelAssociationFields are the 4 fields of an OrganizationalLevelAssociation: a line of business.
func organizationalLevelAssociationFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "isActive", Type: Boolean},
		{Name: "organizationalLevel1ID", Type: Int32, Required: true, References: "OrganizationalLevel1s"},
		{Name: "organizationalLevel2ID", Type: Int32, Required: true, References: "OrganizationalLevel2s"},
	})
}
