package cache_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// TestResourceFaultsOnTheWay breaks one request after the other of a run over all resources: marks do not
// move, and the run after the last fault ends equal to the server.
func TestResourceFaultsOnTheWay(t *testing.T) {
	step := 5
	if long() {
		step = 1
	}
	for _, fault := range []imednettest.Fault{{Status: 500}, {Reset: true}, {Truncate: true}, {Malformed: true}, {OmitData: true}, {RepeatRow: true}, {Empty: true}} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 800})
		server := imednettest.NewServer(study)
		l := open(t, server.Client(), cache.WithBatchRows(60), cache.WithPageSize(100))
		failures, quiet := 0, 0
		for skip := 0; quiet < 2; skip += step {
			require.Less(t, skip, 120)
			fault.Skip = skip
			server.ResetRequests()
			server.Inject(fault)
			_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
			hit := len(server.Requests()) > skip
			server.ClearFaults()
			switch {
			case err != nil:
				failures++
			case !hit:
				quiet++
			}
		}
		require.Positive(t, failures)
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
		requireEqualResources(t, server.Client(), l, study.Key())
	}
}

// TestResourcesKilled kills a process at random moments of runs over all resources.
func TestResourcesKilled(t *testing.T) {
	moments := 4
	if long() {
		moments = 100
	}
	options := imednettest.GenerateOptions{Records: 1800}
	old, edited := editedStudy(options, 0), editedStudy(options, 150)
	dir := t.TempDir()
	task := childTask{Path: filepath.Join(dir, "measure.sqlite3"), Study: options, Edits: 150, Repeat: 1, Batches: 50, All: true}
	longest := task.duration(t)
	rng := rand.New(rand.NewPCG(7, 4))
	kills := 0
	for i := 0; kills < moments; i++ {
		require.Less(t, i, 4*moments, "too few were killed in time")
		path := filepath.Join(dir, strconv.Itoa(i), "mirror.sqlite3")
		if i%2 == 0 {
			l := openAt(t, imednettest.NewServer(old).Client(), path)
			syncStudy(t, l, old.Key(), cache.SyncOptions{})
		}
		task.Path, task.KillAt, task.Sweep = path, 1+time.Duration(rng.Int64N(int64(longest))), i%4 == 2
		if !task.killed(t) {
			continue
		}
		kills++
		server := imednettest.NewServer(edited)
		l := openAt(t, server.Client(), path)
		damaged, _, err := l.Check(t.Context(), edited.Key())
		require.NoError(t, err)
		require.Empty(t, damaged)
		syncStudy(t, l, edited.Key(), cache.SyncOptions{Sweep: true})
		requireEqualResources(t, server.Client(), l, edited.Key())
	}
}

// TestResourcesWhileTheStudyChanges edits the study before each request of many runs. When it stands still
// again, every resource is the server's.
func TestResourcesWhileTheStudyChanges(t *testing.T) {
	seeds := 2
	if long() {
		seeds = 20
	}
	for seed := range seeds {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000, Seed: uint64(seed)})
		server := imednettest.NewServer(study)
		l := open(t, server.Client(), cache.WithPageSize(100))
		m := newMeddler(t, study, uint64(seed), 600)
		server.OnRequest(func(imednettest.Request) {
			for range 3 {
				m.meddle()
			}
		})
		for m.left > 0 {
			_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
			if err != nil {
				require.ErrorIs(t, err, cache.ErrUnsettled)
			}
		}
		server.OnRequest(nil)
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
		requireEqualResources(t, server.Client(), l, study.Key())
	}
}

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
			require.Equal(t, encoded(t, web.Queries(t.Context(), study.Key(), opts), imednet.Encode[imednet.Query]),
				encoded(t, client.Queries(t.Context(), study.Key(), opts), imednet.Encode[imednet.Query]), "%s: queries by %v", name, f)
			require.Equal(t, encoded(t, web.Records(t.Context(), study.Key(), opts), imednet.Encode[imednet.Record]),
				encoded(t, client.Records(t.Context(), study.Key(), opts), imednet.Encode[imednet.Record]), "%s: records by %v", name, f)
			require.Equal(t, encoded(t, web.Visits(t.Context(), study.Key(), opts), imednet.Encode[imednet.Visit]),
				encoded(t, client.Visits(t.Context(), study.Key(), opts), imednet.Encode[imednet.Visit]), "%s: visits by %v", name, f)
		}
		one := imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, study.RecordIDs()[5])}
		require.Equal(t, encoded(t, web.RecordRevisions(t.Context(), study.Key(), one), imednet.Encode[imednet.RecordRevision]),
			encoded(t, client.RecordRevisions(t.Context(), study.Key(), one), imednet.Encode[imednet.RecordRevision]), name)
		users := encoded(t, client.Users(t.Context(), study.Key(), imednet.ListOptions{}), imednet.Encode[imednet.User])
		served := encoded(t, web.Users(t.Context(), study.Key(), imednet.ListOptions{}), imednet.Encode[imednet.User])
		slices.Sort(users)
		slices.Sort(served)
		require.Equal(t, served, users, name)
	}
}

// TestPilotResources mirrors every resource of the pilot study at three moments and its end.
func TestPilotResources(t *testing.T) {
	study, _ := loadPilot(t)
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	for _, midnight := range []string{"2013-02-04", "2013-10-21", "2014-05-02", "2015-06-01"} {
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
