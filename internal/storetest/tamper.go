package storetest

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Raw opens a file as any other program would.
func Raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(rawConnector(path))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// Exec runs statements on a file as any other program would.
func Exec(t testing.TB, path string, statements ...string) {
	t.Helper()
	db := sql.OpenDB(rawConnector(path))
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
	require.NoError(t, db.Close())
}

// WithoutGuards runs statements with all triggers dropped and puts them back, so that only the
// content of the file can give the change away.
func WithoutGuards(t testing.TB, path string, statements ...string) {
	t.Helper()
	triggers := column(t, path, `SELECT sql FROM sqlite_schema WHERE type = 'trigger'`)
	names := column(t, path, `SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
	script := []string{`BEGIN IMMEDIATE`}
	for _, name := range names {
		script = append(script, `DROP TRIGGER `+name)
	}
	script = append(append(append(script, statements...), triggers...), `COMMIT`)
	Exec(t, path, strings.Join(script, ";\n"))
}

// Copy copies a file that no program has open.
func Copy(t testing.TB, path string) string {
	t.Helper()
	from, err := os.Open(path)
	require.NoError(t, err)
	defer from.Close()
	copied := filepath.Join(t.TempDir(), filepath.Base(path))
	to, err := os.OpenFile(copied, os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return copied
}

// Table says which rows of a table to forge, and how a row is named.
type Table struct {
	Name string
	Key  []string // columns of its primary key
	Swap string   // column whose values two neighbours exchange: another order, or each other's content
	With string   // column that neighbours must share; empty: none
}

// Forgery is one change of a file.
type Forgery struct{ Name, SQL string }

// Forgeries lists every way to change one column of one row, to remove one row, and to exchange
// two neighbours.
func Forgeries(t testing.TB, path string, tables []Table) []Forgery {
	t.Helper()
	var out []Forgery
	for _, table := range tables {
		columns := column(t, path, `SELECT name FROM pragma_table_info('`+table.Name+`')`)
		require.NotEmpty(t, columns, table.Name)
		rows := column(t, path, `SELECT `+rowCondition(table)+` FROM `+table.Name+` ORDER BY `+strings.Join(table.Key, ", "))
		require.NotEmpty(t, rows, "table %s has nothing to forge", table.Name)
		if table.With == "" {
			table.With = "1"
		}
		with := column(t, path, `SELECT `+table.With+` FROM `+table.Name+` ORDER BY `+strings.Join(table.Key, ", "))
		for i, row := range rows {
			for _, c := range columns {
				out = append(out, Forgery{fmt.Sprintf("%s %s of row %d", table.Name, c, i+1), fmt.Sprintf(
					`UPDATE %[1]s SET %[2]s = CASE typeof(%[2]s) WHEN 'integer' THEN %[2]s + 1000 WHEN 'null' THEN 'x' WHEN 'blob' THEN CAST(%[2]s || 'x' AS BLOB) ELSE %[2]s || 'x' END WHERE %[3]s`, table.Name, c, row)})
			}
			out = append(out, Forgery{fmt.Sprintf("%s without row %d", table.Name, i+1), `DELETE FROM ` + table.Name + ` WHERE ` + row})
			if i > 0 && with[i-1] == with[i] {
				out = append(out, Forgery{fmt.Sprintf("%s rows %d and %d exchanged", table.Name, i, i+1), exchange(table, rows[i-1], row)})
			}
		}
	}
	return out
}

// rowCondition is an SQL expression that yields the condition that names a row.
func rowCondition(table Table) string {
	var parts []string
	for _, k := range table.Key {
		parts = append(parts, `'`+k+` = ' || quote(`+k+`)`)
	}
	return strings.Join(parts, ` || ' AND ' || `)
}

// exchange swaps the column Swap of two rows by way of a value that no row has.
func exchange(table Table, a, b string) string {
	c, t := table.Swap, table.Name
	return fmt.Sprintf(`CREATE TEMP TABLE pair AS SELECT (SELECT %[1]s FROM %[2]s WHERE %[3]s) AS a, (SELECT %[1]s FROM %[2]s WHERE %[4]s) AS b;
		UPDATE %[2]s SET %[1]s = CASE typeof(%[1]s) WHEN 'integer' THEN -7 ELSE '-7' END WHERE %[1]s = (SELECT a FROM pair) AND (%[3]s);
		UPDATE %[2]s SET %[1]s = (SELECT a FROM pair) WHERE %[1]s = (SELECT b FROM pair) AND (%[4]s);
		UPDATE %[2]s SET %[1]s = (SELECT b FROM pair) WHERE %[1]s = -7 OR %[1]s = '-7';`, c, t, a, b)
}

// Snapshot lists a table's rows as SQL literals of the given columns, apart by ", ".
func Snapshot(t testing.TB, path, table, columns string) []string {
	t.Helper()
	quoted := strings.Split(columns, ", ")
	for i, c := range quoted {
		quoted[i] = `quote(` + c + `)`
	}
	return column(t, path, `SELECT `+strings.Join(quoted, ` || '|' || `)+` FROM `+table+` ORDER BY 1`)
}

func column(t testing.TB, path, query string) []string {
	t.Helper()
	db := sql.OpenDB(rawConnector(path))
	defer db.Close()
	rows, err := db.Query(query)
	require.NoError(t, err, query)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

// rawConnector opens the file at its path without registering a driver.
type rawConnector string
