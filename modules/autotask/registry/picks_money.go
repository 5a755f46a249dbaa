package registry

func contractPicks(field string) []Pick {
	switch field {
	case "status":
		return []Pick{guess("0", "Inactive"), guess("1", "Active")}
	case "contractType":
		return []Pick{
			guess("1", "Time and Materials"), guess("3", "Fixed Price"), guess("4", "Block Hours"), guess("6", "Retainer"),
			guess("7", "Recurring Service"), guess("8", "Per Ticket"),
		}
	case "contractCategory":
		return []Pick{guess("1", "Managed Services"), guess("2", "Project"), guess("3", "Hosting")}
	case "contractPeriodType":
		return periodPicks()
	case "billingPreference":
		return []Pick{
			guess("1", "Immediately Without Review"), guess("2", "Immediately"), guess("3", "On Timesheet Approval"),
		}
	case "timeReportingRequiresStartAndStopTimes":
		return []Pick{guess("0", "No"), guess("1", "Yes")}
	default:
		return commonPicks(field)
	}
}

func opportunityPicks(field string) []Pick {
	switch field {
	case "status":
		return []Pick{
			guess("0", "Not Ready To Buy"), guess("1", "Active"), guess("2", "Lost"), guess("3", "Closed"),
			guess("4", "Implemented"),
		}
	case "stage":
		return []Pick{
			guess("1", "Qualification"), guess("2", "Needs Analysis"), guess("3", "Proposal"), guess("4", "Negotiation"),
			guess("5", "Won"), guess("6", "Lost"),
		}
	case "leadSource":
		return []Pick{guess("1", "Web Site"), guess("2", "Referral"), guess("3", "Trade Show"), guess("4", "Cold Call")}
	case "rating":
		return []Pick{guess("1", "Hot"), guess("2", "Warm"), guess("3", "Cold")}
	case "revenueSpreadUnit":
		return []Pick{guess("d", "Days"), guess("m", "Months"), guess("q", "Quarters"), guess("y", "Years")}
	default:
		return commonPicks(field)
	}
}

func quotePicks(field string) []Pick {
	switch field {
	case "quoteItemType":
		return []Pick{
			guess("1", "Product"), guess("2", "Charge"), guess("3", "Labor"), guess("4", "Expense"), guess("6", "Shipping"),
			guess("10", "Discount"), guess("11", "Service"), guess("12", "Service Bundle"), guess("13", "Contract Setup"),
		}
	case "periodType":
		return []Pick{
			guess("1", "One-Time"), guess("2", "Monthly"), guess("3", "Quarterly"), guess("4", "Semi-Annual"),
			guess("5", "Yearly"),
		}
	case "paymentTerm":
		return []Pick{guess("1", "Net 30 Days"), guess("2", "Net 10 Days"), guess("3", "Due on Receipt")}
	case "approvalStatus":
		return []Pick{
			guess("1", "Not Submitted"), guess("2", "Submitted"), guess("3", "Approved"), guess("4", "Rejected"),
		}
	default:
		return commonPicks(field)
	}
}

// sellingPicks are the lists of what is sold: products, services, charges and the codes that they are billed by.
func sellingPicks(field string) []Pick {
	switch field {
	case "useType": // of a billing code
		return []Pick{
			guess("1", "General Allocation Code"), guess("2", "Internal Allocation Code"), guess("3", "Material Code"),
			guess("4", "Expense Category"), guess("5", "Recurring Contract Service"), guess("6", "Milestone Code"),
		}
	case "billingCodeType":
		return []Pick{guess("0", "Normal"), guess("1", "System"), guess("2", "Non-Billable")}
	case "productCategory":
		return []Pick{guess("1", "Hardware"), guess("2", "Software"), guess("3", "Network"), guess("4", "Consumables")}
	case "billingType":
		return []Pick{guess("1", "Priority Billing"), guess("2", "Standard Billing")}
	case "priceCostMethod":
		return []Pick{guess("1", "Fixed"), guess("2", "Markup"), guess("3", "Discount")}
	case "periodType":
		return periodPicks()
	case "chargeType":
		return []Pick{guess("1", "Operational"), guess("2", "Capitalized")}
	case "status": // of a charge
		return []Pick{
			guess("1", "Need to Order"), guess("2", "On Order"), guess("6", "Pending"), guess("7", "Delivered"),
			guess("8", "Canceled"),
		}
	default:
		return commonPicks(field)
	}
}

func periodPicks() []Pick {
	return []Pick{
		guess("1", "One-Time"), guess("2", "Monthly"), guess("3", "Quarterly"), guess("4", "Semi-Annual"),
		guess("5", "Yearly"),
	}
}
