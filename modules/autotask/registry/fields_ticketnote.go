package registry

// ticketNoteFields are the 11 fields of a TicketNote.
func ticketNoteFields() []Field {
	return sourced(Peer, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true, Rules: Guess},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources"},
		{Name: "description", Type: String, Required: true, Length: 32000},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "impersonatorUpdaterResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "lastActivityDate", Type: DateTime, ReadOnly: true},
		{Name: "noteType", Type: Int32, Required: true, PickList: true},
		{Name: "publish", Type: Int32, Required: true, PickList: true},
		{Name: "ticketID", Type: Int32, Required: true, References: "Tickets"},
		{Name: "title", Type: String, Required: true, Length: 250, Rules: Guess},
	})
}
