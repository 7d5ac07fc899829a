package cache_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
)

// allResources lists every resource of a client.
func allResources(t *testing.T, client imednet.Client, study string) map[imednet.Resource][]string {
	all := map[imednet.Resource][]string{}
	for _, name := range append(cache.MirroredResources(), imednet.Records) {
		all[name] = rowsOf(t, client, study, name)
	}
	return all
}

// change changes records, subjects and queries.
func change(t *testing.T, study *imednettest.Study, client *filteredClient, seed uint64) {
	m := cachetest.NewMeddler(t, study, seed, 60)
	for m.Left > 0 {
		m.Meddle()
	}
	for s, err := range client.Client.Subjects(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		require.NoError(t, study.RenameSubject(s.SubjectID, "0"+string(rune('1'+seed))+"-999"))
		break
	}
	client.queries = func(i int) bool { return i%int(10+seed) != 0 }
	client.variables = 40 + int(seed)
}

func TestAViewStaysAtItsMoment(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	client := &filteredClient{Client: imednettest.NewServer(study).Client()}
	l := open(t, client)
	type moment struct {
		version imednet.MirrorVersion
		view    *cache.View
		rows    map[imednet.Resource][]string
	}
	var moments []moment
	for seed := range uint64(4) {
		if seed > 0 {
			change(t, study, client, seed)
		}
		r := syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: true})
		view := l.Client()
		version, err := view.Version(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, r.Resources.Version, version)
		moments = append(moments, moment{version, view, allResources(t, client, study.Key())})
		require.Equal(t, moments[seed].rows, allResources(t, l.Client(), study.Key()))
	}
	for i, m := range moments {
		require.Equal(t, m.rows, allResources(t, m.view, study.Key()), "moment %d through the view of its time", i)
		view, err := l.AsOf(t.Context(), study.Key(), m.version)
		require.NoError(t, err)
		require.Equal(t, m.rows, allResources(t, view, study.Key()), "moment %d through AsOf", i)
		var last imednet.MirrorVersion
		for v, err := range view.ChangesSince(t.Context(), study.Key(), 0) {
			require.NoError(t, err)
			last = v.Version
		}
		require.LessOrEqual(t, last, m.version)
		for _, err := range view.Forms(t.Context(), "OTHER", imednet.ListOptions{}) {
			require.ErrorIs(t, err, cache.ErrNotSynced)
		}
	}
	_, err := l.AsOf(t.Context(), study.Key(), moments[3].version+1)
	require.ErrorIs(t, err, cache.ErrNotSynced)
	early, err := l.AsOf(t.Context(), study.Key(), 1)
	require.NoError(t, err)
	for _, err := range early.Queries(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.ErrorIs(t, err, cache.ErrNotSynced, "queries were not there yet")
	}
	_, err = l.Client().SubmitRecords(t.Context(), study.Key(), nil, imednet.SubmitOptions{})
	require.ErrorIs(t, err, cache.ErrReadOnly)
}

func TestDataCuts(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	client := &filteredClient{Client: imednettest.NewServer(study).Client()}
	l := open(t, client)
	_, err := l.Cut(t.Context(), study.Key(), cache.CutOptions{Name: "too early"})
	require.ErrorIs(t, err, cache.ErrNotSynced)
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	rows := allResources(t, client, study.Key())

	m, err := l.Cut(t.Context(), study.Key(), cache.CutOptions{Name: "IA1 2026-11-30", Program: "test 1.0"})
	require.NoError(t, err)
	require.Len(t, m.Resources, 12)
	require.Empty(t, m.Missing)
	require.Equal(t, "test 1.0", m.Program)
	require.False(t, m.ServerTime.IsZero())
	for _, one := range m.Resources {
		sum := sha256.New()
		for _, row := range rows[one.Resource] {
			sum.Write([]byte(row + "\n"))
		}
		if one.Resource != imednet.Users { // in another order in rowsOf
			require.Equal(t, hex.EncodeToString(sum.Sum(nil)), one.SHA256, one.Resource)
		}
		require.EqualValues(t, len(rows[one.Resource]), one.Rows)
	}
	_, err = l.Cut(t.Context(), study.Key(), cache.CutOptions{Name: "IA1 2026-11-30"})
	require.ErrorIs(t, err, cache.ErrCutExists)

	for seed := range uint64(2) {
		study.Advance(48 * time.Hour)
		change(t, study, client, seed+1)
		syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: true})
	}
	view, again, err := l.OpenCut(t.Context(), study.Key(), "IA1 2026-11-30")
	require.NoError(t, err)
	require.Equal(t, m, again)
	require.Equal(t, rows, allResources(t, view, study.Key()))
	report, err := l.VerifyCut(t.Context(), study.Key(), m.Name, &m)
	require.NoError(t, err)
	require.True(t, report.OK(), report.Findings)
	cuts, err := l.Cuts(t.Context(), study.Key())
	require.NoError(t, err)
	require.Equal(t, []cache.Manifest{m}, cuts)

	for _, o := range []cache.PurgeOptions{{Before: study.Now()}, {Study: true}} {
		_, err = l.Purge(t.Context(), study.Key(), o)
		require.ErrorIs(t, err, cache.ErrBreaksCut)
	}
	report, err = l.VerifyCut(t.Context(), study.Key(), m.Name, nil)
	require.NoError(t, err)
	require.True(t, report.OK())

	// Somebody rewrites a former state, or the manifest.
	other := otherProgram(t, l.Path())
	_, err = other.Exec(`UPDATE imednet_history SET payload = replace(payload, '"deleted"', '"deletes"') WHERE version <= ? AND rowid = (SELECT min(rowid) FROM imednet_history)`, int64(m.Version))
	require.NoError(t, err)
	report, err = l.VerifyCut(t.Context(), study.Key(), m.Name, nil)
	require.NoError(t, err)
	require.False(t, report.OK())
	_, err = other.Exec(`UPDATE imednet_cut SET manifest = replace(manifest, 'test 1.0', 'test 2.0')`)
	require.NoError(t, err)
	report, err = l.VerifyCut(t.Context(), study.Key(), m.Name, &m)
	require.NoError(t, err)
	require.Len(t, report.Findings, 2)

	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Before: study.Now(), BreakCuts: true})
	require.NoError(t, err)
	_, _, err = l.OpenCut(t.Context(), study.Key(), m.Name)
	require.ErrorIs(t, err, cache.ErrNoCut)
}

