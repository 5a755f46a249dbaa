// Package rule is what Autotask does with the body of a write: reads it, checks it, and keeps the fields that are its
// own.
//
//	body -- Parse --> Draft        names and values as they were sent
//	                    |
//	      Create, Update (inside of record.Store.Update)
//	                    |
//	                  form         one value for each column
//	                    |
//	       read         each name to its column, each value to the column's type; read-only fields are dropped
//	       parent       the path wins over the body; a record cannot be given to another parent
//	       clear        PUT alone: what may be written and was not sent is null
//	       problems     required, reference, picklist, length; resource and role; a ticket's contact and company;
//	                    the limit of user-defined fields; the name of a contact group
//	                    |
//	             +------+-------+
//	          Problems        defaults, kept fields
//	          (texts)           |
//	                          Values -- whatever else may refuse it --> Settle: its number, learnt columns
//	                                                                      |
//	   Written: the activity of the record above, <-- record.Tx.Insert or Replace
//	   the column of a user-defined field
//
// A record is either right or refused: the texts about it come at once, in the order of its fields, 100 at most, and a
// refused write changes nothing: it teaches no column, and takes no number, whoever refuses it.
//
// # What is looked at
//
// A create is checked whole. An update is checked where it gives a value, and for required fields; what it leaves
// alone was right once, but for a value below that of another list (subIssueType below issueType) where it gives the
// other. A name that comes twice, in whatever case of letters, counts the last time.
//
// # Entities whose fields are partly known
//
// They learn the properties that they are sent as columns: true and false, moments where a text is a date with a time
// (2024-01-15T09:00:00.000), other text, whole numbers where the name ends in "ID", and other numbers as fractions,
// since a price of 10 may be 10.5 the next time. Lists, objects and null teach
// nothing. A later value of another type is refused.
//
// # User-defined fields
//
// A record in UserDefinedFieldDefinitions adds a column to the entity that it is for, and a change of it changes the
// column: one that is not active is hidden, keeps its values, and is required of no record. The values of a list are its
// active items in UserDefinedFieldListItems; where it has none, nothing may be chosen. Values are text, whatever their
// type, or of that type. Only what is sent changes, with PUT too. An entity that may have user-defined fields has the
// member userDefinedFields in every record, empty where none is defined, and null where a value is not set.
//
// # What is known, and what is a guess
//
// Known from those who use the API: that read-only fields, references, picklists, lengths and the pair of resource
// and role are checked, and the texts for which package wire says so; that null clears and PUT replaces; that ids are
// not the caller's; that the type of a user-defined field cannot change. Guesses are:
//
//   - which of two values of one name counts;
//   - that a ticket's contact must be of its company: the text is known, but not that this is what it is about;
//   - that a new value of an upper list is refused where the lower one's value is not below it, and that null is one;
//   - that a time entry is taken that names neither a ticket nor a task, or both: of both, it is one on the ticket;
//   - that the name of a contact group is compared without regard to case;
//   - that a field which is a day takes the day as it is written, whatever its zone;
//   - that values of the right type may come as text where they are numbers;
//   - that a value must belong to the value of the list above it (registry.Field.PickParent);
//   - what a boolean is that was not sent: isActive true, except of a webhook, everything else false;
//   - that PUT leaves user-defined fields alone, that the empty text clears a list and one that holds no text, and that
//     its name cannot change; a required one is asked for when a record is made, and not of records that are there
//     already; that an inactive one keeps its name and its values; that the value of a list is what its item displays,
//     and that several of them have commas between them; that userDefinedFields is an empty list where an entity could
//     have some but has none, and not left out, and that what is not set is null there;
//   - that a write is an activity of the record directly above it, and of no other;
//   - that tickets and tasks share their numbers, the letter P of projects, and that Autotask says when a project
//     was done; that a ticket is resolved when it is completed, if it was not before, and no more when it is opened
//     again;
//   - that impersonatorUpdaterResourceID stays when somebody changes a record who impersonates nobody.
//
// Nothing here holds state. A write takes time in proportion to its body and to the fields of its entity.
package rule
