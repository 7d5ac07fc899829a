package cache_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

var all = imednet.ListOptions{}

// TestFiltersAgreeWithTheServer compares the mirror's rows with the client's, filter by filter.
func TestFiltersAgreeWithTheServer(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2500})
	client := imednettest.NewServer(study).Client()
	l := open(t, client)
	sync(t, l, study.Key())
	ids := study.RecordIDs()
	rec, _ := study.Record(ids[1200])
	modified, _ := rec.DateModified.Get()
	where := imednet.Where
	for _, f := range []imednet.Filter{
		{},
		where("recordId", imednet.Equal, ids[7]),
		where("recordId", imednet.NotEqual, ids[7]),
		where("recordId", imednet.GreaterOrEqual, int(ids[2000])),
		where("recordId", imednet.Less, ids[5]).Or("formKey", imednet.Equal, "AE"),
		where("formId", imednet.Equal, rec.FormID.Or(0)),
		where("formKey", imednet.Equal, "AE"),
		where("formKey", imednet.Greater, "D").And("recordId", imednet.Greater, ids[100]),
		where("siteId", imednet.Equal, rec.SiteID.Or(0)),
		where("intervalId", imednet.Equal, 0),
		where("intervalId", imednet.NotEqual, rec.IntervalID.Or(1)),
		where("visitId", imednet.GreaterOrEqual, 1),
		where("subjectId", imednet.Equal, rec.SubjectID.Or(0)),
		where("subjectId", imednet.Equal, rec.SubjectID.Or(0)).And("formKey", imednet.NotEqual, "AE"),
		where("subjectKey", imednet.Equal, rec.SubjectKey.Or("")),
		where("dateModified", imednet.GreaterOrEqual, modified),
		where("dateModified", imednet.Less, modified.Time.Add(time.Millisecond)),
		where("dateModified", imednet.Equal, modified.Time),
		where("siteId", imednet.Equal, "1").Or("formKey", imednet.Equal, "AE"),
	} {
		opts := imednet.ListOptions{Filter: f}
		var want []string
		for rec, err := range client.Records(t.Context(), study.Key(), opts) {
			require.NoError(t, err, "%v", f.Conditions())
			want = append(want, string(rec.Raw))
		}
		var got []string
		for rec, err := range l.Records(t.Context(), study.Key(), opts) {
			require.NoError(t, err)
			got = append(got, string(rec.Raw))
		}
		require.Equal(t, want, got, "%v", f.Conditions())

		bySubject := map[string]bool{}
		var last imednet.Record
		for rec, err := range l.RecordsBySubject(t.Context(), study.Key(), opts) {
			require.NoError(t, err)
			require.True(t, rec.SubjectID.Or(-1) > last.SubjectID.Or(-1) || rec.SubjectID.Or(-1) == last.SubjectID.Or(-1) && rec.RecordID > last.RecordID)
			last = rec
			bySubject[string(rec.Raw)] = true
		}
		require.Len(t, bySubject, len(want))
	}
}

func TestFiltersThatAreRefused(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 20})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	for _, opts := range []imednet.ListOptions{
		{Filter: imednet.Where("recordStatus", imednet.Equal, "x")},
		{RecordDataFilter: imednet.Where("AESER", imednet.Equal, "Y")},
	} {
		n := 0
		for _, err := range l.Records(t.Context(), study.Key(), opts) {
			require.ErrorIs(t, err, imednet.ErrUnsupportedFilter)
			n++
		}
		require.Equal(t, 1, n)
	}
	for _, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("nonsense", imednet.Equal, "x")}) {
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid)
	}
	for _, err := range l.Records(t.Context(), "UNKNOWN", all) {
		require.ErrorIs(t, err, cache.ErrNotSynced)
	}
}

