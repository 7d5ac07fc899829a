package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
)

// views are what every warehouse shows of its tables. Each is made of those before it and may be made again.
var views = []string{
	recordVersionsView, bronzeCellsView, silverCurrentStateView, queryCommentsView, openQueriesView, changesView, visitsView,
}

// createViews makes the views and the macro unless all are there as this version makes them, which takes most of the
// time of opening. A view's comment says of which text it is; whoever replaces a view takes the comment away.
func createViews(ctx context.Context, conn *sql.Conn, sameTables bool) error {
	if sameTables {
		if current, err := viewsAreCurrent(ctx, conn); err != nil || current {
			return err
		}
	}
	for _, view := range views {
		comment := fmt.Sprintf(`COMMENT ON VIEW %s IS '%s'`, viewName(view), viewComment(view))
		if err := executeAll(ctx, conn, []string{view, comment}); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, silverOfStudyMacro)
	return err
}

func viewsAreCurrent(ctx context.Context, conn *sql.Conn) (bool, error) {
	rows, err := conn.QueryContext(ctx, `SELECT view_name, comment FROM duckdb_views()
		WHERE database_name = current_database() AND schema_name = current_schema() AND comment IS NOT NULL`)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	comments := map[string]string{}
	for rows.Next() {
		var name, comment string
		if err := rows.Scan(&name, &comment); err != nil {
			return false, err
		}
		comments[name] = comment
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	for _, view := range views {
		if comments[viewName(view)] != viewComment(view) {
			return false, nil
		}
	}
	return macroIsThere(ctx, conn), nil
}

// macroIsThere binds the macro, which is much faster than looking through all functions.
func macroIsThere(ctx context.Context, conn *sql.Conn) bool {
	statement, err := conn.PrepareContext(ctx, `FROM silver_current_state_of('')`)
	return err == nil && statement.Close() == nil
}

// viewName is the name in a statement that creates a view.
func viewName(view string) string {
	return strings.Fields(view)[len(strings.Fields("CREATE OR REPLACE VIEW"))]
}

func viewComment(view string) string { return fmt.Sprintf("imednet %x", sha256.Sum256([]byte(view))) }
