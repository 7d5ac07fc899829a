package cachetest

import (
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// Rows lists a resource of any reader as its JSON; users, which servers list in an order of their own, sorted.
func Rows(t testing.TB, client imednet.Client, study string, name imednet.Resource) []string {
	t.Helper()
	opts := imednet.ListOptions{}
	switch name {
	case imednet.Studies:
		return Encoded(t, client.Studies(t.Context(), opts), imednet.Encode[imednet.Study])
	case imednet.Sites:
		return Encoded(t, client.Sites(t.Context(), study, opts), imednet.Encode[imednet.Site])
	case imednet.Forms:
		return Encoded(t, client.Forms(t.Context(), study, opts), imednet.Encode[imednet.Form])
	case imednet.Intervals:
		return Encoded(t, client.Intervals(t.Context(), study, opts), imednet.Encode[imednet.Interval])
	case imednet.Variables:
		return Encoded(t, client.Variables(t.Context(), study, opts), imednet.Encode[imednet.Variable])
	case imednet.Users:
		users := Encoded(t, client.Users(t.Context(), study, imednet.ListOptions{IncludeInactive: true}), imednet.Encode[imednet.User])
		slices.Sort(users)
		return users
	case imednet.Subjects:
		return Encoded(t, client.Subjects(t.Context(), study, opts), imednet.Encode[imednet.Subject])
	case imednet.Visits:
		return Encoded(t, client.Visits(t.Context(), study, opts), imednet.Encode[imednet.Visit])
	case imednet.Queries:
		return Encoded(t, client.Queries(t.Context(), study, opts), imednet.Encode[imednet.Query])
	case imednet.Codings:
		return Encoded(t, client.Codings(t.Context(), study, opts), imednet.Encode[imednet.Coding])
	case imednet.RecordRevisions:
		return Encoded(t, client.RecordRevisions(t.Context(), study, opts), imednet.Encode[imednet.RecordRevision])
	}
	return Encoded(t, client.Records(t.Context(), study, opts), imednet.Encode[imednet.Record])
}

// Encoded lists rows as their JSON.
func Encoded[T any, R ~[]byte](t testing.TB, rows iter.Seq2[T, error], encode func(T) (R, error)) (all []string) {
	t.Helper()
	for row, err := range rows {
		require.NoError(t, err)
		raw, err := encode(row)
		require.NoError(t, err)
		all = append(all, string(raw))
	}
	return all
}

// requireEqualRows demands that every resource of the mirror is the server's, byte for byte.
func requireEqualRows(t testing.TB, server imednet.Client, l *cache.CachedRecordsLoader, study string) {
	t.Helper()
	for _, name := range append(cache.MirroredResources(), imednet.Records) {
		want, got := Rows(t, server, study, name), Rows(t, l.Client(), study, name)
		require.Len(t, got, len(want), name)
		if !slices.Equal(want, got) {
			require.Equal(t, want, got, name)
		}
	}
}

// requireEqual demands that the mirror lists the study's records, byte for byte, those that are deleted included.
func requireEqual(t testing.TB, study *imednettest.Study, l *cache.CachedRecordsLoader) {
	t.Helper()
	ids := study.RecordIDs()
	i := 0
	for rec, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		require.Less(t, i, len(ids), "a record is too many")
		want, _ := study.Record(ids[i])
		if rec.RecordID != ids[i] || string(want.Raw) != string(rec.Raw) {
			require.Equal(t, ids[i], rec.RecordID)
			require.Equal(t, string(want.Raw), string(rec.Raw))
		}
		i++
	}
	require.Equal(t, len(ids), i)
}

// sync runs a sync of the records, which must be whole.
func sync(t testing.TB, l *cache.CachedRecordsLoader, study string) cache.Report {
	t.Helper()
	r, err := l.SyncRecords(t.Context(), study, cache.SyncOptions{})
	require.NoError(t, err)
	requireBalanced(t, r)
	return r
}

func requireBalanced(t testing.TB, r cache.Report) {
	t.Helper()
	require.Equal(t, r.Received, r.Added+r.Updated+r.Deleted+r.Restored+r.Unchanged, "%+v", r)
	require.Equal(t, r.After.Total(), r.Before.Total()+r.Added+r.Adopted, "%+v", r)
}

// syncStudy runs a sync of everything, which must be whole.
func syncStudy(t testing.TB, l *cache.CachedRecordsLoader, study string, opts cache.SyncOptions) cache.StudyReport {
	t.Helper()
	r, err := l.SyncStudy(t.Context(), study, opts)
	require.NoError(t, err)
	for _, one := range r.Resources.Resources {
		require.Equal(t, one.Received, one.Added+one.Updated+one.Restored+one.Unchanged, one.String())
	}
	return r
}

func status(t testing.TB, l *cache.CachedRecordsLoader, study string) cache.Status {
	t.Helper()
	s, err := l.Status(t.Context(), study)
	require.NoError(t, err)
	return s
}

// requireVerified demands that the mirror finds itself equal to the server.
func requireVerified(t testing.TB, l *cache.CachedRecordsLoader, study string) {
	t.Helper()
	v, err := l.Verify(t.Context(), study)
	require.NoError(t, err)
	require.True(t, v.OK(), "%+v", v)
}
