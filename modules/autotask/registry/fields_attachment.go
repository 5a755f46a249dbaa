package registry

// attachmentFields are the 13 fields that every kind of attachment has.
func attachmentFields(parent string) []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "attachDate", Type: DateTime, ReadOnly: true},
		{Name: "attachedByContactID", Type: Int64, ReadOnly: true, References: "Contacts"},
		{Name: "attachedByResourceID", Type: Int64, ReadOnly: true, References: "Resources"},
		{Name: "attachmentType", Type: String, Required: true, PickList: true},
		{Name: "contentType", Type: String, ReadOnly: true},
		{Name: "fileSize", Type: Double, ReadOnly: true, NotQueryable: true},
		{Name: "fullPath", Type: String, Required: true},
		{Name: "title", Type: String, Required: true},
		{Name: "publish", Type: Int32, Required: true, PickList: true},
		{Name: "parentID", Type: Int64, Required: true, References: parent},
		{Name: "parentType", Type: Int32, ReadOnly: true, PickList: true},
		// Only a read of one attachment below its parent gives the data.
		{Name: "data", Type: String, Base64: true, NotQueryable: true},
	})
}

// ticketAttachmentFields are the 16 fields of a TicketAttachment.
func ticketAttachmentFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "attachDate", Type: DateTime, ReadOnly: true},
		{Name: "attachedByContactID", Type: Int64, ReadOnly: true, References: "Contacts"},
		{Name: "attachedByResourceID", Type: Int64, ReadOnly: true, References: "Resources"},
		{Name: "attachmentType", Type: String, Required: true, PickList: true},
		{Name: "contentType", Type: String, ReadOnly: true},
		{Name: "fileSize", Type: Double, ReadOnly: true, NotQueryable: true},
		{Name: "fullPath", Type: String, Required: true},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "opportunityID", Type: Int64, ReadOnly: true, References: "Opportunities"},
		{Name: "parentID", Type: Int64, Required: true, References: "Tickets"},
		{Name: "publish", Type: Int32, Required: true, PickList: true},
		{Name: "title", Type: String, Required: true},
		{Name: "data", Type: String, Base64: true, NotQueryable: true},
		{Name: "parentType", Type: Int32, ReadOnly: true, PickList: true},
		{Name: "isTaskAttachment", Type: Boolean, ReadOnly: true},
	})
}

// attachmentInfoFields are the 14 fields of an AttachmentInfo, the catalogue of all attachments. Its parentID is an id of
// the entity that parentType says.
func attachmentInfoFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "attachDate", Type: DateTime, ReadOnly: true},
		{Name: "attachedByContactID", Type: Int64, ReadOnly: true, References: "Contacts"},
		{Name: "attachedByResourceID", Type: Int64, ReadOnly: true, References: "Resources"},
		{Name: "attachmentType", Type: String, ReadOnly: true, PickList: true},
		{Name: "contentType", Type: String, ReadOnly: true},
		{Name: "fileSize", Type: Double, ReadOnly: true, NotQueryable: true},
		{Name: "fullPath", Type: String, ReadOnly: true},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "opportunityID", Type: Int64, ReadOnly: true, References: "Opportunities"},
		{Name: "parentID", Type: Int64, ReadOnly: true},
		{Name: "parentType", Type: Int32, ReadOnly: true, PickList: true},
		{Name: "publish", Type: Int32, ReadOnly: true, PickList: true},
		{Name: "title", Type: String, ReadOnly: true},
	})
}
