package registry

// companyEntities are companies, contacts and what a tenant shares with them.
func companyEntities() []Entity {
	return []Entity{
		{
			Name: "AccountInvoiceSettings", Singular: "AccountInvoiceSettings",
			Parent: "Companies", Child: "invoiceSettings", ParentField: "companyID", ChildVerbs: Get | Put,
		},
		{Name: "ClassificationIcons", Singular: "ClassificationIcon", Verbs: readOnly},
		{Name: "ClientPortalUsers", Singular: "ClientPortalUser", Verbs: writable},
		{Name: "ComanagedAssociations", Singular: "ComanagedAssociation", Verbs: deletable},
		{
			Name: "Companies", Singular: "Company", Verbs: writable,
			UDFs: 200, Webhook: "CompanyWebhooks", Impersonation: true, Fields: companyFields(),
		},
		{
			Name: "CompanyAlerts", Singular: "CompanyAlert", Verbs: readOnly,
			Parent: "Companies", Child: "Alerts", ParentField: "companyID", ChildVerbs: childDeletable,
		},
		{
			Name: "CompanyAttachments", Singular: "CompanyAttachment", Verbs: readOnly,
			Parent: "Companies", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("Companies"), Partial: true,
		},
		{Name: "CompanyCategories", Singular: "CompanyCategory", Verbs: updatable},
		{
			Name: "CompanyLocations", Singular: "CompanyLocation", Verbs: readOnly,
			Parent: "Companies", Child: "Locations", ParentField: "companyID", ChildVerbs: childDeletable,
			Fields: companyLocationFields(),
		},
		{
			Name: "CompanyNoteAttachments", Singular: "CompanyNoteAttachment", Verbs: readOnly,
			Parent: "CompanyNotes", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Impersonation: true, Fields: attachmentFields("CompanyNotes"), Partial: true,
		},
		{
			Name: "CompanyNotes", Singular: "CompanyNote", Verbs: readOnly,
			Parent: "Companies", Child: "Notes", ParentField: "companyID", ChildVerbs: childWritable,
			Impersonation: true,
			Fields:        companyNoteFields(),
		},
		{
			Name: "CompanySiteConfigurations", Singular: "CompanySiteConfiguration", Verbs: readOnly,
			Parent: "Companies", Child: "SiteConfigurations", ParentField: "companyID", ChildVerbs: childUpdatable,
			UDFs: 500,
		},
		{
			Name: "CompanyTeams", Singular: "CompanyTeam", Verbs: readOnly,
			Parent: "Companies", Child: "Teams", ParentField: "companyID", ChildVerbs: childLink,
		},
		{
			Name: "CompanyToDos", Singular: "CompanyToDo", Verbs: readOnly,
			Parent: "Companies", Child: "ToDos", ParentField: "companyID", ChildVerbs: childDeletable,
			Impersonation: true,
			Fields:        companyToDoFields(),
		},
		{
			Name: "ContactBillingProductAssociations", Singular: "ContactBillingProductAssociation", Verbs: readOnly,
			Parent: "Contacts", Child: "BillingProductAssociations", ParentField: "contactID", ChildVerbs: childDeletable,
		},
		{
			Name: "ContactGroupContacts", Singular: "ContactGroupContact", Verbs: readOnly,
			Parent: "ContactGroups", Child: "Contacts", ParentField: "contactGroupID", ChildVerbs: childLink,
		},
		{Name: "ContactGroups", Singular: "ContactGroup", Verbs: deletable},
		{
			Name: "Contacts", Singular: "Contact", Verbs: readOnly,
			Parent: "Companies", Child: "Contacts", ParentField: "companyID", ChildVerbs: childDeletable,
			UDFs: 100, Webhook: "ContactWebhooks", Impersonation: true, Fields: contactFields(),
		},
		{Name: "Countries", Singular: "Country", Verbs: updatable, Fields: countryFields()},
		{Name: "SurveyResults", Singular: "SurveyResult", Verbs: readOnly},
		{Name: "Surveys", Singular: "Survey", Verbs: readOnly},
	}
}
