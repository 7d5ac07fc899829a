package audit

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Guard is a trigger that refuses what would rewrite history.
type Guard struct{ Name, Event, Table, When, Message string }

// NewGuard makes a trigger that refuses an event ("INSERT", "UPDATE" or "DELETE") on a table when
// the condition holds; an empty condition always does.
func NewGuard(name, event, table, when, message string) Guard {
	return Guard{name, event, table, when, message}
}

// sqlite is the trigger's text in SQLite, which stands in every file: it never changes.
func (g Guard) sqlite() string {
	when := ""
	if g.When != "" {
		when = " WHEN " + g.When
	}
	return fmt.Sprintf(`CREATE TRIGGER %s BEFORE %s ON %s%s BEGIN SELECT RAISE(ABORT, '%s'); END`, g.Name, g.Event, g.Table, when, g.Message)
}

// Guards is a store's list of triggers.
type Guards []Guard

// SQL returns the statements that put the guards in place, in SQLite of any triggers of the same names.
func (gs Guards) SQL(d Dialect) string {
	var b strings.Builder
	if d == PostgreSQL {
		for _, g := range gs.withTruncate() {
			fmt.Fprintf(&b, "%s;\n%s;\n", g.postgresFunction(), g.postgresTrigger())
		}
		return b.String()
	}
	for _, g := range gs {
		fmt.Fprintf(&b, "DROP TRIGGER IF EXISTS %s;\n%s;\n", g.Name, g.sqlite())
	}
	return b.String()
}

// Check notes every guard that the database lacks or that reads otherwise, and every trigger of the
// store's tables that is none of them.
func (gs Guards) Check(ctx context.Context, tx *sql.Tx, d Dialect, found *Findings) error {
	if d == PostgreSQL {
		return gs.checkPostgres(ctx, tx, found)
	}
	return gs.checkSQLite(ctx, tx, found, "")
}

// CheckAmong is Check for a SQLite file whose other tables have triggers too.
func (gs Guards) CheckAmong(ctx context.Context, tx *sql.Tx, found *Findings) error {
	tables := make([]any, len(gs))
	for i, g := range gs {
		tables[i] = g.Table
	}
	return gs.checkSQLite(ctx, tx, found, ` AND lower(tbl_name) IN (`+Places(len(tables))+`)`, tables...)
}

// checkSQLite notes every guard that the file lacks, and counts the other triggers of the tables that a condition names.
func (gs Guards) checkSQLite(ctx context.Context, tx *sql.Tx, found *Findings, of string, tables ...any) error {
	have, err := texts(ctx, tx, `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`+of, tables...)
	if err != nil {
		return err
	}
	for _, g := range gs {
		checkGuard(g.Name, g.sqlite(), have, found)
	}
	if others := len(have); others > 0 {
		found.Add("trigger", "the file has %d triggers that are not this library's", others)
	}
	return nil
}

// checkGuard compares a guard with what the database has under its name, and takes it off that list.
func checkGuard(name, want string, have map[string]string, found *Findings) {
	switch have[name] {
	case want:
	case "":
		found.Add("trigger/"+name, "is missing: the table could be rewritten")
	default:
		found.Add("trigger/"+name, "was replaced by another")
	}
	delete(have, name)
}

// texts reads a query of two columns as a map.
func texts(ctx context.Context, tx *sql.Tx, query string, args ...any) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		out[name] = text
	}
	return out, rows.Err()
}
