package registry

func projectPicks(field string) []Pick {
	switch field {
	case "projectType":
		return []Pick{
			guess("2", "Proposal"), guess("3", "Template"), guess("4", "Internal"), guess("5", "Client"),
			guess("8", "Baseline"),
		}
	case "status":
		return []Pick{
			guess("0", "Inactive"), guess("1", "New"), guess("2", "In Progress"), guess("3", "On Hold"),
			guess("4", "Change Order"), guess("5", "Complete"),
		}
	case "department":
		return departmentPicks()
	default:
		return commonPicks(field)
	}
}

func taskPicks(field string) []Pick {
	switch field {
	case "status": // the list is that of tickets
		return ticketPicks(field)
	case "priorityLabel":
		return ticketPicks("priority")
	case "taskType":
		return []Pick{guess("1", "Fixed Work"), guess("2", "Fixed Duration")}
	case "taskCategoryID":
		return []Pick{guess("1", "Standard")}
	case "departmentID":
		return departmentPicks()
	default:
		return commonPicks(field)
	}
}

// departmentPicks are the departments of a new tenant, by their ids.
func departmentPicks() []Pick {
	return []Pick{
		guess("29682885", "Administration"), guess("29683384", "Professional Services"), guess("29683385", "Service Desk"),
		guess("29683386", "Sales"),
	}
}
