// Package registry is the table of Autotask's entities: their names, what each path allows, their fields, and which
// entity is created through which parent. The client and the simulator are built from the same table.
//
// # An entity has two paths
//
// Autotask creates most records through their parent. A POST to the root of such an entity answers 404, so an [Entity]
// holds two sets of [Verbs], one for each path:
//
//	             /TicketNotes                            Verbs QIG: query, metadata, read by id
//	             /TicketNotes/{id}
//	TicketNotes
//	             /Tickets/{ticketID}/Notes               ChildVerbs IGCPU: list, create, patch, put
//	             /Tickets/{ticketID}/Notes/{id}
//
// The letters are those of [Verbs.String]:
//
//	      /{Name}/query  …/entityInformation  /{Name}/{id}   POST  PATCH  PUT  DELETE /{Name}/{id}
//	root  Q              I                    G              C     P      U    D
//	child -              -                    G, and list    C     P      U    D
//
// Three first segments of child paths are no entity's name: /Expenses/{id}/Items belong to ExpenseReports,
// /UserDefinedFields/{id}/ListItems to UserDefinedFieldDefinitions, and /ServiceLevelAgreements/{id}/Results to an entity
// that has no other path; [Entity.Owner] knows. /Invoices/{id}/InvoicePdf, InvoiceMarkupHtml and InvoiceMarkupXml are one
// entity.
//
// # Where the facts come from
//
//   - Names, paths and verbs: the operation list of the API's own description (swagger), August 2026. It is kept in
//     testdata/operations.txt, and a test holds the table against it.
//   - Names and types of fields: the models of the same description, in an older snapshot, some as clients generated from it
//     list them. A live tenant has a few more.
//   - Rules of fields (required, read-only, length, reference, picklist): other clients' code, which took them from the
//     SOAP edition of the developer help; for webhooks and queries the developer help,
//     https://autotask.net/help/developerhelp/content/apis/REST/Entities/TicketsEntity.htm and its neighbours, one page for
//     each entity.
//   - Limits of user-defined fields: UserDefinedFieldDefinitionsEntity.htm. Services and service bundles have some too, with
//     a limit that the page does not name; here they have none.
//   - Webhooks: the pages REST_WebhookFieldsEntity.htm and Webhooks_Creating. Impersonation: another client's list.
//
// # What is a guess
//
// Every fact that somebody might doubt has its [Source] beside it, [Guess] where nobody says it:
//
//   - Singular, for entities whose model is not at hand: the English singular of Name.
//   - ParentField, for most children whose model is not at hand: see ParentFrom. ServiceLevelAgreementResults and
//     TaskPredecessors are the least certain.
//   - Fields of such entities: the id and the id of the parent, and Partial says that there are more.
//   - Rules of fields that no source tells about, or that differ here from what clients' code says: a ticket's dueDateTime,
//     for one, is required there and not here.
//   - DateOnly: the days of time entries, contracts, resources, opportunities, quotes, invoices and billing items. When a
//     record was made or changed last is a moment everywhere.
//   - Picks, but for a few: what a new tenant begins with, and below which value of another list. A tenant's own list decides.
//   - Marks.ExternalID of any other name than externalID.
//   - The key of threads of a child path: see [ThreadKeys].
//
// The table is constant. Everything in this package may be called concurrently and does no I/O; look-ups take constant time
// and do not allocate.
package registry
