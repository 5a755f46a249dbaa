package registry

import "strings"

// picks returns the values of a picklist that are known: those that a new tenant begins with. They are a guess where no
// source is given, and a tenant has changed them anyway; nil means that any value may be one.
func picks(entity, field string) []Pick {
	switch entity {
	case "Companies", "CompanyNotes", "CompanyToDos":
		return companyPicks(field)
	case "ProjectNotes", "TaskNotes", "TicketNotes", "ConfigurationItemNotes":
		return notePicks(field)
	case "Tickets":
		return ticketPicks(field)
	case "Projects":
		return projectPicks(field)
	case "Tasks":
		return taskPicks(field)
	case "Contracts":
		return contractPicks(field)
	case "Opportunities":
		return opportunityPicks(field)
	case "Quotes", "QuoteItems":
		return quotePicks(field)
	case "BillingCodes", "ContractCharges", "Products", "ProjectCharges", "Services", "TicketCharges":
		return sellingPicks(field)
	case "Resources":
		return resourcePicks(field)
	case "UserDefinedFieldDefinitions":
		return definitionPicks(field)
	default:
		return commonPicks(field)
	}
}

// commonPicks are the values of lists that have the same name wherever they occur.
func commonPicks(field string) []Pick {
	switch field {
	case "namePrefix":
		return []Pick{guess("1", "Mr."), guess("2", "Mrs."), guess("3", "Ms."), guess("4", "Dr.")}
	case "nameSuffix":
		return []Pick{guess("1", "Jr."), guess("2", "Sr."), guess("3", "II"), guess("4", "III")}
	case "attachmentType":
		return []Pick{{Value: "FILE_ATTACHMENT", Label: "File Attachment", From: Swagger}}
	case "publish":
		return notePicks(field)
	case "serviceLevelAgreementID":
		return []Pick{guess("1", "Standard"), guess("2", "Premium"), guess("3", "Server")}
	case "creatorType", "completedByType", "lastActivityPersonType":
		return []Pick{guess("1", "Resource"), guess("2", "Contact")}
	case "configurationItemType":
		return []Pick{
			guess("1", "Workstation"), guess("2", "Server"), guess("3", "Printer"), guess("4", "Firewall"),
			guess("5", "Network Switch"), guess("6", "Backup Appliance"),
		}
	case "timeEntryType":
		return []Pick{guess("2", "IT Service Request"), guess("6", "Project Task"), guess("10", "Regular Time")}
	case "status": // of a service call
		return []Pick{guess("1", "New"), guess("2", "Complete"), guess("3", "Canceled"), guess("4", "Confirmed")}
	default:
		return nil
	}
}

// guess is a value that nobody says.
func guess(value, label string) Pick { return Pick{Value: value, Label: label, From: Guess} }

// below are values that belong to one of the parent list, each written "value label".
func below(parent string, list ...string) []Pick {
	all := make([]Pick, 0, len(list))
	for _, one := range list {
		value, label, _ := strings.Cut(one, " ")
		all = append(all, Pick{Value: value, Label: label, Parent: parent, From: Guess})
	}
	return all
}
