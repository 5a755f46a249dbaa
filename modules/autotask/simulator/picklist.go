package simulator

// choice is one value of a picklist.
type choice struct {
	value int64
	label string
}

// picklist returns the values that the tenant has for a field, nil where it has none and anything is taken. The values
// are those that a new tenant begins with.
func picklist(entity, field string) []choice {
	switch entity {
	case "Tickets":
		return ticketPicklist(field)
	case "TicketNotes":
		return notePicklist(field)
	case "Companies":
		return companyPicklist(field)
	case "Contacts":
		if field == "namePrefix" {
			return []choice{{1, "Mr."}, {2, "Mrs."}, {3, "Ms."}, {4, "Dr."}}
		}
	}
	return nil
}

func ticketPicklist(field string) []choice {
	switch field {
	case "status":
		return []choice{
			{1, "New"},
			{5, "Complete"},
			{7, "Waiting Customer"},
			{8, "In Progress"},
			{9, "Waiting Materials"},
			{10, "Dispatched"},
			{11, "Escalate"},
			{12, "Waiting Vendor"},
		}
	case "priority":
		return []choice{{4, "Critical"}, {1, "High"}, {2, "Medium"}, {3, "Low"}}
	case "queueID":
		return []choice{
			{5, "Client Portal"},
			{6, "Post Sale"},
			{8, "Monitoring Alert"},
			{29682833, "Level I Support"},
			{29682969, "Level II Support"},
			{29683354, "Recurring Tickets"},
		}
	case "ticketType":
		return []choice{{1, "Service Request"}, {2, "Incident"}, {3, "Problem"}, {4, "Change Request"}, {5, "Alert"}}
	case "ticketCategory":
		return []choice{{1, "AEM Alert"}, {2, "Datto Alert"}, {3, "Standard"}, {4, "RMA"}}
	case "source":
		return []choice{{-1, "Insourced"}, {1, "Other"}, {2, "Phone"}, {4, "Email"}, {6, "Website"}, {8, "Monitoring Alert"}}
	case "issueType":
		return []choice{{4, "Computer"}, {5, "Email"}, {6, "Network"}, {7, "Printer"}, {10, "Server"}, {11, "User Account"}}
	default:
		return nil
	}
}

func notePicklist(field string) []choice {
	switch field {
	case "noteType":
		return []choice{{1, "Task Summary"}, {2, "Task Detail"}, {3, "Task Notes"}, {13, "System Workflow Note"}, {18, "Client Portal Note"}}
	case "publish":
		return []choice{{1, "All Autotask Users"}, {2, "Internal Project Team"}}
	default:
		return nil
	}
}

func companyPicklist(field string) []choice {
	switch field {
	case "companyType":
		return []choice{{1, "Customer"}, {2, "Lead"}, {3, "Prospect"}, {4, "Dead"}, {6, "Cancelation"}, {7, "Vendor"}, {8, "Partner"}}
	case "classification":
		return []choice{{1, "Gold"}, {2, "Silver"}, {3, "Bronze"}}
	case "marketSegmentID":
		return []choice{{1, "Healthcare"}, {2, "Legal"}, {3, "Manufacturing"}, {4, "Retail"}, {5, "Education"}}
	case "territoryID":
		return []choice{{1, "North"}, {2, "East"}, {3, "South"}, {4, "West"}}
	default:
		return nil
	}
}
