package database

import (
	"database/sql"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/migrator"
)

// sqliteMigrator answers gorm's Migrator on SQLite: what SQLite can do in
// place works, so AutoMigrate creates tables and adds columns and indexes.
// What would need the table to be built anew is refused by name instead: that
// is what SQL migrations are for.
type sqliteMigrator struct{ migrator.Migrator }

// unsupported says what SQLite cannot do and what to do instead.
func unsupported(what, name string) error {
	return fmt.Errorf("%w: SQLite cannot %s %q in place; write a SQL migration that builds the table anew (https://www.sqlite.org/lang_altertable.html#otheralter)",
		gorm.ErrNotImplemented, what, name)
}

// CurrentDatabase is the schema that SQLite calls main.
func (m sqliteMigrator) CurrentDatabase() string { return "main" }

// HasTable reports a table of that name or of that model.
func (m sqliteMigrator) HasTable(value any) bool {
	return m.found(value, func(stmt *gorm.Statement) (string, []any) {
		return "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", []any{stmt.Table}
	})
}

// HasColumn reports a column by its name or by the name of its field.
func (m sqliteMigrator) HasColumn(value any, name string) bool {
	return m.found(value, func(stmt *gorm.Statement) (string, []any) {
		if stmt.Schema != nil {
			if field := stmt.Schema.LookUpField(name); field != nil {
				name = field.DBName
			}
		}
		return "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?", []any{stmt.Table, name}
	})
}

// HasIndex reports an index by its name or by the name of its field.
func (m sqliteMigrator) HasIndex(value any, name string) bool {
	return m.found(value, func(stmt *gorm.Statement) (string, []any) {
		return "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND name = ?",
			[]any{stmt.Table, indexName(stmt, name)}
	})
}

// HasConstraint reports a constraint that has a name, which SQLite remembers
// in the text of CREATE TABLE alone.
func (m sqliteMigrator) HasConstraint(value any, name string) bool {
	has := false
	_ = m.RunWithValue(value, func(stmt *gorm.Statement) error { // a value that is no model has no constraint
		constraint, table := m.GuessConstraintInterfaceAndTable(stmt, name)
		if constraint != nil {
			name = constraint.GetName()
		}
		var text string
		row := m.DB.Raw("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", table).Row()
		if err := row.Scan(&text); err != nil {
			return err
		}
		text = strings.NewReplacer("`", "", `"`, "", "[", "", "]", "").Replace(text)
		has = strings.Contains(strings.ToLower(text), "constraint "+strings.ToLower(name)+" ")
		return nil
	})
	return has
}

// found runs a query that counts.
func (m sqliteMigrator) found(value any, query func(*gorm.Statement) (string, []any)) bool {
	var n int
	err := m.RunWithValue(value, func(stmt *gorm.Statement) error {
		text, args := query(stmt)
		return m.DB.Raw(text, args...).Row().Scan(&n)
	})
	return err == nil && n > 0
}

// indexName resolves the name of a field to that of its index.
func indexName(stmt *gorm.Statement, name string) string {
	if stmt.Schema != nil {
		if index := stmt.Schema.LookIndex(name); index != nil {
			return index.Name
		}
	}
	return name
}

// GetTables lists the tables.
func (m sqliteMigrator) GetTables() ([]string, error) {
	var tables []string
	err := m.DB.Raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").Scan(&tables).Error
	return tables, err
}

