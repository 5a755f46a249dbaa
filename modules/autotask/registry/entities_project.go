package registry

// projectEntities are projects and tasks.
func projectEntities() []Entity {
	return []Entity{
		{Name: "DeletedTaskActivityLogs", Singular: "DeletedTaskActivityLog", Verbs: readOnly},
		{
			Name: "Phases", Singular: "Phase", Verbs: readOnly,
			Parent: "Projects", Child: "Phases", ParentField: "projectID", ChildVerbs: childWritable,
			Fields: phaseFields(),
		},
		{
			Name: "ProjectAttachments", Singular: "ProjectAttachment", Verbs: readOnly,
			Parent: "Projects", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("Projects"), Partial: true,
		},
		{
			Name: "ProjectCharges", Singular: "ProjectCharge", Verbs: readOnly,
			Parent: "Projects", Child: "Charges", ParentField: "projectID", ChildVerbs: childDeletable,
			Fields: projectChargeFields(),
		},
		{
			Name: "ProjectNoteAttachments", Singular: "ProjectNoteAttachment", Verbs: readOnly,
			Parent: "ProjectNotes", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("ProjectNotes"), Partial: true,
		},
		{
			Name: "ProjectNotes", Singular: "ProjectNote", Verbs: readOnly,
			Parent: "Projects", Child: "Notes", ParentField: "projectID", ChildVerbs: childWritable,
			Impersonation: true,
			Fields:        projectNoteFields(),
		},
		{Name: "Projects", Singular: "Project", Verbs: writable, UDFs: 200, Impersonation: true, Fields: projectFields()},
		{
			Name: "TaskAttachments", Singular: "TaskAttachment", Verbs: readOnly,
			Parent: "Tasks", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("Tasks"), Partial: true,
		},
		{
			Name: "TaskNoteAttachments", Singular: "TaskNoteAttachment", Verbs: readOnly,
			Parent: "TaskNotes", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("TaskNotes"), Partial: true,
		},
		{
			Name: "TaskNotes", Singular: "TaskNote", Verbs: writable,
			Parent: "Tasks", Child: "Notes", ParentField: "taskID", ChildVerbs: childWritable,
			Impersonation: true,
			Fields:        taskNoteFields(),
		},
		{
			Name: "TaskPredecessors", Singular: "TaskPredecessor", Verbs: readOnly,
			Parent: "Tasks", Child: "Predecessors", ParentField: "successorTaskID", ChildVerbs: childDeletable,
		},
		{
			Name: "TaskSecondaryResources", Singular: "TaskSecondaryResource", Verbs: readOnly,
			Parent: "Tasks", Child: "SecondaryResources", ParentField: "taskID", ChildVerbs: childLink,
		},
		{
			Name: "Tasks", Singular: "Task", Verbs: readOnly,
			Parent: "Projects", Child: "Tasks", ParentField: "projectID", ChildVerbs: childWritable,
			UDFs: 100, Fields: taskFields(),
		},
	}
}
