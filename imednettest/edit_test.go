package imednettest_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/stretchr/testify/require"
)

// trail returns the revisions of a record, oldest first.
func trail(t *testing.T, study *imednettest.Study, id int64) []imednet.RecordRevision {
	t.Helper()
	var rows []imednet.RecordRevision
	client := imednettest.NewServer(study).Client()
	for row, err := range client.RecordRevisions(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, id)}) {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	return rows
}

func record(t *testing.T, study *imednettest.Study, id int64) imednet.Record {
	t.Helper()
	rec, ok := study.Record(id)
	require.True(t, ok)
	return rec
}

// TestEdits shows what each edit does to the row, its dates and its audit trail.
func TestEdits(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	id := study.RecordIDs()[1]
	before, history, now := record(t, study, id), trail(t, study, id), study.Now()
	require.NotEmpty(t, history)
	last := history[len(history)-1]

	require.NoError(t, study.EditRecord(id, "SYSBP", 131))
	rec, revisions := record(t, study, id), trail(t, study, id)
	require.Equal(t, now.Add(time.Second), rec.DateModified.Or(zeroTime()).Time)
	require.Equal(t, before.DateCreated, rec.DateCreated)
	value, _ := rec.RecordData.Get("SYSBP")
	require.Equal(t, "131", string(value.Raw()))
	require.Len(t, revisions, len(history)+1)
	newest := revisions[len(revisions)-1]
	require.Equal(t, last.RecordRevision.Or(0)+1, newest.RecordRevision.Or(0))
	require.Equal(t, last.DataRevision.Or(0)+1, newest.DataRevision.Or(0))
	require.Equal(t, rec.DateModified, newest.DateCreated)
	require.Equal(t, rec.SubjectKey, newest.SubjectKey)
	for user, err := range imednettest.NewServer(study).Client().Users(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		require.Equal(t, []string{user.Login.Or(""), user.Roles[0].Name.Or("")}, []string{newest.User.Or(""), newest.Role.Or("")}, "the first active user")
		break
	}
	for name, was := range before.RecordData.All() {
		if is, _ := rec.RecordData.Get(name); name != "SYSBP" {
			require.Equal(t, string(was.Raw()), string(is.Raw()), name)
		}
	}

	require.NoError(t, study.DeleteRecord(id, false))
	hidden, revisions := record(t, study, id), trail(t, study, id)
	require.True(t, hidden.IsDeleted())
	require.Equal(t, rec.DateModified, hidden.DateModified, "the date stays")
	require.Len(t, revisions, len(history)+2)
	newest = revisions[len(revisions)-1]
	require.True(t, newest.Deleted.Or(false))
	require.Equal(t, last.DataRevision.Or(0)+1, newest.DataRevision.Or(0), "no data changed")
	require.Equal(t, study.Now(), newest.DateCreated.Or(zeroTime()).Time)

	require.NoError(t, study.RestoreRecord(id, true))
	require.False(t, ptr(record(t, study, id)).IsDeleted())
	require.Equal(t, study.Now(), record(t, study, id).DateModified.Or(zeroTime()).Time)
	require.NoError(t, study.DeleteRecord(id, true))
	require.NoError(t, study.RestoreRecord(id, false))
	require.NoError(t, study.SetStatus(id, "Locked"))
	require.Equal(t, "Locked", record(t, study, id).RecordStatus.Or(""))
	require.Len(t, trail(t, study, id), len(history)+6)
}

func ptr(r imednet.Record) *imednet.Record { return &r }

// TestSilentChanges shows the changes that neither a date nor a revision betrays.
func TestSilentChanges(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	id := study.RecordIDs()[1]
	before, revisions, now := record(t, study, id), study.Count(imednet.RecordRevisions), study.Now()
	subject := before.SubjectID.Or(0)

	require.NoError(t, study.SetKeywords(id, []imednet.Keyword{{KeywordKey: imednet.Some("X")}}))
	require.NoError(t, study.RenameSubject(subject, `new "key"`))
	after := record(t, study, id)
	require.Equal(t, before.DateModified, after.DateModified)
	require.Equal(t, `new "key"`, after.SubjectKey.Or(""))
	require.Equal(t, "X", after.Keywords[0].KeywordKey.Or(""))
	client := imednettest.NewServer(study).Client()
	for v, err := range client.Visits(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("subjectId", imednet.Equal, subject)}) {
		require.NoError(t, err)
		require.Equal(t, `new "key"`, v.SubjectKey.Or(""))
	}

	require.NoError(t, study.RemoveRecord(id))
	_, ok := study.Record(id)
	require.False(t, ok)
	require.NotContains(t, study.RecordIDs(), id)
	require.Equal(t, revisions, study.Count(imednet.RecordRevisions))
	require.Equal(t, now, study.Now())
	for _, err := range []error{study.RemoveRecord(id), study.EditRecord(id, "X", 1), study.DeleteRecord(id, true), study.RestoreRecord(id, true), study.SetKeywords(id, nil), study.RenameSubject(1, "x")} {
		require.ErrorIs(t, err, imednettest.ErrNoSuchRow)
	}
	require.Error(t, study.EditRecord(study.RecordIDs()[0], "X", jsontext.Value("{")))
	require.Error(t, study.EditRecord(study.RecordIDs()[0], "X", func() {}))
}