// ColumnTypes lists the columns with type, nullability, default and key
// (https://www.sqlite.org/pragma.html#pragma_table_info).
func (m sqliteMigrator) ColumnTypes(value any) ([]gorm.ColumnType, error) {
	var columns []gorm.ColumnType
	err := m.RunWithValue(value, func(stmt *gorm.Statement) error {
		var rows []struct {
			Name, Type     string
			Required, Key  bool
			Unique         bool
			DefaultLiteral sql.NullString
		}
		err := m.DB.Raw(`SELECT c.name, c.type, c."notnull" AS required, c.pk > 0 AS "key", c.dflt_value AS default_literal,
			EXISTS (SELECT 1 FROM pragma_index_list(?) i WHERE i.origin = 'u'
				AND (SELECT group_concat(name) FROM pragma_index_info(i.name)) = c.name) AS "unique"
			FROM pragma_table_info(?) c`, stmt.Table, stmt.Table).Scan(&rows).Error
		for _, r := range rows {
			if text := r.DefaultLiteral.String; len(text) > 1 && text[0] == '\'' || len(text) > 1 && text[0] == '"' {
				r.DefaultLiteral.String = text[1 : len(text)-1]
			}
			columns = append(columns, migrator.ColumnType{
				SQLColumnType:     &sql.ColumnType{},
				NameValue:         sql.NullString{String: r.Name, Valid: true},
				DataTypeValue:     sql.NullString{String: strings.ToLower(r.Type), Valid: true},
				ColumnTypeValue:   sql.NullString{String: strings.ToLower(r.Type), Valid: true},
				PrimaryKeyValue:   sql.NullBool{Bool: r.Key, Valid: true},
				UniqueValue:       sql.NullBool{Bool: r.Unique, Valid: true},
				NullableValue:     sql.NullBool{Bool: !r.Required, Valid: true},
				DefaultValueValue: r.DefaultLiteral,
			})
		}
		return err
	})
	return columns, err
}

// CreateIndex creates an index that the model declares.
func (m sqliteMigrator) CreateIndex(value any, name string) error {
	return m.RunWithValue(value, func(stmt *gorm.Statement) error {
		if stmt.Schema == nil || stmt.Schema.LookIndex(name) == nil {
			return fmt.Errorf("create index %q: the model declares none of that name", name)
		}
		index := stmt.Schema.LookIndex(name)
		text := "CREATE " + index.Class + " INDEX ? ON ??"
		if index.Where != "" {
			text += " WHERE " + index.Where
		}
		fields := m.BuildIndexOptions(index.Fields, stmt)
		return m.DB.Exec(text, clause.Column{Name: index.Name}, clause.Table{Name: stmt.Table}, fields).Error
	})
}

// DropIndex drops an index by its name or by the name of its field.
func (m sqliteMigrator) DropIndex(value any, name string) error {
	return m.RunWithValue(value, func(stmt *gorm.Statement) error {
		return m.DB.Exec("DROP INDEX ?", clause.Column{Name: indexName(stmt, name)}).Error
	})
}

// GetIndexes lists the indexes that were created by name.
func (m sqliteMigrator) GetIndexes(value any) ([]gorm.Index, error) {
	var indexes []gorm.Index
	err := m.RunWithValue(value, func(stmt *gorm.Statement) error {
		var rows []struct {
			Name, Columns string
			Unique        bool
		}
		err := m.DB.Raw(`SELECT i.name, i."unique", (SELECT group_concat(name) FROM pragma_index_info(i.name)) AS columns
			FROM pragma_index_list(?) i WHERE i.origin = 'c' ORDER BY i.name`, stmt.Table).Scan(&rows).Error
		for _, r := range rows {
			indexes = append(indexes, migrator.Index{
				TableName: stmt.Table, NameValue: r.Name, ColumnList: strings.Split(r.Columns, ","),
				PrimaryKeyValue: sql.NullBool{Valid: true}, UniqueValue: sql.NullBool{Bool: r.Unique, Valid: true},
			})
		}
		return err
	})
	return indexes, err
}

// AlterColumn is refused.
func (m sqliteMigrator) AlterColumn(_ any, name string) error {
	return unsupported("change column", name)
}

// CreateConstraint is refused.
func (m sqliteMigrator) CreateConstraint(_ any, name string) error {
	return unsupported("add constraint", name)
}

// DropConstraint is refused.
func (m sqliteMigrator) DropConstraint(_ any, name string) error {
	return unsupported("drop constraint", name)
}

// RenameIndex is refused.
func (m sqliteMigrator) RenameIndex(_ any, from, _ string) error {
	return unsupported("rename index", from)
}

// TableType is refused: SQLite keeps none.
func (m sqliteMigrator) TableType(any) (gorm.TableType, error) {
	return nil, fmt.Errorf("%w: SQLite keeps no type of a table", gorm.ErrNotImplemented)
}
