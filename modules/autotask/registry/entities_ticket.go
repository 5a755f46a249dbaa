package registry

// ticketEntities are tickets, service calls and time.
func ticketEntities() []Entity {
	return []Entity{
		{Name: "ActionTypes", Singular: "ActionType", Verbs: deletable},
		{Name: "Appointments", Singular: "Appointment", Verbs: deletable},
		{Name: "AttachmentInfo", Singular: "AttachmentInfo", Verbs: readOnly, Impersonation: true, Fields: attachmentInfoFields()},
		{Name: "ChangeRequestLinks", Singular: "ChangeRequestLink", Verbs: readOnly | Create | Delete},
		{Name: "DeletedTicketActivityLogs", Singular: "DeletedTicketActivityLog", Verbs: readOnly},
		{Name: "DeletedTicketLogs", Singular: "DeletedTicketLog", Verbs: readOnly},
		{Name: "NotificationHistory", Singular: "NotificationHistory", Verbs: readOnly},
		{
			Name: "ServiceCallTaskResources", Singular: "ServiceCallTaskResource", Verbs: readOnly,
			Parent: "ServiceCallTasks", Child: "Resources", ParentField: "serviceCallTaskID", ChildVerbs: childLink,
		},
		{
			Name: "ServiceCallTasks", Singular: "ServiceCallTask", Verbs: readOnly,
			Parent: "ServiceCalls", Child: "Tasks", ParentField: "serviceCallID", ChildVerbs: childLink,
		},
		{
			Name: "ServiceCallTicketResources", Singular: "ServiceCallTicketResource", Verbs: readOnly,
			Parent: "ServiceCallTickets", Child: "Resources", ParentField: "serviceCallTicketID", ChildVerbs: childLink,
		},
		{
			Name: "ServiceCallTickets", Singular: "ServiceCallTicket", Verbs: readOnly,
			Parent: "ServiceCalls", Child: "Tickets", ParentField: "serviceCallID", ChildVerbs: childLink,
			Fields: serviceCallTicketFields(),
		},
		{Name: "ServiceCalls", Singular: "ServiceCall", Verbs: deletable, Impersonation: true, Fields: serviceCallFields()},
		{ // a client's model of it has a ticketID, and no id of an agreement
			Name: "ServiceLevelAgreementResults", Singular: "ServiceLevelAgreementResult", Verbs: readOnly,
			Parent: "ServiceLevelAgreements", Child: "Results", ParentField: "serviceLevelAgreementID", ChildVerbs: childReadOnly,
		},
		{Name: "ServiceLevelAgreements", Singular: "ServiceLevelAgreement"}, // a parent only: it has no path of its own
		{
			Name: "TicketAdditionalConfigurationItems", Singular: "TicketAdditionalConfigurationItem", Verbs: readOnly,
			Parent: "Tickets", Child: "AdditionalConfigurationItems", ParentField: "ticketID", ChildVerbs: childLink,
		},
		{
			Name: "TicketAdditionalContacts", Singular: "TicketAdditionalContact", Verbs: readOnly,
			Parent: "Tickets", Child: "AdditionalContacts", ParentField: "ticketID", ChildVerbs: childLink,
		},
		{
			Name: "TicketAttachments", Singular: "TicketAttachment", Verbs: readOnly,
			Parent: "Tickets", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: ticketAttachmentFields(),
		},
		{Name: "TicketCategories", Singular: "TicketCategory", Verbs: updatable, Fields: ticketCategoryFields()},
		{
			Name: "TicketCategoryFieldDefaults", Singular: "TicketCategoryFieldDefault", Verbs: readOnly,
			Parent: "TicketCategories", Child: "FieldDefaults", ParentField: "ticketCategoryID", ChildVerbs: childReadOnly, ParentFrom: Peer,
		},
		{
			Name: "TicketChangeRequestApprovals", Singular: "TicketChangeRequestApproval", Verbs: readOnly,
			Parent: "Tickets", Child: "ChangeRequestApprovals", ParentField: "ticketID", ChildVerbs: childLink,
		},
		{
			Name: "TicketCharges", Singular: "TicketCharge", Verbs: readOnly,
			Parent: "Tickets", Child: "Charges", ParentField: "ticketID", ChildVerbs: childDeletable,
			Fields: ticketChargeFields(),
		},
		{
			Name: "TicketChecklistItems", Singular: "TicketChecklistItem", Verbs: readOnly,
			Parent: "Tickets", Child: "ChecklistItems", ParentField: "ticketID", ChildVerbs: childDeletable,
			Fields: ticketChecklistItemFields(),
		},
		{
			Name: "TicketChecklistLibraries", Singular: "TicketChecklistLibrary", Verbs: Info | Create,
			Parent: "Tickets", Child: "ChecklistLibraries", ParentField: "ticketID", ChildVerbs: childAction,
		},
		{Name: "TicketHistory", Singular: "TicketHistory", Verbs: readOnly},
		{
			Name: "TicketNoteAttachments", Singular: "TicketNoteAttachment", Verbs: readOnly,
			Parent: "TicketNotes", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("TicketNotes"), Partial: true,
		},
		{
			Name: "TicketNotes", Singular: "TicketNote", Verbs: readOnly,
			Parent: "Tickets", Child: "Notes", ParentField: "ticketID", ChildVerbs: childWritable,
			Webhook: "TicketNoteWebhooks", Impersonation: true, Fields: ticketNoteFields(),
		},
		{
			Name: "TicketRmaCredits", Singular: "TicketRmaCredit", Verbs: readOnly,
			Parent: "Tickets", Child: "RmaCredits", ParentField: "ticketID", ChildVerbs: childDeletable,
		},
		{
			Name: "TicketSecondaryResources", Singular: "TicketSecondaryResource", Verbs: readOnly,
			Parent: "Tickets", Child: "SecondaryResources", ParentField: "ticketID", ChildVerbs: childLink,
			Fields: ticketSecondaryResourceFields(),
		},
		{
			Name: "TicketTagAssociations", Singular: "TicketTagAssociation", Verbs: readOnly,
			Parent: "Tickets", Child: "TagAssociations", ParentField: "ticketID", ChildVerbs: childLink,
		},
		{
			Name: "Tickets", Singular: "Ticket", Verbs: writable,
			UDFs: 300, Webhook: "TicketWebhooks", Impersonation: true, Fields: ticketFields(),
		},
		{Name: "TimeEntries", Singular: "TimeEntry", Verbs: deletable, Impersonation: true, Fields: timeEntryFields()},
		{
			Name: "TimeEntryAttachments", Singular: "TimeEntryAttachment", Verbs: readOnly,
			Parent: "TimeEntries", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("TimeEntries"), Partial: true,
		},
	}
}
