// Package tenant is the application behind Autotask's web stack: it answers the requests that were let in.
//
//	wire.Call --> Answer       413 for a body, 404 for an address that is too long
//	                |
//	                +-- about      /Version /Modules /Authenticate /EntityInformation
//	                +-- root       /{Entity}…
//	                +-- child      /{Parent}/{id}/{Child}…
//	                      |
//	                      |        the registry's verbs decide: 404 where nothing of the path exists,
//	                      |        405 where another method does
//	                      |
//	                    actor      who asks, and for which records: all, one's own, none (500 and a text)
//	                      |
//	      +-----------+---+-------+------------+
//	    read        query       write      metadata
//	      |           |           |
//	      |       parse, compile  parse
//	      |           |           |
//	     record.View  View        Update: rule, hook.Check, attachment, Settle, record, rule.Written, hook.Changed
//
// A write happens inside of one update of the store, so that no reader sees a ticket without what comes with it; its
// body is parsed before, so that ten megabytes of JSON stop nobody.
//
// # Pages
//
// A page begins behind the highest id of the page before. So a record that is made meanwhile is neither a duplicate
// nor does it move others. The link to the next page carries that id in a token, sealed with what the token is for:
//
//	{"pageSize":500,"previousIds":[-1],"nextIds":[7500],"seal":"…"}
//	seal = HMAC-SHA256( seed, entity 0 filter 0 token without seal ), its first 8 bytes
//
// # What is known, and what is a guess
//
// The behaviours S8 to S32, S42 to S44 of the reference are known, by the marks that they have there. These are
// guesses:
//
//   - An unknown parent has an empty list of children. A child that belongs to another parent is read as a missing
//     one.
//   - A restricted right is a right to what belongs to oneself: to the resource in the first field that the entity has
//     of assignedResourceID, ownerResourceID, resourceID and the creator. An entity with none of them has nothing to
//     show. Where the API user acts as another resource, that one is meant, whichever of the two is restricted.
//   - A resource that is impersonated must be active. Metadata calls refuse an impersonation as all others of the
//     entity do.
//   - What hangs below a deleted record is deleted along, and webhooks are told.
//   - Groups may be nested 100 deep, and a query may have 5,000 conditions.
//   - With IncludeFields but without id, the next page begins anew behind id 0. That such paging breaks is documented,
//     how it does is not.
//   - An entity whose fields are partly known (registry.Entity.Partial) may have any field of a well-formed name: a
//     filter sees one that nobody knows as null in every record, IncludeFields passes over it.
//   - Of a filter that comes twice, in whatever case of letters, the last one counts.
//   - A plus before an id makes it none. A byte order mark before a body is passed over.
//   - IncludeFields may name user-defined fields. What is asked for comes in the order of the model.
//   - prevPageUrl leads back through at most 8 pages, which keeps links short, and is null from there.
//   - A page of children is linked to as the list itself with ?paging=.
//   - /{Parent}/{id}/{Child}/entityInformation answers as that of the root.
//   - What Version, Modules and Authenticate answer, but for the names of Version's members, and the form of
//     EntityInformation.
//   - hasUserDefinedFields is true where the tenant may define some, defined or not. The members of a user-defined
//     field in the metadata are those that another client reads.
//   - All fields of an entity with webhooks, but for the id, are said to be supported by webhooks.
package tenant
