package database

import (
	"context"
	"database/sql"
	"strings"
)

// split is the pool that gorm sees on SQLite: statements that begin with
// SELECT go to the readers, transactions and everything else to the one
// writer. A statement that it takes for a write by mistake is merely slower;
// the opposite cannot do harm, because the readers are query_only.
type split struct{ writer, reader *sql.DB }

func (p *split) pick(query string) *sql.DB {
	query = strings.TrimLeft(query, " \t\r\n(")
	const word = "select"
	if len(query) > len(word) && strings.EqualFold(query[:len(word)], word) && !isWordByte(query[len(word)]) {
		return p.reader
	}
	return p.writer
}

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// PrepareContext prepares where the statement will run.
func (p *split) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.pick(query).PrepareContext(ctx, query)
}

// ExecContext runs on the writer.
func (p *split) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.writer.ExecContext(ctx, query, args...)
}

// QueryContext runs where pick says: INSERT … RETURNING comes this way too.
func (p *split) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.pick(query).QueryContext(ctx, query, args...)
}

// QueryRowContext runs where pick says.
func (p *split) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.pick(query).QueryRowContext(ctx, query, args...)
}

// BeginTx is where gorm begins transactions. A read-only one is a snapshot on
// a reader and waits for nobody.
func (p *split) BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error) {
	if opts != nil && opts.ReadOnly {
		return p.reader.BeginTx(ctx, opts)
	}
	return p.writer.BeginTx(ctx, opts)
}

// GetDBConn is what gorm.DB.DB returns: the writer.
func (p *split) GetDBConn() (*sql.DB, error) { return p.writer, nil }
