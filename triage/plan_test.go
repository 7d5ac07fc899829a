package triage

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// plan returns SQLite's query plan, one step a line.
func plan(t *testing.T, tx *sql.Tx, q query) string {
	t.Helper()
	var steps []string
	err := eachRow(t.Context(), tx, `EXPLAIN QUERY PLAN `+q.sql, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	}, q.args...)
	require.NoError(t, err, q.sql)
	return strings.Join(steps, "\n")
}

// Every query of a page goes straight to its rows: an index gives both the rows and their order.
func TestPagesUseAnIndex(t *testing.T) {
	s, err := NewTriageStore(t.Context(), filepath.Join(t.TempDir(), "t.sqlite3"))
	require.NoError(t, err)
	defer s.Close()
	direct := func(tx *sql.Tx, what string, q query) {
		t.Helper()
		p := plan(t, tx, q)
		require.Contains(t, p, "SEARCH", what)
		require.NotContains(t, p, "SCAN triage", what)
		require.NotContains(t, p, "TEMP B-TREE", what)
	}
	err = s.file.Read(t.Context(), func(tx *sql.Tx) error {
		for order := range orders {
			for _, from := range []*position{nil, {Order: order, Group: "HIGH", Time: "2026", ItemID: "a"}} {
				for _, base := range []QueueOptions{{}, {Unassigned: true}, {Unclaimed: true}, {Unconfirmed: true}, {Severity: "HIGH"}} {
					base.StudyKey, base.Order = "S", order
					groups := []group{{name: "HIGH", condition: ` AND severity = ?`, args: []any{"HIGH"}}}
					if order != OrderSeverity {
						groups, err = s.groups(t.Context(), tx, base, nil)
						require.NoError(t, err)
					}
					for _, g := range groups {
						direct(tx, fmt.Sprintf("%+v %s", base, g.name), base.rangeQuery(g, "NEW", from, time.Now(), 100))
					}
				}
			}
		}
		mine := QueueOptions{StudyKey: "S", Assignee: "anna", Order: OrderUpdated}
		direct(tx, "assignee", mine.rangeQuery(group{}, "NEW", nil, time.Now(), 100))
		mine.Order = OrderAge // sorted afterwards, but only what one person has
		require.Contains(t, plan(t, tx, mine.rangeQuery(group{}, "NEW", nil, time.Now(), 100)), "USING INDEX triage_items_assignee")

		direct(tx, "statuses", query{statusesQuery, []any{"S", ""}})
		direct(tx, "severities", query{severitiesQuery, []any{"S", "NEW", ""}})
		direct(tx, "events of a study", (&EventOptions{StudyKey: "S"}).query())
		direct(tx, "events of an item", (&EventOptions{ItemID: "a"}).query())
		direct(tx, "all events", (&EventOptions{}).query())
		direct(tx, "fingerprint", query{fingerprintQuery, []any{"S", "f"}})
		sum := newSummary(SummaryOptions{StudyKey: "S", AgeBounds: []time.Duration{time.Hour}}, time.Now())
		require.Contains(t, plan(t, tx, sum.query()), "USING COVERING INDEX triage_items_severity", "a summary reads the index alone")
		for _, notes := range []string{annotationsQuery(1), historyQuery(1)} {
			p := plan(t, tx, query{notes, []any{"a"}})
			require.Contains(t, p, "SEARCH", notes)
			require.NotContains(t, p, "SCAN triage", notes)
		}
		return nil
	})
	require.NoError(t, err)
}

// Verify replays what it finds, forged entries included.
func TestNoForgedEventStopsVerify(t *testing.T) {
	e := Event{Kind: KindImportedTransition}
	row := itemRow{}
	require.NotPanics(t, func() {
		for _, kind := range []Kind{KindImported, KindImportedAnnotation, KindImportedTransition, KindCreated, KindRegressed, "?"} {
			e.Kind = kind
			row.apply(&e)
		}
	})
}

// A lock that others never release ends in ErrBusy, and the caller's context ends the wait.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sqlite3")
	first, err := NewTriageStore(t.Context(), path)
	require.NoError(t, err)
	defer first.Close()
	second, err := NewTriageStore(t.Context(), path, WithWait(20*time.Millisecond))
	require.NoError(t, err)
	defer second.Close()
	err = first.file.Write(t.Context(), func(*sql.Tx) error {
		_, err := second.UpsertItem(t.Context(), ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "u", Severity: "HIGH"})
		require.ErrorIs(t, err, ErrBusy)
		require.ErrorIs(t, err, audit.ErrBusy)
		require.True(t, imednet.Retryable(err))
		_, err = second.Queue(t.Context(), QueueOptions{StudyKey: "S"})
		require.NoError(t, err, "a writer does not keep readers out")
		ended, cancel := context.WithCancelCause(t.Context())
		cancel(sql.ErrConnDone)
		_, err = second.UpsertItem(ended, ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "u", Severity: "HIGH"})
		require.ErrorIs(t, err, sql.ErrConnDone)
		return nil
	})
	require.NoError(t, err)
}
