package versioning

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page of a history and the head go straight to their rows, in their order.
func TestPagesUseAnIndex(t *testing.T) {
	s, err := NewConfigVersionStore(t.Context(), filepath.Join(t.TempDir(), "c.sqlite3"))
	require.NoError(t, err)
	defer s.Close()
	type query struct {
		sql  string
		args []any
	}
	queries := []query{{lastQuery, []any{"S"}}, {commitQuery, []any{"c", "S"}}}
	for _, o := range []HistoryOptions{{}, {After: 5}, {Newest: true}, {Newest: true, After: 5}} {
		text, args := o.query("S")
		queries = append(queries, query{text, args})
	}
	err = s.file.Read(t.Context(), func(tx *sql.Tx) error {
		for _, q := range queries {
			rows, err := tx.Query(`EXPLAIN QUERY PLAN `+q.sql, q.args...)
			require.NoError(t, err)
			defer rows.Close()
			var steps []string
			for rows.Next() {
				var id, parent, unused int
				var step string
				require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
				steps = append(steps, step)
			}
			plan := strings.Join(steps, "\n")
			require.Contains(t, plan, "SEARCH", q.sql)
			require.NotContains(t, plan, "SCAN", q.sql)
			require.NotContains(t, plan, "TEMP B-TREE", q.sql)
		}
		return nil
	})
	require.NoError(t, err)
}
