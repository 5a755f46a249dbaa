// Package seed generates the tenant that the simulator begins with: a managed service provider with its customers and
// two years of history.
//
// # What is made, and in which order
//
// A record refers only to records that are there already, or to one that is made in the same breath:
//
//	tenant     currencies, countries, departments, roles, resources, billing codes, products, services, lists …
//	    |      and the user-defined fields of the entities that people use
//	company 0  the tenant's own, with one of everything that a company can have
//	    |
//	rest       one record in each table that some field refers to and that is empty so far, webhooks excepted
//	    |
//	companies  locations, contacts, configuration items, contracts, projects, opportunities, invoices, notes
//	    |
//	tickets    by date, with notes, time entries, charges, checklists, secondary resources and service calls, the
//	           first three with an attachment and the result of a service level agreement too
//
// So every reference that a client can write finds a record, even in a tenant of one ticket; webhooks it must make
// itself, since they are limited in number. The parts:
//
//	Fill ──> seeder ──> row ──> record.Tx.Place, record.Tx.Insert
//	            |
//	            +── shape   what a company or a ticket has, by its index and the seed alone
//
// [Config.Tickets] is the measure of everything else: there is one company for thirty tickets, 10 at least and 20,000
// at most. Since shapes follow from the seed alone, the number of all rows is known before the first customer is made,
// which is what Progress is told.
//
// # What clients may rely on
//
//   - The same Config gives the same rows, byte by byte; another seed gives others.
//   - Ids: companies 0 and from 174, contacts from 30682885, resources from [APIResource], 12 of them, of whom the last
//     is not active, roles from 29683396, tickets from 7001, without gaps.
//   - Every rule of the registry's table is kept: required fields, references, picklists, lengths. A resource has a
//     role.
//   - The history begins on 2024-01-01 and ends two years later, whatever the day.
//   - The registry knows only the id of some entities, and the id of the parent. Their other fields, such as a name,
//     are made up here and are learnt columns; see record.Column.
//
// # How it is fast
//
// A row is written field by field into one buffer for each table, which the store packs and which is then used again.
// Texts are the same few strings, boxed once. Tickets are written 500 at a time, so that the store is never locked for
// long.
package seed
