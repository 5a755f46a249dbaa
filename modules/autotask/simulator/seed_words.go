package simulator

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

func cities() [][2]string {
	return [][2]string{
		{"Albany", "NY"}, {"Boise", "ID"}, {"Columbus", "OH"}, {"Denver", "CO"}, {"Eugene", "OR"}, {"Fargo", "ND"}, {"Tulsa", "OK"},
	}
}

// problems returns titles of tickets with their descriptions.
func problems() [][2]string {
	return [][2]string{
		{"Printer on the second floor is offline", "The printer shows offline for all users since this morning."},
		{"Password reset requested", "User is locked out after several attempts and needs a new password."},
		{"Outlook does not open", "Outlook closes right after the splash screen."},
		{"VPN drops every few minutes", "Home office users lose the VPN connection every five to ten minutes."},
		{"New hire: laptop and accounts", "Please prepare a laptop, mailbox and badge for a new employee starting Monday."},
		{"Backup job failed", "The nightly backup of the file server failed with a volume shadow copy error."},
		{"Disk space low on file server", "Monitoring reports less than 10 % free on drive D:."},
		{"Phishing e-mail reported", "A user clicked a link in a suspicious message. Please check the account."},
		{"Wi-Fi is slow in the meeting room", "Video calls stutter when more than four people are in the room."},
		{"Shared calendar is missing", "The team calendar disappeared after the last update."},
		{"Monitor flickers", "The left monitor of the reception desk flickers after warming up."},
		{"Certificate expires in 14 days", "The certificate of the customer portal must be renewed."},
		{"Server needs a restart after updates", "Updates are installed and wait for a maintenance window."},
		{"Café terminal can't reach the payment host", "Card payments time out; “host unreachable” on the display."},
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
