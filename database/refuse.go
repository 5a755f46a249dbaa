package database

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// openRefusing returns a gorm.DB of which every operation fails with
// ErrNotStarted. It builds statements, so hooks and scopes of the caller run
// as ever, and never reaches a database.
func openRefusing() (*gorm.DB, error) {
	return gorm.Open(sqliteDialector{conn: refusing{}}, &gorm.Config{
		Logger: logger.Discard, DisableAutomaticPing: true,
	})
}

// refusing is a pool without connections.
type refusing struct{}

// PrepareContext refuses.
func (refusing) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, ErrNotStarted
}

// ExecContext refuses.
func (refusing) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, ErrNotStarted
}

// QueryContext refuses.
func (refusing) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, ErrNotStarted
}

// QueryRowContext asks a database that cannot connect, since only database/sql
// can make a *sql.Row that holds an error. Close ends what OpenDB started.
func (refusing) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	db := sql.OpenDB(refusingConnector{})
	row := db.QueryRowContext(ctx, query, args...)
	_ = db.Close() // it never opened a connection
	return row
}

// BeginTx refuses.
func (refusing) BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error) {
	return nil, ErrNotStarted
}

// GetDBConn is where gorm.DB.DB asks for the *sql.DB.
func (refusing) GetDBConn() (*sql.DB, error) { return nil, ErrNotStarted }

// refusingConnector is a connector and a driver that never connect.
type refusingConnector struct{}

// Connect refuses.
func (refusingConnector) Connect(context.Context) (driver.Conn, error) { return nil, ErrNotStarted }

// Driver returns c itself.
func (c refusingConnector) Driver() driver.Driver { return c }

// Open refuses.
func (refusingConnector) Open(string) (driver.Conn, error) { return nil, ErrNotStarted }
