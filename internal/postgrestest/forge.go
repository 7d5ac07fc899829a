package postgrestest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Table says which rows of a table to forge.
type Table struct {
	Name string
	Key  string // column that names a row
	Swap string // column whose values two neighbours exchange
	With string // column that neighbours must share; empty: none
	Not  string // column that may be anything; empty: none
}

// Forgery is one change of a schema.
type Forgery struct{ Name, SQL string }

// Forgeries lists every way to change one column of one row, to remove one row, and to exchange two
// neighbours.
func Forgeries(t testing.TB, databaseURL string, tables []Table) []Forgery {
	t.Helper()
	var out []Forgery
	for _, table := range tables {
		columns := Column(t, databaseURL, fmt.Sprintf(`SELECT column_name || ' ' || data_type FROM information_schema.columns
			WHERE table_schema = current_schema AND table_name = '%s' ORDER BY ordinal_position`, table.Name))
		rows := Column(t, databaseURL, fmt.Sprintf(`SELECT quote_literal(%s) FROM %s ORDER BY %s`, table.Key, table.Name, table.Key))
		if len(columns) == 0 || len(rows) == 0 {
			t.Fatalf("table %s has nothing to forge", table.Name)
		}
		if table.With == "" {
			table.With = "1"
		}
		with := Column(t, databaseURL, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s`, table.With, table.Name, table.Key))
		for i, row := range rows {
			where := fmt.Sprintf(`%s = %s`, table.Key, row)
			for _, column := range columns {
				name, kind, _ := strings.Cut(column, " ")
				if name != table.Not {
					out = append(out, Forgery{fmt.Sprintf("%s %s of row %d", table.Name, name, i+1), fmt.Sprintf(`UPDATE %s SET %s = %s WHERE %s`, table.Name, name, forged(name, kind), where)})
				}
			}
			out = append(out, Forgery{fmt.Sprintf("%s without row %d", table.Name, i+1), `DELETE FROM ` + table.Name + ` WHERE ` + where})
			if i > 0 && with[i-1] == with[i] {
				out = append(out, Forgery{fmt.Sprintf("%s rows %d and %d exchanged", table.Name, i, i+1), exchange(table, rows[i-1], row)})
			}
		}
	}
	return out
}

// forged is another value of a column.
func forged(column, kind string) string {
	switch kind {
	case "text":
		return `coalesce(` + column + `, '') || 'x'`
	case "bytea":
		return column + ` || '\x78'::bytea`
	}
	return column + ` + 1000`
}

// exchange swaps the column Swap of two rows, by way of a value that no row has.
func exchange(table Table, a, b string) string {
	t, c, k := table.Name, table.Swap, table.Key
	if c == k { // the rows are found by what they exchange
		return fmt.Sprintf(`CREATE TEMP TABLE pair ON COMMIT DROP AS SELECT * FROM %[1]s WHERE %[2]s IN (%[3]s, %[4]s);
			DELETE FROM %[1]s WHERE %[2]s IN (%[3]s, %[4]s);
			UPDATE pair SET %[2]s = CASE WHEN %[2]s = %[3]s THEN %[4]s ELSE %[3]s END;
			INSERT INTO %[1]s SELECT * FROM pair`, t, k, a, b)
	}
	return fmt.Sprintf(`UPDATE %[1]s SET %[2]s = CASE WHEN %[3]s = %[4]s THEN (SELECT %[2]s FROM %[1]s WHERE %[3]s = %[5]s)
		ELSE (SELECT %[2]s FROM %[1]s WHERE %[3]s = %[4]s) END WHERE %[3]s IN (%[4]s, %[5]s)`, t, c, k, a, b)
}

// Forge runs statements with all triggers off, calls check, and puts the tables back as they were.
func Forge(t testing.TB, databaseURL string, tables []Table, forgery string, check func()) {
	t.Helper()
	var keep, restore []string
	for _, table := range tables {
		keep = append(keep, fmt.Sprintf(`DROP TABLE IF EXISTS kept_%[1]s; CREATE TABLE kept_%[1]s AS TABLE %[1]s`, table.Name))
		restore = append(restore, fmt.Sprintf(`DELETE FROM %[1]s; INSERT INTO %[1]s OVERRIDING SYSTEM VALUE TABLE kept_%[1]s; DROP TABLE kept_%[1]s`, table.Name))
	}
	Exec(t, databaseURL, strings.Join(keep, ";\n"))
	WithoutGuards(t, databaseURL, tables, forgery)
	defer WithoutGuards(t, databaseURL, tables, strings.Join(restore, ";\n"))
	check()
}

// WithoutGuards runs statements with the triggers of tables off.
func WithoutGuards(t testing.TB, databaseURL string, tables []Table, statements string) {
	t.Helper()
	script := []string{`BEGIN`}
	for _, table := range tables {
		script = append(script, `ALTER TABLE `+table.Name+` DISABLE TRIGGER USER`)
	}
	script = append(script, statements)
	for _, table := range tables {
		script = append(script, `ALTER TABLE `+table.Name+` ENABLE TRIGGER USER`)
	}
	Exec(t, databaseURL, strings.Join(append(script, `COMMIT`), ";\n"))
}

// Column returns the first column of a query, as text.
func Column(t testing.TB, databaseURL, query string) []string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT c::text FROM (`+query+`) AS q(c)`)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}
