package simulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The generated history begins here and ends two years later, whatever the day: the same seed gives the same tenant.
const (
	seedYear  = 2024
	seedSpan  = 2 * 365 * 24 * time.Hour
	resources = 12
)

// ticketNumber returns the next number of its day, T20240115.0001.
func (t *table) ticketNumber(at stamp) string {
	day := time.UnixMilli(int64(at)).UTC().Format("20060102")
	t.days[day]++
	return fmt.Sprintf("T%s.%04d", day, t.days[day])
}

// seeder generates a tenant.
type seeder struct {
	*rand.Rand
	tables    map[string]*table
	start     time.Time
	companies []int64
	contacts  map[int64][]int64 // by company
}

func seedTables(tables map[string]*table, cfg Config) {
	s := &seeder{
		Rand:     rand.New(rand.NewPCG(cfg.Seed, 0x686f6c6466617374)), //nolint:gosec // made to be repeated, not to be secret
		tables:   tables,
		start:    time.Date(seedYear, time.January, 1, 0, 0, 0, 0, time.UTC),
		contacts: map[int64][]int64{},
	}
	s.resources()
	s.people(min(max(cfg.Tickets/30, 10), 20_000))
	s.tickets(cfg.Tickets)
}

// fields is a record in the making, by name.
type fields map[string]any

func (s *seeder) place(entity string, id int64, f fields) {
	t := s.tables[entity]
	vals := make([]any, len(t.entity.Fields))
	for name, v := range f {
		t.set(vals, name, v)
	}
	t.place(id, vals)
}

func (s *seeder) resources() {
	for i := range resources {
		first, last := firstNames()[i], lastNames()[i]
		s.place("Resources", apiResource+int64(i), fields{
			"firstName": first, "lastName": last, "isActive": true,
			"email":    strings.ToLower(first+"."+last) + "@holdfast-demo.example",
			"userName": strings.ToLower(first[:1] + last), "emailTypeCode": "PRIMARY", "resourceType": "Employee",
			"locationID": int64(1), "title": "Service Engineer", "initials": first[:1] + last[:1],
		})
	}
}

// people makes the tenant's own company, id 0, and n others with their contacts.
func (s *seeder) people(n int) {
	s.company(0, "Holdfast Demo MSP", "US")
	for i := range n {
		name := companyNames()[i%len(companyNames())] + " " + trades()[i/len(companyNames())%len(trades())]
		if round := i / len(companyNames()) / len(trades()); round > 0 {
			name = fmt.Sprintf("%s %d", name, round+1)
		}
		s.company(int64(174+i), name, strings.ToUpper(name[:2]))
	}
}

func (s *seeder) company(id int64, name, number string) {
	created := s.start.Add(-time.Duration(s.IntN(3000)) * time.Hour)
	domain := strings.ToLower(strings.ReplaceAll(name, " ", "-")) + ".example"
	city := s.IntN(len(cities()))
	s.place("Companies", id, fields{
		"companyName": name, "companyNumber": fmt.Sprintf("%s-%05d", number, id), "companyType": int64(1),
		"ownerResourceID": s.resource(), "phone": s.phone(), "isActive": true, "isClientPortalActive": false,
		"isTaxExempt": false, "classification": int64(1 + s.IntN(3)), "marketSegmentID": int64(1 + s.IntN(5)),
		"territoryID": int64(1 + s.IntN(4)), "address1": fmt.Sprintf("%d Main Street", 1+s.IntN(999)),
		"city": cities()[city][0], "state": cities()[city][1], "postalCode": fmt.Sprintf("%05d", 10_000+s.IntN(80_000)),
		"webAddress": "https://www." + domain, "createDate": stampOf(created), "createdByResourceID": s.resource(),
		"lastActivityDate": stampOf(s.moment()), "lastTrackedModifiedDateTime": stampOf(s.moment()),
	})
	s.companies = append(s.companies, id)
	for range 1 + s.IntN(5) {
		s.contact(id, domain)
	}
}

func (s *seeder) contact(company int64, domain string) {
	id := s.tables["Contacts"].last + 1
	if id == 1 {
		id = 30_682_885
	}
	first, last := pick(s, firstNames()), pick(s, lastNames())
	changed := stampOf(s.moment())
	s.place("Contacts", id, fields{
		"companyID": company, "firstName": first, "lastName": last, "isActive": int64(1),
		"emailAddress": fmt.Sprintf("%s.%s.%d@%s", strings.ToLower(first), strings.ToLower(last), id%1000, domain),
		"phone":        s.phone(), "title": pick(s, jobTitles()), "createDate": stampOf(s.start),
		"primaryContact": len(s.contacts[company]) == 0, "receivesEmailNotifications": true,
		"lastActivityDate": changed, "lastModifiedDate": changed,
	})
	s.contacts[company] = append(s.contacts[company], id)
}

