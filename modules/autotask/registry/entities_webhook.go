package registry

// webhookEntities are the webhooks and what hangs below them.
func webhookEntities() []Entity {
	return []Entity{
		{
			Name: "CompanyWebhookExcludedResources", Singular: "CompanyWebhookExcludedResource", Verbs: readOnly,
			Parent: "CompanyWebhooks", Child: "ExcludedResources", ParentField: "webhookID", ChildVerbs: childLink,
			Fields: webhookExcludedResourceFields("CompanyWebhooks"),
		},
		{
			Name: "CompanyWebhookFields", Singular: "CompanyWebhookField", Verbs: readOnly,
			Parent: "CompanyWebhooks", Child: "Fields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookFieldFields("CompanyWebhooks"),
		},
		{
			Name: "CompanyWebhookUdfFields", Singular: "CompanyWebhookUdfField", Verbs: readOnly,
			Parent: "CompanyWebhooks", Child: "UdfFields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookUDFFieldFields("CompanyWebhooks"),
		},
		{Name: "CompanyWebhooks", Singular: "CompanyWebhook", Verbs: deletable, Fields: webhookFields()},
		{
			Name: "ConfigurationItemWebhookExcludedResources", Singular: "ConfigurationItemWebhookExcludedResource", Verbs: readOnly,
			Parent: "ConfigurationItemWebhooks", Child: "ExcludedResources", ParentField: "webhookID", ChildVerbs: childLink,
			Fields: webhookExcludedResourceFields("ConfigurationItemWebhooks"),
		},
		{
			Name: "ConfigurationItemWebhookFields", Singular: "ConfigurationItemWebhookField", Verbs: readOnly,
			Parent: "ConfigurationItemWebhooks", Child: "Fields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookFieldFields("ConfigurationItemWebhooks"),
		},
		{
			Name: "ConfigurationItemWebhookUdfFields", Singular: "ConfigurationItemWebhookUdfField", Verbs: readOnly,
			Parent: "ConfigurationItemWebhooks", Child: "UdfFields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookUDFFieldFields("ConfigurationItemWebhooks"),
		},
		{Name: "ConfigurationItemWebhooks", Singular: "ConfigurationItemWebhook", Verbs: deletable, Fields: webhookFields()},
		{
			Name: "ContactWebhookExcludedResources", Singular: "ContactWebhookExcludedResource", Verbs: readOnly,
			Parent: "ContactWebhooks", Child: "ExcludedResources", ParentField: "webhookID", ChildVerbs: childLink,
			Fields: webhookExcludedResourceFields("ContactWebhooks"),
		},
		{
			Name: "ContactWebhookFields", Singular: "ContactWebhookField", Verbs: readOnly,
			Parent: "ContactWebhooks", Child: "Fields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookFieldFields("ContactWebhooks"),
		},
		{
			Name: "ContactWebhookUdfFields", Singular: "ContactWebhookUdfField", Verbs: readOnly,
			Parent: "ContactWebhooks", Child: "UdfFields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookUDFFieldFields("ContactWebhooks"),
		},
		{Name: "ContactWebhooks", Singular: "ContactWebhook", Verbs: deletable, Fields: webhookFields()},
		{
			Name: "TicketNoteWebhookExcludedResources", Singular: "TicketNoteWebhookExcludedResource", Verbs: readOnly,
			Parent: "TicketNoteWebhooks", Child: "ExcludedResources", ParentField: "webhookID", ChildVerbs: childLink,
			Fields: webhookExcludedResourceFields("TicketNoteWebhooks"),
		},
		{
			Name: "TicketNoteWebhookFields", Singular: "TicketNoteWebhookField", Verbs: readOnly,
			Parent: "TicketNoteWebhooks", Child: "Fields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookFieldFields("TicketNoteWebhooks"),
		},
		{Name: "TicketNoteWebhooks", Singular: "TicketNoteWebhook", Verbs: deletable, Fields: webhookFields()},
		{
			Name: "TicketWebhookExcludedResources", Singular: "TicketWebhookExcludedResource", Verbs: readOnly,
			Parent: "TicketWebhooks", Child: "ExcludedResources", ParentField: "webhookID", ChildVerbs: childLink,
			Fields: webhookExcludedResourceFields("TicketWebhooks"),
		},
		{
			Name: "TicketWebhookFields", Singular: "TicketWebhookField", Verbs: readOnly,
			Parent: "TicketWebhooks", Child: "Fields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookFieldFields("TicketWebhooks"),
		},
		{
			Name: "TicketWebhookUdfFields", Singular: "TicketWebhookUdfField", Verbs: readOnly,
			Parent: "TicketWebhooks", Child: "UdfFields", ParentField: "webhookID", ChildVerbs: childDeletable,
			Fields: webhookUDFFieldFields("TicketWebhooks"),
		},
		{Name: "TicketWebhooks", Singular: "TicketWebhook", Verbs: deletable, Fields: webhookFields()},
		{
			Name: "WebhookEventErrorLogs", Singular: "WebhookEventErrorLog", Verbs: readOnly | Delete,
			Fields: webhookEventErrorLogFields(),
		},
	}
}
