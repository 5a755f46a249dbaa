// Package database opens SQLite, Postgres or MySQL by DATABASE_URL and gives
// gorm sessions to the rest of the program.
//
//	func (r *Repository) Find(ctx context.Context, id int64) (*Order, error) {
//		var o Order
//		err := r.db.Do(ctx, "orders.find", func(tx *gorm.DB) error { return tx.First(&o, id).Error })
//		return &o, err
//	}
//
// # Life
//
//	New        checks address and migrations, no I/O; every operation: ErrNotStarted
//	 |
//	Start      lock ▸ connect ▸ migrate by DB_MIGRATE ▸ unlock
//	 |         the server away: one line that names DATABASE_URL, within DB_CONNECT_TIMEOUT_MS
//	open       Ping fails while checked migrations are pending, and only then or
//	 |         when the database does not answer
//	Stop       no new sessions ▸ waits for connections in use ▸ closed: ErrNotStarted again
//
// # SQLite
//
// The default, without cgo and without a server. SQLite lets one connection
// write at a time, and one that finds another writing gives up after a busy
// timeout whose polling is not fair. So the writers queue here instead, in the
// order in which they come:
//
//	gorm ─┬─ transactions, INSERT, UPDATE, … ─▸ one connection, BEGIN IMMEDIATE
//	      └─ SELECT outside a transaction ────▸ up to 4 or GOMAXPROCS, query_only
//	                                            └── same file, WAL ──┘
//
// Readers never wait for the writer: WAL gives each a snapshot of what is
// committed, so a read that begins after a commit sees it. A read in a
// transaction runs on the writer, unless the transaction is read only
// (sql.TxOptions.ReadOnly): that is a snapshot on a reader. Between processes
// the busy timeout of 5 s applies. Commits are synchronous (FULL), so an
// acknowledged one survives a power cut; ?_pragma=synchronous(NORMAL) in the
// address survives a killed process only, and is faster.
//
// A database in memory belongs to one connection, so there everything queues
// for it: a query within the loop over the rows of another waits for ever.
//
// Times are stored as UTC text that sorts as the times do, booleans as 0 and
// 1. An expression over a time, such as MAX(created_at), has no type in
// SQLite and comes back as that text.
//
// # Migrations
//
// Plain SQL in the format of goose, embedded, a folder for each dialect and a
// version table goose_<owner> for each owner; Migrate adds them. All owners
// are migrated under one lock, so that replicas that start together run each
// file once:
//
//	sqlite     flock on <file>.lock, taken before the first connection: two processes
//	           that turn a new file into WAL mode at once get "locked" in spite of
//	           the busy timeout
//	postgres   pg_advisory_lock, on a connection of its own; behind PgBouncer it needs
//	           session pooling
//	mysql      GET_LOCK, likewise
//
// AutoMigrate and DB.Migrator work too, for tests and throw-away programs. On
// SQLite they refuse, with gorm.ErrNotImplemented and the way round, what
// would need a table to be built anew.
//
// # What a guard sees
//
// Do and Transaction run their function exactly once, through the Guard that
// the floors above supply. It must be able to tell a sick database from a
// caller's bad luck, so the error that it sees is one of these:
//
//	nil, context.Canceled, context.DeadlineExceeded   as they are
//	*Error, StatusCode 503 or 500                     unreachable, connection lost, disk full: a failure
//	StatusCode 422, taken off before the caller sees  the rest, a success: no such row, a constraint, bad
//	                                                  SQL, lost against others (ErrBusy), and whatever
//	                                                  the function itself returned
//
// A failure is known by the driver's codes, or by its being a network error
// without a status of its own. Callers get *Error for failures and ErrBusy,
// the error of their function otherwise; the constraint errors are gorm's
// ErrDuplicatedKey, ErrForeignKeyViolated and ErrCheckConstraintViolated on
// all three.
//
// # Choices
//
// Statements are prepared by the drivers: pgx caches them for each connection,
// the MySQL driver interpolates the parameters and saves two of three round
// trips. gorm's PrepareStmt is off: it would save a third of a 30 µs read on
// SQLite, but its cache starts a goroutine that nothing ends, grows without
// bound, and hides the *sql.Tx that others need to join a transaction. gorm's
// own transaction around each write stays on, for hooks and associations.
//
// On Postgres gorm runs on database/sql over one pgxpool. Sessions speak UTC
// everywhere, and NowFunc cuts times to what the column keeps: microseconds,
// on MySQL milliseconds.
//
// Statements are logged at Debug and slow ones at Warn, without the values
// that were bound to them; errors that would repeat a value appear by code.
package database
