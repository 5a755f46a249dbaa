package registry

// entities is the table, sorted by name. Source: the operation list of the API's own description (August 2026).
func entities() []Entity {
	const (
		readOnly = Query | Info | Get
		noDelete = readOnly | Create | Patch | Put
		child    = Info | Get | Create | Patch | Put
	)
	return []Entity{
		{Name: "Companies", Singular: "Company", Verbs: noDelete, Fields: companyFields()},
		{
			Name: "Contacts", Singular: "Contact", Verbs: readOnly, Fields: contactFields(),
			Parent: "Companies", Child: "Contacts", ParentField: "companyID", ChildVerbs: child | Delete,
		},
		{Name: "Resources", Singular: "Resource", Verbs: readOnly | Patch | Put, Fields: resourceFields()},
		{
			Name: "TicketNotes", Singular: "TicketNote", Verbs: readOnly, Fields: ticketNoteFields(),
			Parent: "Tickets", Child: "Notes", ParentField: "ticketID", ChildVerbs: child,
		},
		{Name: "Tickets", Singular: "Ticket", Verbs: noDelete, Fields: ticketFields()},
		{Name: "TimeEntries", Singular: "TimeEntry", Verbs: noDelete | Delete, Fields: timeEntryFields()},
	}
}