func TestInsertedRecordsComeLast(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	ids := study.RecordIDs()
	first := study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	second := study.InsertRecord(imednet.Record{FormID: imednet.Some(int64(3001)), RecordID: 7})
	require.Greater(t, first, ids[len(ids)-1])
	require.Greater(t, second, first)
	require.EqualValues(t, 3004, record(t, study, first).FormID.Or(0))
	require.Equal(t, "DM", record(t, study, second).FormKey.Or(""))
	require.Len(t, trail(t, study, second), 1)
	require.NoError(t, study.RemoveRecord(first))
	require.NoError(t, study.EditRecord(second, "AGE", 5))
	require.Equal(t, append(ids, second), study.RecordIDs())
	require.Len(t, trail(t, study, second), 2)
}

func TestClockHolds(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600))
	study.SetTime(at)
	for _, id := range study.RecordIDs()[:3] {
		require.NoError(t, study.EditRecord(id, "X", 1))
		require.Equal(t, "2026-01-02 02:04:05", record(t, study, id).DateModified.Or(zeroTime()).String())
	}
	study.Advance(time.Minute)
	require.NoError(t, study.EditRecord(study.RecordIDs()[0], "X", 2))
	require.Equal(t, "2026-01-02 02:05:06", record(t, study, study.RecordIDs()[0]).DateModified.Or(zeroTime()).String())
}

// TestModifiedSinceSeesEdits: the shortcut over unedited rows must not hide edited ones.
func TestModifiedSinceSeesEdits(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000})
	ids := study.RecordIDs()
	since := study.Now()
	edited := []int64{ids[0], ids[700], ids[4999]}
	for _, id := range edited {
		require.NoError(t, study.EditRecord(id, "X", 1))
	}
	require.NoError(t, study.RemoveRecord(ids[300]))
	edited = append(edited, study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")}))
	page, err := imednettest.NewServer(study).Client().RecordPage(t.Context(), study.Key(), imednet.Where("dateModified", imednet.Greater, since), 500)
	require.NoError(t, err)
	var found []int64
	for _, rec := range page.Records {
		found = append(found, rec.RecordID)
	}
	require.Equal(t, edited, found)
	require.EqualValues(t, 4, page.Total)
}

// TestConcurrentUse edits, reads and counts at once; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	server, study, _ := serve(t, 600)
	ids := study.RecordIDs()
	var work sync.WaitGroup
	for n := range 4 {
		work.Go(func() {
			for i := range 40 {
				id := ids[(i*7+n)%300]
				_ = study.EditRecord(id, "X", i) // it may just have been removed
				_ = study.RemoveRecord(ids[300+i*4+n])
				study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
			}
		})
		work.Go(func() {
			for range 3 {
				var seen []int64
				for rec, err := range server.Client().Records(t.Context(), study.Key(), imednet.ListOptions{PageSize: 100}) {
					if err != nil {
						t.Error(err)
						return
					}
					seen = append(seen, rec.RecordID)
				}
				if !slices.IsSorted(seen) {
					t.Error("ids fall")
				}
			}
		})
	}
	work.Wait()
	require.Equal(t, 600, study.Count(imednet.Records))
}

// TestRowsOfEveryResourceAreEdited: what changes is the member and, where the row has one, its date.
func TestRowsOfEveryResourceAreEdited(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	client := imednettest.NewServer(study).Client()
	variables := func() (all []imednet.Variable) {
		for v, err := range client.Variables(t.Context(), study.Key(), imednet.ListOptions{}) {
			require.NoError(t, err)
			all = append(all, v)
		}
		return all
	}
	before := variables()
	study.Advance(time.Hour)
	require.NoError(t, study.EditRow(imednet.Variables, before[0].VariableID, "label", "Changed"))
	added, err := study.CopyRow(imednet.Variables, before[1].VariableID)
	require.NoError(t, err)
	after := variables()
	require.Len(t, after, len(before)+1)
	require.Equal(t, "Changed", after[0].Label.Or(""))
	require.True(t, after[0].DateModified.Or(imednet.Time{}).After(before[0].DateModified.Or(imednet.Time{}).Time))
	require.Equal(t, before[1:], after[1:len(before)])
	require.Equal(t, added, after[len(before)].VariableID)
	require.Equal(t, before[1].VariableName, after[len(before)].VariableName)
	require.ErrorIs(t, study.EditRow(imednet.Queries, 1, "description", ""), imednettest.ErrNoSuchRow)
	for _, name := range []imednet.Resource{imednet.Records, imednet.Users, "elsewhere"} {
		require.Error(t, study.EditRow(name, 1, "label", ""))
		_, err := study.CopyRow(name, 1)
		require.Error(t, err)
	}
}
