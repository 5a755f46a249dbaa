// Package entities has a struct for each core entity of the Autotask REST API.
//
// Every field is an [Optional]: unset (not sent), null (clears the field), or a value. That is what lets a PATCH name
// three of 72 fields, and lets id 0 be what it is in Autotask: a real record, the tenant's own company.
//
//	t := &entities.Ticket{
//		ID:       entities.Some[int64](17), // PATCH carries the id in its body
//		Status:   entities.Some[int64](5),
//		QueueID:  entities.Null[int64](),   // cleared
//	}                                           // the other 69 fields stay as they are
//
// Decoding is lenient where the API is: names match in any case, numbers may be quoted ("5" and 5 are one status),
// times come in several layouts, with and without a zone. Encoding is strict: exact names, UTC times.
//
// The structs are generated from the field table of package registry; the rest is written by hand.
package entities

//go:generate go run ./gen