func TestStructureOffline(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 500})
	server := imednettest.NewServer(study)
	client := server.Client()
	l := open(t, client)
	for _, err := range l.Forms(t.Context(), study.Key(), all) {
		require.ErrorIs(t, err, cache.ErrNotSynced)
	}
	r, err := l.SyncStructure(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	require.Len(t, r.Resources, 6)
	require.Equal(t, raws(t, client.Forms(t.Context(), study.Key(), all), imednet.Encode[imednet.Form]), raws(t, l.Forms(t.Context(), study.Key(), all), imednet.Encode[imednet.Form]))
	require.Equal(t, raws(t, client.Sites(t.Context(), study.Key(), all), imednet.Encode[imednet.Site]), raws(t, l.Sites(t.Context(), study.Key(), all), imednet.Encode[imednet.Site]))
	require.Equal(t, raws(t, client.Intervals(t.Context(), study.Key(), all), imednet.Encode[imednet.Interval]), raws(t, l.Intervals(t.Context(), study.Key(), all), imednet.Encode[imednet.Interval]))
	require.Equal(t, raws(t, client.Variables(t.Context(), study.Key(), all), imednet.Encode[imednet.Variable]), raws(t, l.Variables(t.Context(), study.Key(), all), imednet.Encode[imednet.Variable]))
	require.Equal(t, raws(t, client.Subjects(t.Context(), study.Key(), all), imednet.Encode[imednet.Subject]), raws(t, l.Subjects(t.Context(), study.Key(), all), imednet.Encode[imednet.Subject]))
	require.Equal(t, raws(t, client.Visits(t.Context(), study.Key(), all), imednet.Encode[imednet.Visit]), raws(t, l.Visits(t.Context(), study.Key(), all), imednet.Encode[imednet.Visit]))
	ae := imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE")}
	require.Equal(t, raws(t, client.Variables(t.Context(), study.Key(), ae), imednet.Encode[imednet.Variable]), raws(t, l.Variables(t.Context(), study.Key(), ae), imednet.Encode[imednet.Variable]))

	for rec, err := range l.Subjects(t.Context(), study.Key(), all) {
		require.NoError(t, err)
		require.NoError(t, study.RenameSubject(rec.SubjectID, "77-777"))
		break
	}
	r, err = l.SyncStructure(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	for _, one := range r.Resources {
		require.Equal(t, one.Held, one.Added+one.Updated+one.Unchanged)
		require.Zero(t, one.Added+one.Removed)
		require.Equal(t, one.Resource == imednet.Subjects, one.Updated == 1)
	}
	server.Inject(imednettest.Fault{Path: "forms", Empty: true})
	_, err = l.SyncStructure(t.Context(), study.Key(), cache.SyncOptions{})
	var mass *cache.MassDeletionError
	require.True(t, errors.As(err, &mass))
	require.Equal(t, imednet.Forms, mass.Resource)
	status, err := l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	require.Len(t, status.Structure, 6)
	require.False(t, status.Started)
}

func raws[T any, R ~[]byte](t *testing.T, rows func(func(T, error) bool), encode func(T) (R, error)) []string {
	var all []string
	for row, err := range rows {
		require.NoError(t, err)
		raw, err := encode(row)
		require.NoError(t, err)
		all = append(all, string(raw))
	}
	require.NotEmpty(t, all)
	return all
}

func TestOptionsAreChecked(t *testing.T) {
	for _, opt := range []cache.Option{
		cache.WithClock(nil), cache.WithProgress(nil), cache.WithLockTimeout(-1), cache.WithOverlap(-1), cache.WithPageSize(0), cache.WithPageSize(501),
	} {
		_, err := cache.NewCachedRecordsLoader(t.Context(), nil, t.TempDir()+"/x.sqlite3", opt)
		var typed *imednet.Error
		require.ErrorAs(t, err, &typed)
		require.Equal(t, "open", typed.Op)
	}
	l := open(t, nil)
	_, err := l.SyncRecords(t.Context(), "DEMO", cache.SyncOptions{})
	require.ErrorIs(t, err, cache.ErrNoClient)
	_, err = l.Verify(t.Context(), "DEMO")
	require.ErrorIs(t, err, cache.ErrNoClient)
	_, err = l.SyncStructure(t.Context(), "DEMO", cache.SyncOptions{})
	require.ErrorIs(t, err, cache.ErrNoClient)
}
