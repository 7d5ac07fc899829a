package warehouse_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// trail is an audit trail in memory that honours the id condition, as the API does.
type trail struct {
	rows  []imednet.RecordRevision
	fail  error // after the last row
	asked []imednet.ListOptions
}

func (s *trail) RecordRevisions(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	s.asked = append(s.asked, opts)
	return func(yield func(imednet.RecordRevision, error) bool) {
		for _, r := range s.rows {
			if matches(r, opts.Filter) && !yield(r, nil) {
				return
			}
		}
		if s.fail != nil {
			yield(imednet.RecordRevision{}, s.fail)
		}
	}
}

func matches(r imednet.RecordRevision, f imednet.Filter) bool {
	for _, c := range f.Conditions() {
		switch c.Attribute {
		case "recordRevisionId":
			if r.RecordRevisionID <= c.Value.(int64) {
				return false
			}
		case "dateCreated":
			if r.DateCreated.Or(imednet.Time{}).Before(c.Value.(time.Time)) {
				return false
			}
		}
	}
	return true
}

// listing is a source without history.
type listing []imednet.Record

func (s listing) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, r := range s {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// chronicle is a source with history.
type chronicle struct {
	listing
	versions []imednet.RecordVersion
}

func (s *chronicle) ChangesSince(_ context.Context, _ string, after imednet.MirrorVersion) iter.Seq2[imednet.RecordVersion, error] {
	return func(yield func(imednet.RecordVersion, error) bool) {
		for _, v := range s.versions {
			if v.Version > after && !yield(v, nil) {
				return
			}
		}
	}
}

func (s *chronicle) RecordHistory(ctx context.Context, study string, id int64) iter.Seq2[imednet.RecordVersion, error] {
	return func(yield func(imednet.RecordVersion, error) bool) {
		for v, err := range s.ChangesSince(ctx, study, 0) {
			if v.Record.RecordID == id && !yield(v, err) {
				return
			}
		}
	}
}

func (s *chronicle) LatestVersion(context.Context, string) (imednet.MirrorVersion, error) {
	if len(s.versions) == 0 {
		return 0, nil
	}
	return slices.MaxFunc(s.versions, func(a, b imednet.RecordVersion) int { return int(a.Version - b.Version) }).Version, nil
}

var day = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func at(days int) imednet.Time { return imednet.NewTime(day.AddDate(0, 0, days)) }

func revision(id, record, number int64, user string, days int) imednet.RecordRevision {
	return imednet.RecordRevision{
		RecordRevisionID: id, RecordID: imednet.Some(record), RecordRevision: imednet.Some(number), DataRevision: imednet.Some(number),
		User: imednet.Some(user), DateCreated: imednet.Some(at(days)), ReasonForChange: imednet.Some("reason " + user),
	}
}

func record(t testing.TB, id int64, days int, data string) imednet.Record {
	raw := fmt.Sprintf(`{"recordId":%d,"formId":3,"formKey":"AE","dateModified":"%s","recordData":%s}`, id, at(days), data)
	rec, err := imednet.Decode[imednet.Record]([]byte(raw))
	require.NoError(t, err)
	return rec
}

func version(v imednet.MirrorVersion, state imednet.RecordState, rec imednet.Record) imednet.RecordVersion {
	return imednet.RecordVersion{Version: v, State: state, SeenAt: day.AddDate(0, 1, int(v)), Record: rec}
}

func open(t testing.TB, opts ...warehouse.Option) *warehouse.DuckDBIngestion {
	t.Helper()
	d, err := warehouse.NewDuckDBIngestion(t.Context(), filepath.Join(t.TempDir(), "study.duckdb"), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// table returns the rows of a query as text, one string a row, cells joined by |; NULL is ∅.
func table(t testing.TB, d *warehouse.DuckDBIngestion, query string, args ...any) []string {
	t.Helper()
	rows, err := d.DB().QueryContext(t.Context(), query, args...)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	out := []string{}
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		require.NoError(t, rows.Scan(cells...))
		out = append(out, joinCells(cells))
	}
	require.NoError(t, rows.Err())
	return out
}

func joinCells(cells []any) string {
	line := ""
	for i, c := range cells {
		if i > 0 {
			line += "|"
		}
		switch v := (*c.(*any)).(type) {
		case nil:
			line += "∅"
		case time.Time:
			line += v.Format(time.DateOnly)
		default:
			line += fmt.Sprint(v)
		}
	}
	return line
}
