package registry

import "slices"

func notePicks(field string) []Pick {
	switch field {
	case "noteType":
		return []Pick{
			guess("1", "Task Summary"), guess("2", "Task Detail"), guess("3", "Task Notes"), guess("13", "System Workflow Note"),
			guess("18", "Client Portal Note"),
		}
	case "publish":
		return []Pick{guess("1", "All Autotask Users"), guess("2", "Internal Project Team")}
	default:
		return nil
	}
}

func ticketPicks(field string) []Pick {
	switch field {
	case "status":
		return []Pick{
			guess("1", "New"), guess("5", "Complete"), guess("7", "Waiting Customer"), guess("8", "In Progress"),
			guess("9", "Waiting Materials"), guess("10", "Dispatched"), guess("11", "Escalate"), guess("12", "Waiting Vendor"),
		}
	case "priority":
		return []Pick{guess("4", "Critical"), guess("1", "High"), guess("2", "Medium"), guess("3", "Low")}
	case "queueID":
		return []Pick{
			guess("5", "Client Portal"), guess("6", "Post Sale"), guess("8", "Monitoring Alert"),
			guess("29682833", "Level I Support"), guess("29682969", "Level II Support"), guess("29683354", "Recurring Tickets"),
		}
	case "ticketType":
		return []Pick{
			guess("1", "Service Request"), guess("2", "Incident"), guess("3", "Problem"), guess("4", "Change Request"),
			guess("5", "Alert"),
		}
	case "ticketCategory":
		return []Pick{guess("1", "AEM Alert"), guess("2", "Datto Alert"), guess("3", "Standard"), guess("4", "RMA")}
	case "source":
		return []Pick{
			guess("-1", "Insourced"), guess("1", "Other"), guess("2", "Phone"), guess("4", "Email"), guess("6", "Website"),
			guess("8", "Monitoring Alert"),
		}
	case "issueType":
		return []Pick{
			guess("4", "Computer"), guess("5", "Email"), guess("6", "Network"), guess("7", "Printer"), guess("10", "Server"),
			guess("11", "User Account"),
		}
	case "subIssueType":
		return subIssueTypes()
	default:
		return commonPicks(field)
	}
}

// subIssueTypes are the values of subIssueType, each below one of issueType.
func subIssueTypes() []Pick {
	return slices.Concat(
		below("4", "101 Hardware", "102 Operating System", "103 Performance", "104 Application"),
		below("5", "111 Delivery", "112 Outlook", "113 Spam and Phishing", "114 Calendar"),
		below("6", "121 Internet", "122 VPN", "123 Wi-Fi", "124 Switch"),
		below("7", "131 Offline", "132 Paper Jam", "133 Driver"),
		below("10", "141 Backup", "142 Disk Space", "143 Updates", "144 Certificate"),
		below("11", "151 Password Reset", "152 New User", "153 Permissions", "154 Leaver"),
	)
}
