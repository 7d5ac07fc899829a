package cache_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// TestQueriesAreFoundByIdDateAndCount changes queries in the ways in which they can change, in a study in
// which they are too many to be read as a whole.
func TestQueriesAreFoundByIdDateAndCount(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60_000})
	client := &filteredClient{Client: imednettest.NewServer(study).Client(), rewritten: map[int64]string{}}
	l := open(t, client)
	only := cache.SyncOptions{Resources: []imednet.Resource{imednet.Queries}}
	var total int
	for range client.Client.Queries(t.Context(), study.Key(), imednet.ListOptions{}) {
		total++
	}
	require.Greater(t, total, 1500+100)
	client.queries = func(i int) bool { return i < total-50 }
	run := func(opts cache.SyncOptions) cache.ResourceReport {
		t.Helper()
		r, err := l.SyncResources(t.Context(), study.Key(), opts)
		require.NoError(t, err)
		require.Equal(t, rowsOf(t, client, study.Key(), imednet.Queries), rowsOf(t, l.Client(), study.Key(), imednet.Queries))
		return r.Resources[0]
	}
	run(only)
	client.queries = func(int) bool { return true }
	r := run(only)
	require.EqualValues(t, 50, r.Added, "new queries are found by their id")
	require.Less(t, r.Received, int64(200))

	first := firstQuery(t, client, study.Key())
	client.rewritten[first], client.renewed = "changed", study.Now()
	r = run(only)
	require.EqualValues(t, 1, r.Updated, "a changed query is found by its date")
	require.Less(t, r.Received, int64(200))

	client.queries = func(i int) bool { return i != 7 }
	r = run(only)
	require.EqualValues(t, 1, r.Removed, "a lost query is found by the count")

	client.queries = func(i int) bool { return i != 9 } // a gain and a loss that cancel
	_, err := l.SyncResources(t.Context(), study.Key(), only)
	require.NoError(t, err)
	swept := only
	swept.Sweep = true
	r = run(swept)
	require.EqualValues(t, 1, r.Removed)
	require.EqualValues(t, 1, r.Restored)

	client.noDateLegs = true // the server refuses to filter queries by date
	client.rewritten[first], client.renewed = "changed again", study.Now()
	require.EqualValues(t, 1, run(only).Updated)
}

func firstQuery(t *testing.T, client imednet.QueryReader, study string) int64 {
	for q, err := range client.Queries(t.Context(), study, imednet.ListOptions{}) {
		require.NoError(t, err)
		return q.AnnotationID
	}
	return 0
}

// TestReadersAgree lists every resource, and by filters, over HTTP, in memory, and from the mirror.
func TestReadersAgree(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2500})
	server := imednettest.NewServer(study)
	web, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, server)))
	require.NoError(t, err)
	l := open(t, web)
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	clients := map[string]imednet.Client{"REST": web, "memory": server.Client(), "mirror": l.Client()}
	want := allResources(t, web, study.Key())
	for name, client := range clients {
		require.Equal(t, want, allResources(t, client, study.Key()), name)
		for _, f := range []imednet.Filter{
			imednet.Where("subjectKey", imednet.Equal, "01-001"),
			imednet.Where("subjectKey", imednet.NotEqual, "01-001").And("dateModified", imednet.GreaterOrEqual, time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)),
		} {
			opts := imednet.ListOptions{Filter: f}
			require.Equal(t, cachetest.Encoded(t, web.Queries(t.Context(), study.Key(), opts), imednet.Encode[imednet.Query]),
				cachetest.Encoded(t, client.Queries(t.Context(), study.Key(), opts), imednet.Encode[imednet.Query]), "%s: queries by %v", name, f)
			require.Equal(t, cachetest.Encoded(t, web.Records(t.Context(), study.Key(), opts), imednet.Encode[imednet.Record]),
				cachetest.Encoded(t, client.Records(t.Context(), study.Key(), opts), imednet.Encode[imednet.Record]), "%s: records by %v", name, f)
			require.Equal(t, cachetest.Encoded(t, web.Visits(t.Context(), study.Key(), opts), imednet.Encode[imednet.Visit]),
				cachetest.Encoded(t, client.Visits(t.Context(), study.Key(), opts), imednet.Encode[imednet.Visit]), "%s: visits by %v", name, f)
		}
		one := imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, study.RecordIDs()[5])}
		require.Equal(t, cachetest.Encoded(t, web.RecordRevisions(t.Context(), study.Key(), one), imednet.Encode[imednet.RecordRevision]),
			cachetest.Encoded(t, client.RecordRevisions(t.Context(), study.Key(), one), imednet.Encode[imednet.RecordRevision]), name)
		users := cachetest.Encoded(t, client.Users(t.Context(), study.Key(), imednet.ListOptions{}), imednet.Encode[imednet.User])
		served := cachetest.Encoded(t, web.Users(t.Context(), study.Key(), imednet.ListOptions{}), imednet.Encode[imednet.User])
		slices.Sort(users)
		slices.Sort(served)
		require.Equal(t, served, users, name)
	}
}

