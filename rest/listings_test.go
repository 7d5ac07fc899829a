package rest_test

import (
	"iter"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// shown is a row as a listing yielded it.
type shown struct {
	id    int64
	raw   string // its JSON
	value any    // its model
}

// equals compares two rows byte for byte and member by member.
func (s shown) equals(other shown) bool {
	return s.id == other.id && s.raw == other.raw && reflect.DeepEqual(s.value, other.value)
}

// firstDifference is the first position at which two lists of rows differ; -1 when one begins with
// the other.
func firstDifference(a, b []shown) int {
	for i := range min(len(a), len(b)) {
		if !a[i].equals(b[i]) {
			return i
		}
	}
	return -1
}

// requireSame holds that two listings have the same rows in the same order.
func requireSame(t testing.TB, want, got []shown, format string, args ...any) {
	t.Helper()
	require.Lenf(t, got, len(want), format, args...)
	require.Equalf(t, -1, firstDifference(want, got), format, args...)
}

// rowsOf collects a listing.
func rowsOf[T any](rows iter.Seq2[T, error], parts func(T) (id int64, raw []byte)) (all []shown, err error) {
	for row, err := range rows {
		if err != nil {
			return all, err
		}
		id, raw := parts(row)
		all = append(all, shown{id, string(raw), row})
	}
	return all, nil
}

// listings are what schedules of faults are played against.
var listings = map[imednet.Resource]func(testing.TB, imednet.Client, string, imednet.ListOptions) ([]shown, error){
	imednet.Records: func(t testing.TB, c imednet.Client, study string, opts imednet.ListOptions) ([]shown, error) {
		return rowsOf(c.Records(t.Context(), study, opts), func(r imednet.Record) (int64, []byte) { return r.RecordID, r.Raw })
	},
	imednet.RecordRevisions: func(t testing.TB, c imednet.Client, study string, opts imednet.ListOptions) ([]shown, error) {
		return rowsOf(c.RecordRevisions(t.Context(), study, opts), func(r imednet.RecordRevision) (int64, []byte) { return r.RecordRevisionID, r.Raw })
	},
	imednet.Queries: func(t testing.TB, c imednet.Client, study string, opts imednet.ListOptions) ([]shown, error) {
		return rowsOf(c.Queries(t.Context(), study, opts), func(r imednet.Query) (int64, []byte) { return r.AnnotationID, r.Raw })
	},
	imednet.Subjects: func(t testing.TB, c imednet.Client, study string, opts imednet.ListOptions) ([]shown, error) {
		return rowsOf(c.Subjects(t.Context(), study, opts), func(r imednet.Subject) (int64, []byte) { return r.SubjectID, r.Raw })
	},
	imednet.Visits: func(t testing.TB, c imednet.Client, study string, opts imednet.ListOptions) ([]shown, error) {
		return rowsOf(c.Visits(t.Context(), study, opts), func(r imednet.Visit) (int64, []byte) { return r.VisitID, r.Raw })
	},
}

// undisturbed lists a study through a server of its own, which has no faults.
func undisturbed(t testing.TB, study *imednettest.Study, resource imednet.Resource, opts imednet.ListOptions) []shown {
	rows, err := listings[resource](t, imednettest.NewServer(study).Client(), study.Key(), opts)
	must(err)
	return rows
}

// must panics on an error: what it checks also runs in the hook of a server, where no test can end.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
