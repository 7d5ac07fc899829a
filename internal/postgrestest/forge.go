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

// exchange swaps the column Swap of two rows.
func exchange(table Table, a, b string) string {
	return fmt.Sprintf(`CREATE TEMP TABLE pair ON COMMIT DROP AS SELECT * FROM %[1]s WHERE %[2]s IN (%[4]s, %[5]s);
		CREATE TEMP TABLE other ON COMMIT DROP AS TABLE pair;
		UPDATE pair SET %[3]s = other.%[3]s FROM other WHERE other.%[2]s <> pair.%[2]s;
		DELETE FROM %[1]s WHERE %[2]s IN (%[4]s, %[5]s);
		INSERT INTO %[1]s SELECT * FROM pair`, table.Name, table.Key, table.Swap, a, b)
}

// Forger forges tables one way after the other, each time from what they held at first.
type Forger struct {
	t       testing.TB
	conn    *pgx.Conn
	tables  []Table
	restore string
}

// NewForger keeps what the tables hold.
func NewForger(t testing.TB, databaseURL string, tables []Table) *Forger {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(ctx) })
	f := &Forger{t: t, conn: conn, tables: tables}
	var restore []string
	for _, table := range tables {
		f.exec(fmt.Sprintf(`CREATE TEMP TABLE kept_%[1]s AS TABLE %[1]s`, table.Name))
		restore = append(restore, fmt.Sprintf(`DELETE FROM %[1]s; INSERT INTO %[1]s TABLE kept_%[1]s`, table.Name))
	}
	f.restore = strings.Join(restore, ";\n")
	return f
}

// Try runs statements with all triggers off, calls check, and puts the tables back as they were.
func (f *Forger) Try(forgery string, check func()) {
	f.t.Helper()
	f.exec(withoutGuards(f.tables, forgery))
	defer func() { f.exec(withoutGuards(f.tables, f.restore)) }()
	check()
}

func (f *Forger) exec(statements string) {
	f.t.Helper()
	if _, err := f.conn.Exec(context.Background(), statements); err != nil {
		f.t.Fatalf("%s: %v", statements, err)
	}
}

// WithoutGuards runs statements with the triggers of tables off.
func WithoutGuards(t testing.TB, databaseURL string, tables []Table, statements string) {
	t.Helper()
	Exec(t, databaseURL, withoutGuards(tables, statements))
}

func withoutGuards(tables []Table, statements string) string {
	script := []string{`BEGIN`}
	for _, table := range tables {
		script = append(script, `ALTER TABLE `+table.Name+` DISABLE TRIGGER USER`)
	}
	script = append(script, statements)
	for _, table := range tables {
		script = append(script, `ALTER TABLE `+table.Name+` ENABLE TRIGGER USER`)
	}
	return strings.Join(append(script, `COMMIT`), ";\n")
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
