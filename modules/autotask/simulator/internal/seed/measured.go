package seed

import (
	"encoding/base64"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// The first few tickets have a file, which is two rows, and the result of a service level agreement.
const (
	measured     = 3
	measuredRows = 3
	agreement    = int64(1)
)

// onTicket is the parentType of a ticket's attachment, as package attachment numbers them.
const onTicket = int64(4)

// file makes an attachment of a ticket as package attachment does: under one id in two tables, the catalogue without
// the data.
func (s *seeder) file(ticket int64, opened record.Stamp) {
	const name, content = "screen.txt", "Printer offline. Error 0x2A.\n"
	both := func(r *row) *row {
		return r.set("attachDate", opened+hour).set("attachedByResourceID", APIResource).
			set("attachmentType", "FILE_ATTACHMENT").set("contentType", "text/plain").
			set("fileSize", float64(len(content))).set("fullPath", name).set("parentID", ticket).
			set("parentType", onTicket).set("publish", int64(1)).set("title", "What the screen says")
	}
	id := both(s.row("AttachmentInfo")).insert()
	both(s.row("TicketAttachments")).set("data", base64.StdEncoding.EncodeToString([]byte(content))).place(id)
}

// measure makes the result of a ticket's service level agreement. Its names are a guess, as those of all learnt columns
// are.
func (s *seeder) measure(ticket int64) {
	s.row("ServiceLevelAgreementResults").set("serviceLevelAgreementID", agreement).set("ticketID", ticket).
		set("serviceLevelAgreementName", "Standard").set("firstResponseElapsedHours", 0.5).
		set("isFirstResponseMet", true).set("resolutionElapsedHours", 4.0).set("isResolutionMet", true).insert()
}
