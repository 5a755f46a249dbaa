package registry

// serviceCallFields are the 16 fields of a ServiceCall.
func serviceCallFields() []Field {
	return sourced(Peer, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "cancelationNoticeHours", Type: Double, ReadOnly: true},
		{Name: "canceledByResourceID", Type: Int32, References: "Resources", Rules: Guess},
		{Name: "canceledDateTime", Type: DateTime},
		{Name: "companyID", Type: Int32, Required: true, References: "Companies"},
		{Name: "companyLocationID", Type: Int32, References: "CompanyLocations"},
		{Name: "createDateTime", Type: DateTime, ReadOnly: true},
		{Name: "creatorResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "description", Type: String, Length: 2000},
		{Name: "duration", Type: Double, ReadOnly: true},
		{Name: "endDateTime", Type: DateTime, Required: true},
		{Name: "impersonatorCreatorResourceID", Type: Int32, ReadOnly: true, References: "Resources", Rules: Guess},
		{Name: "isComplete", Type: Int32},
		{Name: "lastModifiedDateTime", Type: DateTime, ReadOnly: true},
		{Name: "startDateTime", Type: DateTime, Required: true},
		{Name: "status", Type: Int32, PickList: true},
	})
}

// serviceCallTicketFields are the 3 fields of a ServiceCallTicket: a ticket that is worked on in a service call.
func serviceCallTicketFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "serviceCallID", Type: Int32, Required: true, References: "ServiceCalls"},
		{Name: "ticketID", Type: Int32, Required: true, References: "Tickets"},
	})
}