func TestChangesSayWhoWhenAndWhy(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	client := &filteredClient{Client: imednettest.NewServer(study).Client()}
	l := open(t, client)
	first := syncStudy(t, l, study.Key(), cache.SyncOptions{}).Resources.Version
	ids := study.RecordIDs()
	study.Advance(time.Hour)
	require.NoError(t, study.EditRecord(ids[3], "X", 1))
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	study.Advance(time.Hour)
	require.NoError(t, study.EditRecord(ids[3], "X", 2)) // two saves between two syncs
	require.NoError(t, study.EditRecord(ids[3], "X", 3))
	require.NoError(t, study.RemoveRecord(ids[9]))
	fresh := study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	client.queries = func(i int) bool { return i != 2 }
	syncStudy(t, l, study.Key(), cache.SyncOptions{})

	var all []cache.Change
	for c, err := range l.Changes(t.Context(), study.Key(), first) {
		require.NoError(t, err)
		all = append(all, c)
	}
	var values []string
	var saves []int
	for _, c := range all {
		if c.Variable != "X" {
			continue
		}
		require.Equal(t, ids[3], c.RecordID)
		require.Equal(t, cache.ChangeUpdated, c.Kind)
		values = append(values, string(c.Old.Raw())+">"+string(c.New.Raw()))
		saves = append(saves, len(c.Revisions))
		for _, rev := range c.Revisions {
			require.Equal(t, ids[3], rev.RecordID.Or(0))
			require.NotEmpty(t, rev.User.Or(""))
		}
	}
	require.Equal(t, []string{`>1`, `1>3`}, values)
	require.Equal(t, []int{1, 2}, saves, "it does not say that two saves lie between the syncs")
	kinds := func(kind cache.ChangeKind, name imednet.Resource) (ids []string) {
		for _, c := range all {
			if c.Kind == kind && c.Resource == name {
				ids = append(ids, c.RowID)
			}
		}
		return ids
	}
	require.Equal(t, []string{strconv.FormatInt(ids[9], 10)}, kinds(cache.ChangeGone, imednet.Records))
	require.Equal(t, []string{strconv.FormatInt(fresh, 10)}, kinds(cache.ChangeAdded, imednet.Records))
	require.Len(t, kinds(cache.ChangeGone, imednet.Queries), 1)
	require.True(t, slices.ContainsFunc(all, func(c cache.Change) bool { return c.Member == "dateModified" }))
	for range l.Changes(t.Context(), study.Key(), first) {
		break
	}
	for c, err := range l.Changes(t.Context(), study.Key(), all[len(all)-1].Version+100) {
		require.NoError(t, err)
		require.Fail(t, "nothing changed since", c.RowID)
	}
}

// A follower that passed over a state which cannot be read would take its copy for whole.
func TestChangesEndAtAStateThatCannotBeRead(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	first := syncStudy(t, l, study.Key(), cache.SyncOptions{}).Resources.Version
	ids := study.RecordIDs()
	study.Advance(time.Hour)
	require.NoError(t, study.EditRecord(ids[3], "X", 1))
	rec, _ := study.Record(ids[5])
	require.NoError(t, study.RenameSubject(rec.SubjectID.Or(0), "RENAMED"))
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	read := func() (changes []string, failure error) {
		for c, err := range l.Changes(t.Context(), study.Key(), first) {
			require.NoError(t, failure, "an error comes last")
			if failure = err; err == nil {
				changes = append(changes, string(c.Resource)+" "+c.RowID+" "+c.Variable+c.Member)
			}
		}
		return changes, failure
	}
	whole, err := read()
	require.NoError(t, err)
	require.Contains(t, whole, "records "+strconv.FormatInt(ids[3], 10)+" X")
	require.Contains(t, whole, "subjects "+strconv.FormatInt(rec.SubjectID.Or(0), 10)+" subjectKey")

	other := otherProgram(t, l.Path())
	for _, table := range []string{"imednet_row_history", "imednet_history"} { // what stood before of subjects, then of records
		_, err := other.Exec(`UPDATE ` + table + ` SET payload = '{'`)
		require.NoError(t, err)
		part, err := read()
		require.Error(t, err, table)
		require.Less(t, len(part), len(whole))
		require.True(t, slices.Equal(whole[:len(part)], part), "what came before the error is as it was")
	}
}
