package seed

import "github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"

// firstTicket is the id of the oldest ticket.
const firstTicket = int64(7001)

// serviceCallRows is how many rows a service call is: itself, its ticket, and who goes there.
const serviceCallRows = 3

// ticket makes the ticket with that index. The index tells its date; the last twentieth is still open.
func (s *seeder) ticket(i int) {
	step := historySpan / record.Stamp(s.cfg.Tickets+1)
	opened := historyStart + step*record.Stamp(i) + record.Stamp(s.Int64N(int64(step)))
	c, p, who := &s.customers[s.IntN(len(s.customers))], pick(s, s.words.problems), s.anyone()
	urgency, has := int64(1+s.IntN(4)), s.work(i)
	r := s.row("Tickets").set("companyID", c.id).set("companyLocationID", c.location).set("contactID", s.contactOf(c)).
		set("contractID", c.contract).set("title", p.title).set("description", p.description).set("priority", urgency).
		set("issueType", p.issue).set("subIssueType", p.subIssue).set("ticketCategory", int64(3)).
		set("ticketNumber", s.next('T', "Tickets", opened)).set("createDate", opened).set("creatorResourceID", who.id).
		set("creatorType", int64(1)).set("dueDateTime", opened+72*hour).
		set("billingCodeID", firstCode+int64(s.IntN(workCodes)))
	s.channel(r, c, p)
	s.state(r, opened, s.cfg.Tickets-i <= s.cfg.Tickets/20)
	id := firstTicket + int64(i)
	if s.chance(3) {
		r.setUDF(udfCause, pick(s, s.words.causes))
	}
	if has.first {
		r.set("serviceLevelAgreementID", agreement)
	}
	r.place(id)
	s.ticketWork(c, id, opened, has)
	if has.first {
		s.file(id, opened)
		s.measure(id)
	}
}

// channel tells how a ticket came in, and to whom it went first.
func (s *seeder) channel(r *row, c *customer, p problem) {
	if p.alert {
		r.set("source", int64(8)).set("ticketType", int64(5)).set("queueID", s.words.alerts).
			set("configurationItemID", s.itemOf(c))
		return
	}
	r.set("source", pick(s, s.words.sources)).set("ticketType", int64(1+s.IntN(2))).
		set("queueID", pick(s, s.words.queues))
	if s.chance(3) {
		r.setUDF(udfAffected, float64(1+s.IntN(20)))
	}
}

// state tells how far the work on a ticket is, and who does it.
func (s *seeder) state(r *row, opened record.Stamp, recent bool) {
	who := s.anyone()
	// Boxed here, once for the many fields that hold them.
	var closed any = opened + 4*hour + record.Stamp(s.IntN(200))*hour
	var answered any = opened + record.Stamp(5+s.IntN(120))*minute
	r.set("lastActivityDate", closed).set("lastActivityPersonType", int64(1)).set("lastActivityResourceID", who.id).
		set("lastTrackedModificationDateTime", closed).set("serviceLevelAgreementHasBeenMet", !s.chance(10)).
		set("firstResponseDateTime", answered)
	open := recent || s.chance(5)
	if open {
		r.set("status", pick(s, s.words.open))
	} else {
		r.set("status", complete).set("completedDate", closed).set("resolvedDateTime", closed).
			set("completedByResourceID", who.id).set("resolution", s.words.resolved)
	}
	if !open || s.chance(2) {
		r.set("assignedResourceID", who.id).set("assignedResourceRoleID", who.role)
	}
}

// ticketWork makes what is below a ticket.
func (s *seeder) ticketWork(c *customer, ticket int64, opened record.Stamp, has work) {
	who := s.anyone()
	var id any = ticket
	for n := range has.notes {
		var at any = opened + record.Stamp(n+1)*hour // boxed once
		s.row("TicketNotes").set("ticketID", id).set("title", s.words.update).
			set("description", pick(s, s.words.remarks)).set("noteType", int64(1)).set("publish", int64(1+s.IntN(2))).
			set("createDateTime", at).set("lastActivityDate", at).set("creatorResourceID", s.anyone().id).insert()
	}
	for range has.entries {
		s.entry(entry{
			field: "ticketID", id: id, kind: 2, code: firstCode, who: who,
			began: (opened + 2*hour) / (15 * minute) * (15 * minute), hours: float64(1+s.IntN(6)) / 4, contract: c.contract,
		})
	}
	if has.charge {
		s.charge(ticket, opened)
	}
	if has.checklist {
		s.checklist(ticket)
	}
	if has.helper {
		s.row("TicketSecondaryResources").set("ticketID", ticket).set("resourceID", who.id).set("roleID", who.role).
			insert()
	}
	if has.onSite {
		call := s.serviceCall(c, opened+26*hour, who)
		stop := s.row("ServiceCallTickets").set("serviceCallID", call).set("ticketID", ticket).insert()
		s.row("ServiceCallTicketResources").set("serviceCallTicketID", stop).set("resourceID", who.id).insert()
	}
}

// entry is time that somebody has spent.
type entry struct {
	field    string // that holds id
	id       any
	kind     int64
	code     int64
	who      member
	began    record.Stamp
	hours    float64
	contract any
}

func (s *seeder) entry(e entry) {
	var ended any = e.began + record.Stamp(e.hours*float64(hour))
	var hours any = e.hours
	s.row("TimeEntries").set(e.field, e.id).set("resourceID", e.who.id).set("roleID", e.who.role).
		set("timeEntryType", e.kind).set("billingCodeID", e.code).set("contractID", e.contract).
		set("dateWorked", e.began/day*day).set("startDateTime", e.began).set("endDateTime", ended).
		set("hoursWorked", hours).set("hoursToBill", hours).set("offsetHours", 0.0).set("isNonBillable", false).
		set("showOnInvoice", true).set("summaryNotes", pick(s, s.words.remarks)).set("createDateTime", ended).
		set("creatorUserID", e.who.id).set("lastModifiedDateTime", ended).set("lastModifiedUserID", e.who.id).insert()
}

func (s *seeder) charge(ticket int64, opened record.Stamp) {
	product := s.IntN(products)
	cost := float64(200 + 75*product)
	s.row("TicketCharges").set("ticketID", ticket).set("name", "Replacement part").set("chargeType", int64(1)).
		set("billingCodeID", materialCode).set("productID", int64(1+product)).set("datePurchased", opened/day*day).
		set("createDate", opened+hour).set("creatorResourceID", s.anyone().id).set("unitQuantity", 1.0).
		set("unitCost", cost).set("unitPrice", cost*1.25).set("extendedCost", cost).set("billableAmount", cost*1.25).
		set("isBillableToCompany", true).set("isBilled", false).set("status", int64(7)).insert()
}

func (s *seeder) checklist(ticket int64) {
	for n, step := range checklist() {
		s.row("TicketChecklistItems").set("ticketID", ticket).set("itemName", step).set("isCompleted", false).
			set("isImportant", n == 0).set("position", int64(n+1)).insert()
	}
}

// serviceCall makes a visit of two hours.
func (s *seeder) serviceCall(c *customer, begins record.Stamp, who member) int64 {
	begins = begins / hour * hour
	return s.row("ServiceCalls").set("companyID", c.id).set("companyLocationID", c.location).
		set("description", "Visit on site").set("startDateTime", begins).set("endDateTime", begins+2*hour).
		set("duration", 2.0).set("isComplete", int64(0)).set("status", int64(1)).set("createDateTime", begins-day).
		set("lastModifiedDateTime", begins-day).set("creatorResourceID", who.id).insert()
}
