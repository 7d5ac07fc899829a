package cachetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// otherProgramsAreNoticed has another program write to record_cache in every way.
func (s suite) otherProgramsAreNoticed(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	place := s.Place(t)
	l := s.Open(t, place, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	var active []int64
	var deleted int64
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); rec.IsDeleted() {
			deleted = id
		} else {
			active = append(active, id)
		}
	}
	require.NotZero(t, deleted)
	exec := func(format string, args ...any) {
		t.Helper()
		s.Exec(t, place, fmt.Sprintf(format, args...))
	}
	upsert := func(id int64, payload string) {
		t.Helper()
		exec(`INSERT INTO record_cache (study_key, record_id, form_key, date_modified, payload) VALUES ('%s', %d, 'AE', 'x', '%s')
			ON CONFLICT (study_key, record_id) DO UPDATE SET payload = excluded.payload`, study.Key(), id, payload)
	}
	upsert(active[10], `{"recordId": 1}`)
	upsert(active[10], `{"recordId": 2}`)
	exec(`UPDATE record_cache SET payload = '{}' WHERE study_key = '%s' AND record_id = %d`, study.Key(), active[20])
	exec(`DELETE FROM record_cache WHERE study_key = '%s' AND record_id = %d`, study.Key(), active[30])
	exec(`UPDATE record_cache SET record_id = %d WHERE study_key = '%s' AND record_id = %d`, int64(1<<41), study.Key(), active[40])
	upsert(1<<40, `{"recordId": 1099511627776}`)
	upsert(active[0]-1, `{}`)
	upsert(deleted, `{}`)
	require.NoError(t, study.EditRecord(active[20], "X", 1))

	before := status(t, l, study.Key())
	require.EqualValues(t, 8, before.Foreign)
	r := sync(t, l, study.Key())
	require.EqualValues(t, 1, r.Updated)
	require.EqualValues(t, 4, r.Repaired)
	require.EqualValues(t, 3, r.Adopted)
	require.Equal(t, before.Records.Total()+r.Adopted, r.After.Total())
	requireEqual(t, study, l)
	requireVerified(t, l, study.Key())
	require.Zero(t, status(t, l, study.Key()).Foreign)
	// What the mirror had held was kept, not what the other program wrote.
	var states []string
	for v, err := range l.RecordHistory(t.Context(), study.Key(), active[20]) {
		require.NoError(t, err)
		states = append(states, string(v.Record.Raw))
	}
	require.Len(t, states, 2)
	require.Contains(t, states[0], `"recordData"`)
}

// otherProgramsBesideAFirstPass has another program write to record_cache before the first run and during it: rows of
// records that the server lists, active and deleted, and rows of its own.
func (s suite) otherProgramsBesideAFirstPass(t *testing.T) {
	for _, moments := range [][]int{{0}, {4}, {0, 5}, {3, 4, 6}} { // requests; 0 is before the run
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 2600})
		server, place := imednettest.NewServer(study), s.Place(t)
		l := s.Open(t, place, server.Client())
		ids := study.RecordIDs()
		deleted := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { rec, _ := study.Record(id); return !rec.IsDeleted() })
		own := int64(0)
		write := func(moment int) {
			t.Helper()
			for _, id := range []int64{ids[moment], ids[len(ids)-1-moment], deleted[moment], deleted[len(deleted)-1-moment], 1<<40 + int64(moment)} {
				s.Exec(t, place, fmt.Sprintf(`INSERT INTO record_cache (study_key, record_id, form_key, date_modified, payload) VALUES ('%s', %d, 'AE', 'x', '{"recordId": 1}')
					ON CONFLICT (study_key, record_id) DO UPDATE SET payload = excluded.payload`, study.Key(), id))
			}
			own++
		}
		if moments[0] == 0 {
			write(0)
		}
		requests := 0
		server.OnRequest(func(imednettest.Request) {
			if requests++; slices.Contains(moments, requests) {
				write(requests)
			}
		})
		first := sync(t, l, study.Key())
		require.Equal(t, own, first.Adopted, "at %v", moments)
		require.EqualValues(t, len(ids), first.Added)
		server.OnRequest(nil)
		sync(t, l, study.Key())
		requireEqual(t, study, l)
		requireVerified(t, l, study.Key())
		require.Zero(t, status(t, l, study.Key()).Foreign)
	}
}

