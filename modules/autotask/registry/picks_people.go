package registry

func resourcePicks(field string) []Pick {
	switch field {
	case "emailTypeCode", "emailTypeCode2", "emailTypeCode3":
		return []Pick{guess("PRIMARY", "Primary"), guess("SECONDARY", "Secondary"), guess("OTHER", "Other")}
	case "resourceType":
		return []Pick{guess("Employee", "Employee"), guess("Contractor", "Contractor")}
	case "licenseType":
		return []Pick{
			guess("1", "Professional"), guess("2", "Team Member"), guess("3", "Co-managed"), guess("7", "API User"),
		}
	case "payrollType":
		return []Pick{guess("1", "Salary"), guess("2", "Hourly"), guess("3", "Contractor")}
	case "userType":
		return []Pick{
			guess("1", "System Administrator"), guess("2", "Manager"), guess("3", "User"), guess("17", "API User"),
		}
	case "dateFormat":
		return []Pick{
			guess("MM/dd/yyyy", "MM/dd/yyyy"), guess("dd/MM/yyyy", "dd/MM/yyyy"), guess("yyyy-MM-dd", "yyyy-MM-dd"),
		}
	case "timeFormat":
		return []Pick{guess("hh:mm a", "hh:mm a"), guess("HH:mm", "HH:mm")}
	case "numberFormat":
		return []Pick{guess("X,XXX.XX", "X,XXX.XX"), guess("X.XXX,XX", "X.XXX,XX")}
	default:
		return commonPicks(field)
	}
}

func definitionPicks(field string) []Pick {
	switch field {
	case "dataType":
		return []Pick{
			guess("1", "Text (Single Line)"), guess("2", "Text (Multi-Line)"), guess("3", "Number"), guess("4", "Date"),
			guess("5", "List (Single)"), guess("6", "List (Multi)"),
		}
	case "udfType":
		return []Pick{
			guess("1", "Company"), guess("2", "Contact"), guess("3", "Opportunity"), guess("4", "Sales Order"),
			guess("5", "Project"), guess("6", "Configuration Item"), guess("7", "Product"), guess("8", "Ticket"),
			guess("9", "Task"), guess("10", "Site Configuration"), guess("11", "Contract"), guess("12", "Subscription"),
		}
	case "displayFormat":
		return []Pick{guess("1", "Date"), guess("2", "Date and Time")}
	default:
		return nil
	}
}
