package registry

// picks returns the values of a picklist that are known: those that a new tenant begins with. They are a guess where no
// source is given, and a tenant has changed them anyway; nil means that any value may be one.
func picks(entity, field string) []Pick {
	switch entity {
	case "Companies":
		return companyPicks(field)
	case "TicketNotes":
		return notePicks(field)
	case "Tickets":
		return ticketPicks(field)
	}
	switch field {
	case "namePrefix":
		return guessed(Pick{Value: "1", Label: "Mr."}, Pick{Value: "2", Label: "Mrs."}, Pick{Value: "3", Label: "Ms."},
			Pick{Value: "4", Label: "Dr."})
	case "attachmentType":
		return []Pick{{Value: "FILE_ATTACHMENT", Label: "File Attachment", From: Swagger}}
	default:
		return nil
	}
}

func guessed(list ...Pick) []Pick {
	for i := range list {
		if list[i].From == 0 {
			list[i].From = Guess
		}
	}
	return list
}

func companyPicks(field string) []Pick {
	switch field {
	case "companyType":
		return guessed(
			Pick{Value: "1", Label: "Customer"},
			Pick{Value: "2", Label: "Lead"},
			Pick{Value: "3", Label: "Prospect"},
			Pick{Value: "4", Label: "Dead"},
			Pick{Value: "6", Label: "Cancelation"},
			Pick{Value: "7", Label: "Vendor"},
			Pick{Value: "8", Label: "Partner"},
		)
	case "classification":
		return guessed(
			Pick{Value: "1", Label: "Gold"},
			Pick{Value: "2", Label: "Silver"},
			Pick{Value: "3", Label: "Bronze"},
		)
	case "marketSegmentID":
		return guessed(
			Pick{Value: "1", Label: "Healthcare"},
			Pick{Value: "2", Label: "Legal"},
			Pick{Value: "3", Label: "Manufacturing"},
			Pick{Value: "4", Label: "Retail"},
			Pick{Value: "5", Label: "Education"},
		)
	case "territoryID":
		return guessed(
			Pick{Value: "1", Label: "North"},
			Pick{Value: "2", Label: "East"},
			Pick{Value: "3", Label: "South"},
			Pick{Value: "4", Label: "West"},
		)
	case "billToAddressToUse":
		return []Pick{
			{Value: "1", Label: "Account Address", From: Peer},
			{Value: "2", Label: "Account Billing", From: Peer},
			{Value: "3", Label: "Parent Account", From: Peer},
			{Value: "4", Label: "Parent Account Billing", From: Peer},
		}
	default:
		return nil
	}
}

func notePicks(field string) []Pick {
	switch field {
	case "noteType":
		return guessed(
			Pick{Value: "1", Label: "Task Summary"},
			Pick{Value: "2", Label: "Task Detail"},
			Pick{Value: "3", Label: "Task Notes"},
			Pick{Value: "13", Label: "System Workflow Note"},
			Pick{Value: "18", Label: "Client Portal Note"},
		)
	case "publish":
		return guessed(
			Pick{Value: "1", Label: "All Autotask Users"},
			Pick{Value: "2", Label: "Internal Project Team"},
		)
	default:
		return nil
	}
}

func ticketPicks(field string) []Pick {
	switch field {
	case "status":
		return guessed(
			Pick{Value: "1", Label: "New"},
			Pick{Value: "5", Label: "Complete"},
			Pick{Value: "7", Label: "Waiting Customer"},
			Pick{Value: "8", Label: "In Progress"},
			Pick{Value: "9", Label: "Waiting Materials"},
			Pick{Value: "10", Label: "Dispatched"},
			Pick{Value: "11", Label: "Escalate"},
			Pick{Value: "12", Label: "Waiting Vendor"},
		)
	case "priority":
		return guessed(
			Pick{Value: "4", Label: "Critical"},
			Pick{Value: "1", Label: "High"},
			Pick{Value: "2", Label: "Medium"},
			Pick{Value: "3", Label: "Low"},
		)
	case "queueID":
		return guessed(
			Pick{Value: "5", Label: "Client Portal"},
			Pick{Value: "6", Label: "Post Sale"},
			Pick{Value: "8", Label: "Monitoring Alert"},
			Pick{Value: "29682833", Label: "Level I Support"},
			Pick{Value: "29682969", Label: "Level II Support"},
			Pick{Value: "29683354", Label: "Recurring Tickets"},
		)
	case "ticketType":
		return guessed(
			Pick{Value: "1", Label: "Service Request"},
			Pick{Value: "2", Label: "Incident"},
			Pick{Value: "3", Label: "Problem"},
			Pick{Value: "4", Label: "Change Request"},
			Pick{Value: "5", Label: "Alert"},
		)
	case "ticketCategory":
		return guessed(
			Pick{Value: "1", Label: "AEM Alert"},
			Pick{Value: "2", Label: "Datto Alert"},
			Pick{Value: "3", Label: "Standard"},
			Pick{Value: "4", Label: "RMA"},
		)
	case "source":
		return guessed(
			Pick{Value: "-1", Label: "Insourced"},
			Pick{Value: "1", Label: "Other"},
			Pick{Value: "2", Label: "Phone"},
			Pick{Value: "4", Label: "Email"},
			Pick{Value: "6", Label: "Website"},
			Pick{Value: "8", Label: "Monitoring Alert"},
		)
	case "issueType":
		return guessed(
			Pick{Value: "4", Label: "Computer"},
			Pick{Value: "5", Label: "Email"},
			Pick{Value: "6", Label: "Network"},
			Pick{Value: "7", Label: "Printer"},
			Pick{Value: "10", Label: "Server"},
			Pick{Value: "11", Label: "User Account"},
		)
	default:
		return nil
	}
}
