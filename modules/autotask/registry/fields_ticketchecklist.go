package registry

// ticketChecklistItemFields are the 9 fields of a TicketChecklistItem.
func ticketChecklistItemFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "completedByResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "completedDateTime", Type: DateTime, ReadOnly: true},
		{Name: "isCompleted", Type: Boolean},
		{Name: "isImportant", Type: Boolean},
		{Name: "itemName", Type: String, Required: true, Length: 255},
		{Name: "knowledgebaseArticleID", Type: Int32, References: "KnowledgeBaseArticles"},
		{Name: "position", Type: Int32},
		{Name: "ticketID", Type: Int32, Required: true, References: "Tickets"},
	})
}
