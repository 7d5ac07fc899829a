package storetest

import (
	"fmt"
	"testing"
)

// Redeclarations lists changes of what a file declares that leave all rows as they are: a column more, an index more,
// another declaration, of each of its tables.
func Redeclarations(t testing.TB, path string) []Forgery {
	t.Helper()
	var out []Forgery
	for _, table := range column(t, path, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`) {
		first := column(t, path, `SELECT name FROM pragma_table_info('`+table+`') LIMIT 1`)[0]
		out = append(out,
			Forgery{table + ": a column more", fmt.Sprintf(`ALTER TABLE %s ADD COLUMN stranger TEXT`, table)},
			Forgery{table + ": a computed column more", fmt.Sprintf(`ALTER TABLE %s ADD COLUMN stranger TEXT AS (1)`, table)},
			Forgery{table + ": an index more", fmt.Sprintf(`CREATE INDEX stranger ON %s (%s)`, table, first)},
			Forgery{table + ": a column of another name", fmt.Sprintf(`ALTER TABLE %s RENAME COLUMN %s TO stranger; ALTER TABLE %[1]s ADD COLUMN %[2]s TEXT AS (stranger)`, table, first)},
			Forgery{table + ": other constraints", fmt.Sprintf(`PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = '%s'; PRAGMA writable_schema = 0`, table)},
		)
	}
	return out
}
