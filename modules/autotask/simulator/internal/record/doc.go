// Package record is the database of the simulated tenant: one [Table] per entity, in memory, a [Row] per record.
//
// # A row is a string
//
// A record is packed into one string that never changes: its values that are not null, by the ordinals of their
// columns. So a ticket with 27 of its 72 fields takes about 450 bytes with its share of the indexes, the garbage
// collector has nothing to look for in it, and whoever holds a row needs no lock, not even when the record is changed
// or deleted.
//
//	ordinal  1  2             13           22            71
//	        null assignedRes… companyID    createDate    title
//	             |            |            |             |
//	             [2 whole|7]  [11 whole|174][9 stamp|…]  [49 text|5|hello]       distance and kind, then the value
//
// Null and nothing else is left out, so the empty text is not null. A value that is not of its column's type is not
// kept.
//
// # A table is lists of blocks
//
// The rows, and the entries of each index, are sorted lists in blocks of at most 1,024 items. A [Snapshot] shares the
// blocks; whoever writes first copies the block that it writes. That is why taking and restoring one costs about as
// much for a million records as for a thousand.
//
//	rows by id           [7001 … 8024][8025 … 9048][…]
//	index, (key, id)     [5,7001 5,7004 … 8,7002 …][…]      key: the number, the moment, or the hash of the folded text
//	  its zones          [7001 … 8024: 1 to 8][…]           least and greatest key of 1,024 neighbouring ids
//
// An index is kept from the first row on for the entity's parent field, its external id, the date of its last change,
// and the columns companyID and status. Any other column gets one when a query first asks for it, up to 12 per table,
// unless the table has no more than 256 rows; in a table of a million rows that one query took 0.3 to 1.1 seconds longer
// as measured.
//
// # How rows are found
//
// Results are in the order of ids, and a page begins behind an id. A filter is planned before it is run:
//
//	comparisons of the id that every row must meet ----> from which id, to which
//	the rest: And the shortest item, Or all items  ----> runs: stretches of an index
//	                                                        |
//	     one key?                 its run is in the order of ids already: walk along it
//	     up to 1/8 of all rows?   gather the lowest ids of all runs, some more when they were too few
//	     longer, or no index      walk along the rows
//
// The two walks leave out zones in which nothing can meet the filter: what was changed lately is at the end, among the
// highest ids, and a walk that began at the start would have to pass all the others. Every row that is not known by its
// run alone to meet the filter is looked at, on the packed values, without an allocation.
//
// # Locks
//
// [Store.View] and [Store.Update] are a lock for reading and one for writing, over all tables. A reader that needs an
// index builds it under the lock for reading; other readers see it when it is complete. Columns are behind an atomic
// pointer: [Table.Columns], [Table.Ordinal], [Table.UDF] and [Table.AppendRow] take no lock. They are never changed, only
// replaced: a table that gets a column ([Tx.AddColumn]), or a user-defined one that becomes another ([Tx.SetColumn]), has
// new columns with the ordinals of the old ones, and a column that is hidden keeps its values.
//
// # What is a guess
//
// That the real API compares text without regard to case, and that a null meets notExist alone: SQL Server does both as
// it is usually set up. That it takes no moments before 1753. That a field which is a day takes the day as it is written,
// in a filter too.
package record
