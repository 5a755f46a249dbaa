package registry

// ticketSecondaryResourceFields are the 4 fields of a TicketSecondaryResource: one more resource on a ticket, in a
// role.
func ticketSecondaryResourceFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "resourceID", Type: Int64, Required: true, References: "Resources"},
		{Name: "roleID", Type: Int64, Required: true, References: "Roles"},
		{Name: "ticketID", Type: Int64, Required: true, References: "Tickets"},
	})
}
