package registry

// peopleEntities are resources and how they are organised.
func peopleEntities() []Entity {
	return []Entity{
		{Name: "Departments", Singular: "Department", Verbs: writable, Fields: departmentFields()},
		{Name: "HolidaySets", Singular: "HolidaySet", Verbs: deletable},
		{
			Name: "Holidays", Singular: "Holiday", Verbs: readOnly,
			Parent: "HolidaySets", Child: "Holidays", ParentField: "holidaySetID", ChildVerbs: childDeletable,
		},
		{Name: "InternalLocationWithBusinessHours", Singular: "InternalLocationWithBusinessHours", Verbs: writable},
		{Name: "InternalLocations", Singular: "InternalLocation", Verbs: readOnly},
		{Name: "OrganizationalLevel1s", Singular: "OrganizationalLevel1", Verbs: writable},
		{Name: "OrganizationalLevel2s", Singular: "OrganizationalLevel2", Verbs: writable},
		{Name: "OrganizationalLevelAssociations", Singular: "OrganizationalLevelAssociation", Verbs: writable, Fields: organizationalLevelAssociationFields()},
		{
			Name: "OrganizationalResources", Singular: "OrganizationalResource", Verbs: readOnly,
			Parent: "OrganizationalLevelAssociations", Child: "Resources", ParentField: "organizationalLevelAssociationID", ChildVerbs: childReadOnly, ParentFrom: Peer,
		},
		{
			Name: "ResourceAttachments", Singular: "ResourceAttachment", Verbs: readOnly,
			Parent: "Resources", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("Resources"), Partial: true,
		},
		{
			Name: "ResourceDailyAvailabilities", Singular: "ResourceDailyAvailability", Verbs: readOnly,
			Parent: "Resources", Child: "DailyAvailabilities", ParentField: "resourceID", ChildVerbs: childUpdatable,
		},
		{
			Name: "ResourceRoleDepartments", Singular: "ResourceRoleDepartment", Verbs: readOnly,
			Parent: "Resources", Child: "RoleDepartments", ParentField: "resourceID", ChildVerbs: childWritable,
		},
		{
			Name: "ResourceRoleQueues", Singular: "ResourceRoleQueue", Verbs: readOnly,
			Parent: "Resources", Child: "RoleQueues", ParentField: "resourceID", ChildVerbs: childWritable,
		},
		{
			Name: "ResourceRoles", Singular: "ResourceRole", Verbs: readOnly,
			Parent: "Resources", Child: "Roles", ParentField: "resourceID", ChildVerbs: childReadOnly,
		},
		{
			Name: "ResourceServiceDeskRoles", Singular: "ResourceServiceDeskRole", Verbs: readOnly,
			Parent: "Resources", Child: "ServiceDeskRoles", ParentField: "resourceID", ChildVerbs: childWritable,
			Fields: resourceServiceDeskRoleFields(),
		},
		{
			Name: "ResourceSkills", Singular: "ResourceSkill", Verbs: readOnly,
			Parent: "Resources", Child: "Skills", ParentField: "resourceID", ChildVerbs: childUpdatable,
		},
		{
			Name: "ResourceTimeOffAdditional", Singular: "ResourceTimeOffAdditional", Verbs: Info,
			Parent: "Resources", Child: "TimeOffAdditional", ParentField: "resourceID", ChildVerbs: childUpdatable,
		},
		{
			Name: "ResourceTimeOffApprovers", Singular: "ResourceTimeOffApprover", Verbs: readOnly,
			Parent: "Resources", Child: "TimeOffApprovers", ParentField: "resourceID", ChildVerbs: childReadOnly,
		},
		{
			Name: "ResourceTimeOffBalances", Singular: "ResourceTimeOffBalance", Verbs: Info,
			Parent: "Resources", Child: "TimeOffBalances", ParentField: "resourceID", ChildVerbs: childReadOnly,
		},
		{Name: "Resources", Singular: "Resource", Verbs: updatable, Fields: resourceFields()},
		{Name: "Roles", Singular: "Role", Verbs: writable, Fields: roleFields()},
		{Name: "Skills", Singular: "Skill", Verbs: readOnly},
		{
			Name: "TimeOffRequests", Singular: "TimeOffRequest", Verbs: readOnly,
			Parent: "Resources", Child: "TimeOffRequests", ParentField: "resourceID", ChildVerbs: childWritable,
		},
		{
			Name: "TimeOffRequestsApprove", Singular: "TimeOffRequestApprove", Verbs: Info,
			Parent: "TimeOffRequests", Child: "Approve", ParentField: "timeOffRequestID", ChildVerbs: childReadOnly,
		},
		{
			Name: "TimeOffRequestsReject", Singular: "TimeOffRequestReject", Verbs: Info,
			Parent: "TimeOffRequests", Child: "Reject", ParentField: "timeOffRequestID", ChildVerbs: childAction,
		},
		{Name: "WorkTypeModifiers", Singular: "WorkTypeModifier", Verbs: updatable},
	}
}
