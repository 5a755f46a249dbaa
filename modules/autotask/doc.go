// Package autotask is a client of the Autotask PSA REST API that keeps the API's rules by itself: the tenant's hourly
// budget, three threads for each entity, creates that must never happen twice, refusals that come as HTTP 500.
//
//	ticket, err := client.Tickets.Get(ctx, 17)
//	for ticket, err := range client.Tickets.Query(ctx, query.New().Where(query.Eq("status", 1))) { … }
//	id, err := client.TicketNotes.Create(ctx, &entities.TicketNote{TicketID: entities.Some[int64](17), …})
//
// # The way out
//
// Every request, of whatever method, page or probe, takes the one way in call.go:
//
//	retry( zone ▸ breaker open? ▸ thread and hourly unit ▸ breaker( HTTP ▸ read the body ▸ classify ))
//
//	zone      package zone: discovery, 24 h; after a 401 it is asked once whether the tenant moved
//	breaker   autotask.<entity>: asked before zone and queue, so that nobody waits for an upstream that is down,
//	          and again behind them; autotask.zone for discovery
//	throttle  package throttle: the one queue; released when the body is read; what was not sent is refunded
//	classify  package apierror: one typed error for each way to fail, and what follows from it
//	retry     package retry: three attempts, only of what may be repeated, never before Retry-After is over
//
// A route that calls Autotask needs no retry of its own.
//
// # Credentials
//
// They travel in three headers, only to https hosts under autotask.net, and outside production to this machine. The check
// stands directly before each send. Redirects are not followed, links to further pages must lead back into the zone.
//
// Source of the API's facts: Autotask developer help, REST API.
package autotask