// anAlteredVersionIsFound alters the study's version alone, on which followers rely, also after purges.
func (s suite) anAlteredVersionIsFound(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 80})
	place := s.Place(t)
	l := s.Open(t, place, imednettest.NewServer(study).Client())
	findings := func() []string {
		t.Helper()
		v, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		return v.Findings
	}
	alter := func(by int) { s.Exec(t, place, fmt.Sprintf(`UPDATE imednet_study SET version = version + %d`, by)) }
	purges := []func(){
		func() {},
		func() {
			_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Before: study.Now()})
			require.NoError(t, err)
		},
		func() {
			_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
			require.NoError(t, err)
		},
	}
	for _, purge := range purges {
		purge()
		study.Advance(time.Hour)
		require.NoError(t, study.EditRecord(study.RecordIDs()[0], "X", study.Now().String()))
		syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: true})
		require.Empty(t, findings())
		for _, by := range []int{1, -1, 1000} {
			alter(by)
			require.Len(t, findings(), 1)
			require.Contains(t, findings()[0], "version")
			alter(-by)
		}
		require.Empty(t, findings())
	}
}

// viewsAndCutsKeepTheirVersion changes the study between syncs: views and data cuts show every resource as it
// was, and a former state that another program rewrites is found.
func (s suite) viewsAndCutsKeepTheirVersion(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	server := imednettest.NewServer(study)
	place := s.Place(t)
	l := s.Open(t, place, server.Client())
	type moment struct {
		version imednet.MirrorVersion
		view    *cache.View
		rows    map[imednet.Resource][]string
		cut     cache.Manifest
	}
	all := func(client imednet.Client) map[imednet.Resource][]string {
		rows := map[imednet.Resource][]string{}
		for _, name := range append(cache.MirroredResources(), imednet.Records) {
			rows[name] = Rows(t, client, study.Key(), name)
		}
		return rows
	}
	var moments []moment
	for seed := range uint64(4) {
		if seed > 0 {
			study.Advance(48 * time.Hour)
			NewMeddler(t, study, seed, 60).MeddleOn()
		}
		m := moment{version: syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: true}).Resources.Version, view: l.Client(), rows: all(server.Client())}
		version, err := m.view.Version(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, m.version, version)
		m.cut, err = l.Cut(t.Context(), study.Key(), cache.CutOptions{Name: fmt.Sprint("cut ", seed)})
		require.NoError(t, err)
		moments = append(moments, m)
	}
	for i, m := range moments {
		require.Equal(t, m.rows, all(m.view), "moment %d through the view of its time", i)
		view, err := l.AsOf(t.Context(), study.Key(), m.version)
		require.NoError(t, err)
		require.Equal(t, m.rows, all(view), "moment %d through AsOf", i)
		report, err := l.VerifyCut(t.Context(), study.Key(), m.cut.Name, &m.cut)
		require.NoError(t, err)
		require.True(t, report.OK(), report.Findings)
	}
	_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Before: study.Now()})
	require.ErrorIs(t, err, cache.ErrBreaksCut)

	s.Exec(t, place, fmt.Sprintf(`UPDATE imednet_history SET payload = '{"recordId":1}' WHERE version <= %d AND record_id = (SELECT min(record_id) FROM imednet_history)`, moments[0].version))
	report, err := l.VerifyCut(t.Context(), study.Key(), moments[0].cut.Name, nil)
	require.NoError(t, err)
	require.False(t, report.OK())
}

// runsOfAStudyExcludeEachOther holds a study in the middle of a run.
func (s suite) runsOfAStudyExcludeEachOther(t *testing.T) {
	study, free := imednettest.Generate(imednettest.GenerateOptions{Records: 50}), imednettest.Generate(imednettest.GenerateOptions{StudyKey: "FREE", Records: 50})
	place := s.Place(t)
	server := imednettest.NewServer(study, free)
	l := s.Open(t, place, server.Client())
	other := s.Open(t, place, imednettest.NewServer(study, free).Client(), cache.WithLockTimeout(0))
	tried := false
	server.OnRequest(func(imednettest.Request) {
		if tried {
			return
		}
		tried = true
		_, err := other.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.ErrorIs(t, err, cache.ErrSyncRunning)
		_, err = other.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
		require.ErrorIs(t, err, cache.ErrSyncRunning)
		sync(t, other, free.Key())
	})
	sync(t, l, study.Key())
	require.True(t, tried)
	server.OnRequest(nil)
	sync(t, other, study.Key())
	requireEqual(t, study, l)
	requireEqual(t, free, l)
	keys, err := l.StudyKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{study.Key(), free.Key()}, keys)
}
