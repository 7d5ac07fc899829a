package audit

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Guard is a trigger that refuses what would rewrite history.
type Guard struct{ Name, SQL string }

// NewGuard makes a trigger that refuses an event ("INSERT", "UPDATE" or "DELETE") on a table when
// the condition holds; an empty condition always does.
func NewGuard(name, event, table, when, message string) Guard {
	if when != "" {
		when = " WHEN " + when
	}
	return Guard{name, fmt.Sprintf(`CREATE TRIGGER %s BEFORE %s ON %s%s BEGIN SELECT RAISE(ABORT, '%s'); END`, name, event, table, when, message)}
}

// Guards is a store's list of triggers.
type Guards []Guard

// SQL returns the statements that put the guards in place of any triggers of the same names.
func (gs Guards) SQL() string {
	var b strings.Builder
	for _, g := range gs {
		fmt.Fprintf(&b, "DROP TRIGGER IF EXISTS %s;\n%s;\n", g.Name, g.SQL)
	}
	return b.String()
}

// Check notes every guard that the file lacks or that reads otherwise, and every trigger that is
// none of them.
func (gs Guards) Check(ctx context.Context, tx *sql.Tx, found *Findings) error {
	rows, err := tx.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name`)
	if err != nil {
		return err
	}
	defer rows.Close()
	have := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		have[name] = text
	}
	for _, g := range gs {
		switch have[g.Name] {
		case g.SQL:
		case "":
			found.Add("trigger/"+g.Name, "is missing: the table could be rewritten")
		default:
			found.Add("trigger/"+g.Name, "was replaced by another")
		}
		delete(have, g.Name)
	}
	if len(have) > 0 {
		found.Add("trigger", "the file has %d triggers that are not this library's", len(have))
	}
	return rows.Err()
}
