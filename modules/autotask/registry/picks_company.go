package registry

func companyPicks(field string) []Pick {
	switch field {
	case "companyType":
		return []Pick{
			guess("1", "Customer"), guess("2", "Lead"), guess("3", "Prospect"), guess("4", "Dead"), guess("6", "Cancelation"),
			guess("7", "Vendor"), guess("8", "Partner"),
		}
	case "classification":
		return []Pick{guess("1", "Gold"), guess("2", "Silver"), guess("3", "Bronze")}
	case "marketSegmentID":
		return []Pick{
			guess("1", "Healthcare"), guess("2", "Legal"), guess("3", "Manufacturing"), guess("4", "Retail"),
			guess("5", "Education"),
		}
	case "territoryID":
		return []Pick{guess("1", "North"), guess("2", "East"), guess("3", "South"), guess("4", "West")}
	case "billToAddressToUse":
		return []Pick{
			{Value: "1", Label: "Account Address", From: Peer},
			{Value: "2", Label: "Account Billing", From: Peer},
			{Value: "3", Label: "Parent Account", From: Peer},
			{Value: "4", Label: "Parent Account Billing", From: Peer},
		}
	case "actionType": // of a note or a to-do
		return []Pick{
			guess("0", "Opportunity Update"), guess("1", "Phone Call"), guess("2", "Meeting"), guess("3", "General"),
			guess("4", "E-mail"),
		}
	default:
		return commonPicks(field)
	}
}
