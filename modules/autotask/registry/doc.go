// Package registry is the table of Autotask's entities: their names, what each path allows, their fields, and which
// entity is created through which parent. The client and the simulator are built from the same table.
//
// Autotask creates most records through their parent. A POST to the root of such an entity answers 404:
//
//	Companies ──/Companies/{id}/Contacts──▶ Contacts        Tickets ──/Tickets/{id}/Notes──▶ TicketNotes
//
// so an [Entity] holds two sets of [Verbs], one for /{Name} and one for /{Parent}/{id}/{Child}.
//
// The table is constant. Everything in this package may be called concurrently and does no I/O.
package registry