// tickets makes n tickets in the order of their dates, with notes and time entries.
func (s *seeder) tickets(n int) {
	step := seedSpan / time.Duration(n+1)
	for i := range n {
		opened := s.start.Add(step*time.Duration(i) + time.Duration(s.Int64N(int64(step))))
		s.ticket(int64(7001+i), opened, n-i <= n/20)
	}
}

func (s *seeder) ticket(id int64, opened time.Time, recent bool) {
	company := s.companies[s.IntN(len(s.companies))]
	problem := pick(s, problems())
	closed := opened.Add(time.Duration(1+s.IntN(200)) * time.Hour)
	f := fields{
		"companyID": company, "contactID": pick(s, s.contacts[company]), "title": problem[0],
		"description": problem[1], "priority": int64(1 + s.IntN(4)), "status": statusComplete,
		"queueID": pick(s, ticketPicklist("queueID")).value, "ticketType": int64(1 + s.IntN(2)),
		"ticketCategory": int64(3), "source": pick(s, []int64{2, 4, 6}), "issueType": pick(s, ticketPicklist("issueType")).value,
		"ticketNumber": s.tables["Tickets"].ticketNumber(stampOf(opened)), "createDate": stampOf(opened),
		"creatorResourceID": s.resource(), "creatorType": int64(1), "dueDateTime": stampOf(opened.Add(72 * time.Hour)),
		"lastActivityDate": stampOf(closed), "lastActivityPersonType": int64(1), "lastActivityResourceID": s.resource(),
		"lastTrackedModificationDateTime": stampOf(closed), "serviceLevelAgreementHasBeenMet": s.IntN(10) > 0,
	}
	if open := recent || s.IntN(5) == 0; open {
		f["status"] = pick(s, []int64{1, 7, 8, 10, 12})
	} else {
		f["completedDate"], f["completedByResourceID"] = stampOf(closed), s.resource()
		f["resolution"] = "Resolved with the user and confirmed."
	}
	if s.IntN(3) > 0 {
		f["assignedResourceID"], f["assignedResourceRoleID"] = s.resource(), int64(29_683_396)
	}
	s.place("Tickets", id, f)
	s.work(id, opened)
}

// work adds up to two notes and up to one time entry to a ticket.
func (s *seeder) work(ticket int64, opened time.Time) {
	for i := range s.IntN(3) {
		at := stampOf(opened.Add(time.Duration(i+1) * time.Hour))
		s.place("TicketNotes", s.tables["TicketNotes"].last+1, fields{
			"ticketID": ticket, "title": "Update", "description": pick(s, remarks()), "noteType": int64(1),
			"publish": int64(1 + s.IntN(2)), "createDateTime": at, "lastActivityDate": at, "creatorResourceID": s.resource(),
		})
	}
	if s.IntN(2) == 0 {
		return
	}
	began, hours := opened.Add(2*time.Hour).Truncate(15*time.Minute), float64(1+s.IntN(12))/4
	ended := stampOf(began.Add(time.Duration(hours * float64(time.Hour))))
	s.place("TimeEntries", s.tables["TimeEntries"].last+1, fields{
		"ticketID": ticket, "resourceID": s.resource(), "roleID": int64(29_683_396), "timeEntryType": int64(2),
		"dateWorked": stampOf(began.Truncate(24 * time.Hour)), "startDateTime": stampOf(began), "endDateTime": ended,
		"hoursWorked": hours, "hoursToBill": hours, "offsetHours": float64(0), "isNonBillable": false, "showOnInvoice": true,
		"summaryNotes": pick(s, remarks()), "createDateTime": ended, "creatorUserID": s.resource(), "lastModifiedDateTime": ended,
	})
}

func (s *seeder) resource() int64 { return apiResource + int64(s.IntN(resources)) }

func (s *seeder) moment() time.Time { return s.start.Add(time.Duration(s.Int64N(int64(seedSpan)))) }

func (s *seeder) phone() string { return fmt.Sprintf("(555) 01%d-%04d", s.IntN(10), s.IntN(10_000)) }

func pick[T any](s *seeder, from []T) T { return from[s.IntN(len(from))] }