// TestPilotResources mirrors every resource of the pilot study at a moment of it and at its end.
func TestPilotResources(t *testing.T) {
	study, _ := loadPilot(t)
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	for _, midnight := range []string{"2013-10-21", "2015-06-01"} {
		at, err := time.Parse(time.DateOnly, midnight)
		require.NoError(t, err)
		study.SetTime(at)
		start := time.Now()
		server.ResetRequests()
		r := syncStudy(t, l, study.Key(), cache.SyncOptions{})
		t.Logf("%s: %v, %d requests\n%s", midnight, time.Since(start), len(server.Requests()), r)
		requireEqualResources(t, server.Client(), l, study.Key())
	}
	server.ResetRequests()
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	t.Logf("nothing new: %d requests", len(server.Requests()))
}

// TestOlderFilesAreBroughtUpToDate opens a file of the second schema with a study and its structure in it.
func TestOlderFilesAreBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.sqlite3")
	require.NoError(t, cache.MakeOldFile(t.Context(), path, `
		INSERT INTO imednet_study (id, study_key, phase, version, top, active) VALUES (1, 'S', 2, 7, 10, 1);
		INSERT INTO imednet_version (study, version, seen_at) VALUES (1, 7, 1735689600000000);
		INSERT INTO imednet_writer (active) VALUES (1);
		INSERT INTO record_cache (study_key, record_id, form_key, date_modified, payload) VALUES ('S', 10, 'AE', '', '{"recordId":10}');
		DELETE FROM imednet_writer;
		INSERT INTO imednet_record (study, record_id, state, version) VALUES (1, 10, 0, 7);
		INSERT INTO imednet_structure (study, resource, row_id, payload) VALUES (1, 'forms', 3, '{"formId":3,"formKey":"AE"}'), (1, 'sites', 4, '{"siteId":4}');
		INSERT INTO imednet_structure_sync (study, resource, synced_at) VALUES (1, 'forms', 5), (1, 'sites', 6), (1, 'visits', 7)`))
	l := openAt(t, nil, path)
	var got []string
	for f, err := range l.Forms(t.Context(), "S", imednet.ListOptions{}) {
		require.NoError(t, err)
		got = append(got, string(f.Raw))
	}
	require.Equal(t, []string{`{"formId":3,"formKey":"AE"}`}, got)
	for v, err := range l.Visits(t.Context(), "S", imednet.ListOptions{}) {
		require.NoError(t, err)
		require.Fail(t, "there was no visit", fmt.Sprint(v.VisitID))
	}
	for _, err := range l.Variables(t.Context(), "S", imednet.ListOptions{}) {
		require.ErrorIs(t, err, cache.ErrNotSynced)
	}
	view := l.Client()
	n := 0
	for rec, err := range view.Records(t.Context(), "S", imednet.ListOptions{}) {
		require.NoError(t, err)
		require.EqualValues(t, 10, rec.RecordID)
		n++
	}
	require.Equal(t, 1, n)
	_, err := l.AsOf(t.Context(), "S", 7)
	require.NoError(t, err)
	require.Len(t, mustStatus(t, l, "S").Structure, 3)
}
