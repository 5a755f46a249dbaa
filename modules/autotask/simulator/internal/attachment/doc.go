// Package attachment keeps the rules of attachments: sizes, the volume of five minutes, and the catalogue of all of
// them.
//
//	POST /Tickets/{id}/Attachments
//	        │ package rule: fields, references, who and when
//	        ▼
//	Desk.Check    base64? ── at most 7,000,000 bytes? ── blocked? ── at most 10,000,000 in five minutes?
//	        │ its bytes count from here on
//	        ▼
//	Desk.Insert   fileSize, contentType, parentType
//	        ├────▶ TicketAttachments   id n, with its data
//	        └────▶ AttachmentInfo      id n, the fields that both have
//
// An attachment has its id in AttachmentInfo as well as in its own table, and the tables of all parents share one row
// of ids. What lists and queries show is everything but the data ([Columns]).
//
// # The volume
//
// The bytes of five minutes are counted for the whole tenant, by the millisecond. The attachment that would go beyond
// 10,000,000 is refused, and with it every other one in the five minutes from then; after them, what was counted is
// older than five minutes.
//
// # What is known, what is a guess
//
// Known from Autotask: a file has 6 to 7 MB at most; 10,000,000 bytes in five minutes, then creation is blocked for
// five minutes; the fields; that the data comes in base64. Guesses: that a file's 7 MB are 7,000,000 bytes of the
// decoded data, and the same for every parent; that the volume is counted over the last five minutes, for the tenant,
// in decoded bytes; that what is refused does not count; that a file without any data is refused and a link needs none;
// the content type, which follows from the name or else from the first bytes; the numbers of parentType, which are this
// package's own; that the ids are those of AttachmentInfo; all texts.
package attachment
