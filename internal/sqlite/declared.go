package sqlite

import (
	"context"
	"database/sql"
)

// Declared is what a file declares: each table and each index, under its kind and name.
type Declared map[string]Declaration

// Declaration is a table, or an index of one.
type Declaration struct {
	Table   string // whose it is
	Text    string // the statement that made it, with its changes
	Columns string // of a table: name, type, whether they may be NULL and their place in the key, by name
	Older   bool   // another program may have made it, in words of its own
}

const declaredQuery = `SELECT s.type || '/' || s.name, lower(s.tbl_name), s.sql, coalesce((SELECT group_concat(c, ', ') FROM (
		SELECT format('%s %s %d %d %d', name, upper(type), "notnull", pk, hidden) AS c FROM pragma_table_xinfo(s.name) WHERE s.type = 'table' ORDER BY name)), '')
	FROM sqlite_schema s WHERE s.type IN ('table', 'index') AND s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\'`

// ReadDeclared reads what the file of a transaction declares.
func ReadDeclared(ctx context.Context, tx *sql.Tx) (Declared, error) {
	rows, err := tx.QueryContext(ctx, declaredQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	declared := Declared{}
	for rows.Next() {
		var at string
		var d Declaration
		if err := rows.Scan(&at, &d.Table, &d.Text, &d.Columns); err != nil {
			return nil, err
		}
		declared[at] = d
	}
	return declared, rows.Err()
}
