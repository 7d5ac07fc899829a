package audit

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// withTruncate adds that no table whose rows are kept can be emptied, for which PostgreSQL has a
// statement of its own.
func (gs Guards) withTruncate() Guards {
	all := slices.Clone(gs)
	for _, g := range gs {
		if g.Event == "DELETE" {
			all = append(all, Guard{g.Table + "_no_truncate", "TRUNCATE", g.Table, "", g.Message})
		}
	}
	return all
}

// isNot is SQLite's comparison of what may be NULL.
var isNot = regexp.MustCompile(` IS NOT (OLD\.\w+)`)

// postgresBody is what a guard's function does.
func (g Guard) postgresBody() string {
	row := map[string]string{"DELETE": "OLD", "TRUNCATE": "NULL"}[g.Event]
	if row == "" {
		row = "NEW"
	}
	refuse := fmt.Sprintf(`RAISE EXCEPTION USING MESSAGE = '%s';`, g.Message)
	if g.When != "" {
		refuse = fmt.Sprintf(`IF %s THEN %s END IF;`, isNot.ReplaceAllString(g.When, ` IS DISTINCT FROM $1`), refuse)
	}
	return fmt.Sprintf(` BEGIN %s RETURN %s; END `, refuse, row)
}

// postgresFunction makes the function. It reads the tables of the schema that it is made in, whatever
// the search path of whoever writes, and no temporary ones: package postgres has these last.
func (g Guard) postgresFunction() string {
	return fmt.Sprintf(`CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $guard$%s$guard$`, g.Name, g.postgresBody())
}

// Repath returns the statements that give the functions of guards in PostgreSQL the search path of the connection: those
// of earlier versions read temporary tables of the same names first.
func (gs Guards) Repath() string {
	var b strings.Builder
	for _, g := range gs.withTruncate() {
		fmt.Fprintf(&b, "ALTER FUNCTION %s() SET search_path FROM CURRENT;\n", g.Name)
	}
	return b.String()
}

// postgresTrigger is the trigger as the server writes it.
func (g Guard) postgresTrigger() string {
	each := "ROW"
	if g.Event == "TRUNCATE" {
		each = "STATEMENT"
	}
	return fmt.Sprintf(`CREATE TRIGGER %[1]s BEFORE %[2]s ON %[3]s FOR EACH %[4]s EXECUTE FUNCTION %[1]s()`, g.Name, g.Event, g.Table, each)
}

// guardsQuery lists the triggers of tables with all that makes them what they are: whether they fire, and
// their function with its search path.
const guardsQuery = `SELECT t.tgname, concat_ws(chr(10), t.tgenabled, pg_get_triggerdef(t.oid, true), p.prosrc, array_to_string(p.proconfig, ','))
	FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
	WHERE c.relnamespace = current_schema::regnamespace AND NOT t.tgisinternal AND c.relname IN (`

func (gs Guards) checkPostgres(ctx context.Context, tx *sql.Tx, found *Findings) error {
	var tables []any
	for _, g := range gs {
		if !slices.Contains(tables, any(g.Table)) {
			tables = append(tables, g.Table)
		}
	}
	if err := plainNames(ctx, tx); err != nil {
		return err
	}
	if err := checkTables(ctx, tx, tables, found); err != nil {
		return err
	}
	have, err := texts(ctx, tx, guardsQuery+Places(len(tables))+`)`, tables...)
	if err != nil {
		return err
	}
	var path string
	if err := tx.QueryRowContext(ctx, `SELECT quote_ident(current_schema) || ', pg_temp'`).Scan(&path); err != nil {
		return err
	}
	for _, g := range gs.withTruncate() {
		want := []string{"O", g.postgresTrigger(), g.postgresBody(), "search_path=" + path}
		checkGuard(g.Name, strings.Join(want, "\n"), have, found)
	}
	if len(have) > 0 {
		found.Add("trigger", "the tables have %d triggers that are not this library's", len(have))
	}
	return nil
}

// plainNames has the server write names to the end of the transaction as it does unless it is told to quote them all.
func plainNames(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT set_config('quote_all_identifiers', 'off', true)`)
	return err
}

// tablesQuery lists tables that are not simply what was written to them: where rules rewrite statements, policies hide rows,
// rows of other tables are read with them, or a crash of the server empties them.
const tablesQuery = `SELECT c.relname, concat_ws(', ', CASE WHEN EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid) THEN 'rules' END,
		CASE WHEN c.relrowsecurity OR c.relforcerowsecurity THEN 'row-level security' END,
		CASE WHEN EXISTS (SELECT 1 FROM pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)) THEN 'inheritance' END,
		CASE WHEN c.relkind <> 'r' OR c.relpersistence <> 'p' THEN 'another kind' END)
	FROM pg_class c WHERE c.relnamespace = current_schema::regnamespace AND c.relname IN (`

func checkTables(ctx context.Context, tx *sql.Tx, tables []any, found *Findings) error {
	odd, err := texts(ctx, tx, tablesQuery+Places(len(tables))+`)`, tables...)
	for _, table := range slices.Sorted(maps.Keys(odd)) {
		if odd[table] != "" {
			found.Add("table/"+table, "%s is not simply what was written to it: it has %s", table, odd[table])
		}
	}
	return err
}

// Places returns n placeholders of a list: "?, ?, ?".
func Places(n int) string { return strings.Repeat("?, ", n-1) + "?" }
