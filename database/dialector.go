package database

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteDialector teaches gorm SQLite over a pool that is already open.
// gorm's own driver needs cgo.
type sqliteDialector struct{ conn gorm.ConnPool }

// Name is the name that gorm knows the dialect by.
func (sqliteDialector) Name() string { return dialectSQLite }

// Initialize registers gorm's callbacks. RETURNING exists since SQLite 3.35
// (https://www.sqlite.org/lang_returning.html).
func (d sqliteDialector) Initialize(db *gorm.DB) error {
	db.ConnPool = d.conn
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	db.ClauseBuilders["LIMIT"] = buildLimit
	db.ClauseBuilders["FOR"] = func(clause.Clause, clause.Builder) {} // the one writer is the lock
	return nil
}

// buildLimit writes LIMIT -1 where there is an offset alone, which is how
// SQLite spells it.
func buildLimit(c clause.Clause, builder clause.Builder) {
	limit, ok := c.Expression.(clause.Limit)
	if !ok {
		c.Build(builder)
		return
	}
	most := -1
	if limit.Limit != nil && *limit.Limit >= 0 {
		most = *limit.Limit
	}
	if most >= 0 || limit.Offset > 0 {
		write(builder, "LIMIT "+strconv.Itoa(most))
	}
	if limit.Offset > 0 {
		write(builder, " OFFSET "+strconv.Itoa(limit.Offset))
	}
}

// write adds SQL to a statement, which cannot fail in memory.
func write(w clause.Writer, sql string) { _, _ = w.WriteString(sql) }

// Migrator is what AutoMigrate and DB.Migrator use.
func (d sqliteDialector) Migrator(db *gorm.DB) gorm.Migrator {
	return sqliteMigrator{migrator.Migrator{Config: migrator.Config{
		DB: db, Dialector: d, CreateIndexAfterCreateTable: true,
	}}}
}

// DataTypeOf maps a field to one of the types of https://www.sqlite.org/datatype3.html
// that the driver converts back.
func (sqliteDialector) DataTypeOf(field *schema.Field) string {
	switch field.DataType {
	case schema.Bool:
		return "boolean"
	case schema.Int, schema.Uint:
		if field.AutoIncrement && field.PrimaryKey {
			return "integer PRIMARY KEY AUTOINCREMENT"
		}
		return "integer"
	case schema.Float:
		return "real"
	case schema.String:
		return "text"
	case schema.Time:
		return "datetime"
	case schema.Bytes:
		return "blob"
	default:
		return string(field.DataType)
	}
}

// DefaultValueOf stands for a column that is left out of one row of a batch.
// SQLite has no DEFAULT in VALUES; NULL makes it number a primary key.
func (sqliteDialector) DefaultValueOf(field *schema.Field) clause.Expression {
	if field.AutoIncrement {
		return clause.Expr{SQL: "NULL"}
	}
	return clause.Expr{SQL: "DEFAULT"} // refused by SQLite: better than a value nobody chose
}

// BindVarTo writes a placeholder.
func (sqliteDialector) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

// QuoteTo writes an identifier in backticks, each part of a dotted name by
// itself; backticks around a part are taken off first, those in it doubled.
func (sqliteDialector) QuoteTo(w clause.Writer, name string) {
	for i, part := range strings.Split(name, ".") {
		if i > 0 {
			_ = w.WriteByte('.')
		}
		if n := len(part); n > 1 && part[0] == '`' && part[n-1] == '`' {
			part = part[1 : n-1]
		}
		write(w, "`"+strings.ReplaceAll(part, "`", "``")+"`")
	}
}

// Explain fills in parameters, for DryRun alone: the logger passes none.
func (sqliteDialector) Explain(sql string, vars ...any) string {
	return logger.ExplainSQL(sql, nil, `"`, vars...)
}

// SavePoint and RollbackTo serve gorm's nested transactions.
func (sqliteDialector) SavePoint(tx *gorm.DB, name string) error {
	return tx.Exec("SAVEPOINT " + name).Error
}

// RollbackTo undoes what happened since SavePoint.
func (sqliteDialector) RollbackTo(tx *gorm.DB, name string) error {
	return tx.Exec("ROLLBACK TO SAVEPOINT " + name).Error
}

// Translate maps the extended codes of https://www.sqlite.org/rescode.html to
// gorm's errors and keeps the driver's error in the chain.
func (sqliteDialector) Translate(err error) error {
	answer, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch answer.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return fmt.Errorf("%w: %w", gorm.ErrDuplicatedKey, err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return fmt.Errorf("%w: %w", gorm.ErrCheckConstraintViolated, err)
	default:
		return err
	}
}
