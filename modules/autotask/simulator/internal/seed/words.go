package seed

// problem is what a ticket is about.
type problem struct {
	title, description any // strings, boxed once
	issue, subIssue    any
	alert              bool // told by the monitoring, not by a person
}

// words are the texts that many rows share.
type words struct {
	problems []problem
	remarks  []any
	causes   []any
	resolved any
	update   any

	sources, queues, open []any // values of picklists
	alerts                any   // the queue of the monitoring
}

func newWords() words {
	return words{
		problems: problems(), remarks: boxed(remarks()), causes: boxed(causes()),
		resolved: "Resolved with the user and confirmed.", update: "Update",
		sources: boxed([]int64{2, 4, 6}), queues: boxed([]int64{5, 29682833, 29682969}), alerts: int64(8),
		open: boxed([]int64{1, 7, 8, 10, 12}),
	}
}

// boxed are the values as rows want them, so that a box is made once.
func boxed[T any](list []T) []any {
	all := make([]any, 0, len(list))
	for _, v := range list {
		all = append(all, v)
	}
	return all
}

func firstNames() []string {
	return []string{
		"Amara", "Ben", "Carla", "Deepa", "Elias", "Fatima", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Liam",
		"Maya", "Noah", "Olga", "Priya", "Quentin", "Rosa", "Samir", "Tessa", "Uma", "Viktor", "Wanda", "Yusuf",
	}
}

func lastNames() []string {
	return []string{
		"Abbott", "Brennan", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Hassan", "Ivanova", "Jensen", "Kim",
		"Lindqvist", "Moreau", "Nakamura", "O'Brien", "Patel", "Quinn", "Rossi", "Schmidt", "Tanaka", "Usman", "Vargas",
	}
}

func jobTitles() []string {
	return []string{"Office Manager", "Controller", "IT Coordinator", "Director", "Receptionist", "Operations Lead"}
}

func companyNames() []string {
	return []string{
		"Alder", "Birchwood", "Cedar Point", "Driftwood", "Eastgate", "Fairview", "Granite", "Harbor", "Ironbridge",
		"Juniper", "Kestrel", "Lakeside", "Meridian", "Northwind", "Oakmont", "Pinecrest", "Quarry Hill", "Riverside",
		"Summit", "Thornton", "Union", "Valley", "Westbrook", "Yellowstone",
	}
}

func trades() []string {
	return []string{"Dental", "Law Group", "Manufacturing", "Logistics", "Architects", "Accounting", "Foods", "Veterinary"}
}

// city is a place with its state.
type city struct{ name, state string }

func cities() []city {
	return []city{
		{"Albany", "NY"},
		{"Boise", "ID"},
		{"Columbus", "OH"},
		{"Denver", "CO"},
		{"Eugene", "OR"},
		{"Fargo", "ND"},
		{"Tulsa", "OK"},
	}
}

// problems returns what tickets are about. Issue and sub-issue are values of the picklists; alerts come from servers.
func problems() []problem {
	about := func(issue, subIssue int64, title, description string) problem {
		return problem{title: title, description: description, issue: issue, subIssue: subIssue}
	}
	alert := func(subIssue int64, title, description string) problem {
		p := about(10, subIssue, title, description)
		p.alert = true
		return p
	}
	return []problem{
		about(7, 131, "Printer on the second floor is offline", "The printer shows offline since this morning."),
		about(11, 151, "Password reset requested", "User is locked out after several attempts and needs a new password."),
		about(5, 112, "Outlook does not open", "Outlook closes right after the splash screen."),
		about(6, 122, "VPN drops every few minutes", "Home office users lose the VPN connection every five to ten minutes."),
		about(11, 152, "New hire: laptop and accounts", "Please prepare a laptop, mailbox and badge for a new employee."),
		alert(141, "Backup job failed", "The nightly backup of the file server failed with a volume shadow copy error."),
		alert(142, "Disk space low on file server", "Monitoring reports less than 10 % free on drive D:."),
		about(5, 113, "Phishing e-mail reported", "A user clicked a link in a suspicious message. Please check the account."),
		about(6, 123, "Wi-Fi is slow in the meeting room", "Video calls stutter when more than four people are in the room."),
		about(5, 114, "Shared calendar is missing", "The team calendar disappeared after the last update."),
		about(4, 101, "Monitor flickers", "The left monitor of the reception desk flickers after warming up."),
		alert(144, "Certificate expires in 14 days", "The certificate of the customer portal must be renewed."),
		alert(143, "Server needs a restart after updates", "Updates are installed and wait for a maintenance window."),
		about(6, 121, "Café terminal can't reach the payment host", "Payments time out; “host unreachable” on the display."),
	}
}

// remarks returns what engineers write.
func remarks() []string {
	return []string{
		"Called the user and agreed on a time for a remote session.",
		"Checked the event log; the service restarted twice during the night.",
		"Replaced the cable and tested for ten minutes without an error.",
		"Waiting for the vendor's answer.",
		"Reset the password and confirmed that the sign-in works.",
		"Installed the update and restarted the machine.",
		"User confirmed that everything works again.",
	}
}

// checklist returns the steps that some tickets have.
func checklist() []string {
	return []string{"Confirm with the user", "Document the change", "Close the ticket"}
}
