package registry

// webhookFields are the 14 fields of a CompanyWebhook; the other four kinds of webhook have the same.
func webhookFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "deactivationUrl", Type: String, Required: true, Length: 500, Rules: Official},
		{Name: "isActive", Type: Boolean},
		{Name: "isReady", Type: Boolean, ReadOnly: true},
		{Name: "isSubscribedToCreateEvents", Type: Boolean},
		{Name: "isSubscribedToDeleteEvents", Type: Boolean},
		{Name: "isSubscribedToUpdateEvents", Type: Boolean},
		{Name: "name", Type: String, Required: true, Length: 50},
		{Name: "notificationEmailAddress", Type: String, Length: 150, Rules: Official},
		{Name: "ownerResourceID", Type: Int32, References: "Resources"},
		{Name: "secretKey", Type: String, Length: 64, Rules: Official},
		{Name: "sendThresholdExceededNotification", Type: Boolean},
		{Name: "webhookGUID", Type: String, ReadOnly: true},
		{Name: "webhookUrl", Type: String, Required: true, Length: 500, Rules: Official},
	})
}

// webhookFieldFields are the 5 fields of a webhook's field.
func webhookFieldFields(webhook string) []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "fieldID", Type: Int32, Required: true, PickList: true},
		{Name: "isDisplayAlwaysField", Type: Boolean},
		{Name: "isSubscribedField", Type: Boolean},
		{Name: "webhookID", Type: Int32, Required: true, References: webhook},
	})
}

// webhookUDFFieldFields are the 5 fields of a webhook's user-defined field.
func webhookUDFFieldFields(webhook string) []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "isDisplayAlwaysField", Type: Boolean, From: Official},
		{Name: "isSubscribedField", Type: Boolean, From: Official},
		{Name: "udfFieldID", Type: Int32, Required: true, PickList: true, From: Official},
		{Name: "webhookID", Type: Int32, Required: true, References: webhook, From: Official},
	})
}

// webhookExcludedResourceFields are the 3 fields of a resource whose changes a webhook does not tell.
func webhookExcludedResourceFields(webhook string) []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "resourceID", Type: Int32, Required: true, References: "Resources"},
		{Name: "webhookID", Type: Int32, Required: true, References: webhook},
	})
}

// webhookEventErrorLogFields are the 7 fields of a WebhookEventErrorLog.
func webhookEventErrorLogFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "accountWebhookID", Type: Int32, ReadOnly: true, References: "CompanyWebhooks"},
		{Name: "contactWebhookID", Type: Int32, ReadOnly: true, References: "ContactWebhooks"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "errorMessage", Type: String, ReadOnly: true},
		{Name: "payload", Type: String, ReadOnly: true},
		{Name: "sequenceNumber", Type: Int32, ReadOnly: true},
	})
}
