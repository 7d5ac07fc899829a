package imednettest_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/stretchr/testify/require"
)

// writeStudy makes a small directory study: one record with three states, one without a past,
// one that is deleted without a moved date.
func writeStudy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		var out io.Writer
		file, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		defer file.Close()
		out = file
		if filepath.Ext(name) == ".gz" {
			packed := gzip.NewWriter(file)
			defer packed.Close()
			out = packed
		}
		_, err = io.WriteString(out, content)
		require.NoError(t, err)
	}
	row := func(id, created, modified, deleted, value string) string {
		return `{"studyKey":"DIR","recordId":` + id + `,"formKey":"AE","deleted":` + deleted + `,"dateCreated":"2024-01-0` + created + ` 00:00:00","dateModified":"2024-01-0` + modified + ` 00:00:00","recordData":{"V":"` + value + "\u2028" + `"}}`
	}
	revision := func(id, record, day, n string) string {
		return `{"recordRevisionId":` + id + `,"recordId":` + record + `,"recordRevision":` + n + `,"dataRevision":1,"dateCreated":"2024-01-0` + day + ` 00:00:00"}` + "\n"
	}
	write("studies.ndjson", `{"studyKey":"DIR","studyName":"x","dateCreated":"2023-12-31 00:00:00"}`+"\n")
	write("forms.ndjson", `{"studyKey":"DIR","formId":5,"formKey":"AE"}`)
	write("records.ndjson.gz", row("30", "2", "2", "true", "third")+"\n"+row("10", "1", "6", "false", "final")+"\r\n\n"+row("20", "1", "1", "false", "only")+"\n")
	write("recordVersions.ndjson", `{"recordRevision":2,"from":"2024-01-03 00:00:00","to":"2024-01-06 00:00:00","record":`+row("10", "1", "3", "false", "second")+"}\n"+
		`{"recordRevision":1,"from":"2024-01-01 00:00:00","to":"2024-01-03 00:00:00","record":`+row("10", "1", "1", "false", "first")+"}\n"+
		`{"recordRevision":1,"from":"2024-01-02 00:00:00","to":"2024-01-05 00:00:00","record":`+row("30", "2", "2", "false", "third")+"}\n")
	write("recordRevisions.ndjson", revision("1", "10", "1", "1")+revision("2", "20", "1", "1")+revision("3", "30", "2", "1")+revision("4", "10", "3", "2")+revision("5", "30", "5", "2")+revision("6", "10", "6", "3"))
	return dir
}

func TestTimeTravel(t *testing.T) {
	study, err := imednettest.LoadDir(writeStudy(t))
	require.NoError(t, err)
	require.Equal(t, "DIR", study.Key())
	require.Equal(t, "2024-01-06 00:00:00", imednet.NewTime(study.Now()).String())
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		at        time.Time
		ids       []int64
		value     string
		revisions int
		deleted   bool
	}{
		{day(1).Add(-time.Second), nil, "", 0, false},
		{day(1), []int64{10, 20}, "first", 2, false},
		{day(3).Add(-time.Second), []int64{10, 20, 30}, "first", 3, false},
		{day(3), []int64{10, 20, 30}, "second", 4, false},
		{day(5), []int64{10, 20, 30}, "second", 5, true},
		{day(9), []int64{10, 20, 30}, "final", 6, true},
		{day(2), []int64{10, 20, 30}, "first", 3, false},
	} {
		study.SetTime(c.at)
		require.Len(t, study.RecordIDs(), len(c.ids), c.at)
		require.Equal(t, c.revisions, study.Count(imednet.RecordRevisions), c.at)
		if rec, ok := study.Record(10); ok {
			value, _ := rec.RecordData.Get("V")
			require.Equal(t, c.value+"\u2028", value.Text(), c.at)
		}
		if rec, ok := study.Record(30); ok {
			require.Equal(t, c.deleted, rec.IsDeleted(), c.at)
			require.Equal(t, "2024-01-02 00:00:00", rec.DateModified.Or(zeroTime()).String())
		}
	}
}

// TestEditsOfALoadedStudy: edits lie over the files, whatever moment is shown.
func TestEditsOfALoadedStudy(t *testing.T) {
	study, err := imednettest.LoadDir(writeStudy(t))
	require.NoError(t, err)
	study.SetTime(time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC))
	require.NoError(t, study.EditRecord(10, "V", "edited"))
	require.NoError(t, study.RemoveRecord(20))
	inserted := study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	require.EqualValues(t, 31, inserted)
	require.EqualValues(t, 5, record(t, study, inserted).FormID.Or(0))
	revisions := trail(t, study, 10)
	require.EqualValues(t, 3, revisions[len(revisions)-1].RecordRevision.Or(0))
	study.SetTime(time.Date(2024, 1, 7, 0, 0, 0, 0, time.UTC))
	require.Equal(t, []int64{10, 30, 31}, study.RecordIDs())
	value, _ := record(t, study, 10).RecordData.Get("V")
	require.Equal(t, "edited", value.Text())
	require.Equal(t, 8, study.Count(imednet.RecordRevisions))
}

func TestLoadDirRefuses(t *testing.T) {
	for name, content := range map[string]string{
		"studies.ndjson": `{"studyKey":"A"}` + "\n" + `{"studyKey":"B"}`,
		"forms.ndjson":   `{"formId":1}` + "\n" + `{"formId":1}`,
		"records.ndjson": `{"recordId":1`,
		"sites.ndjson":   `{"siteName":"x"}`,
		"queries.ndjson": `{"studyKey":"OTHER","annotationId":1}`,
	} {
		dir := writeStudy(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		_, err := imednettest.LoadDir(dir)
		require.Error(t, err, name)
	}
	empty := t.TempDir()
	_, err := imednettest.LoadDir(empty)
	require.ErrorContains(t, err, empty)
	require.NoError(t, os.WriteFile(filepath.Join(empty, "studies.ndjson"), []byte(`{"studyKey":"DIR","studyId":1}`), 0o600))
	_, err = imednettest.LoadDir(empty)
	require.ErrorContains(t, err, "records.ndjson is missing")
	require.NoError(t, os.WriteFile(filepath.Join(empty, "records.ndjson"), nil, 0o600))
	_, err = imednettest.LoadDir(empty)
	require.NoError(t, err, "a study without records")
	_, err = imednettest.LoadDir(filepath.Join(empty, "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, filepath.Join(empty, "none"))
}

// TestPilotTimeline compares the pilot with the counts that were computed from its source.
func TestPilotTimeline(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	var facts struct {
		Timeline struct {
			AsOf []struct {
				At                             string
				Records, Deleted, RevisionRows int
				After                          int `json:"finalRowsWithDateModifiedAfter"`
			}
			DeletedWithoutDateModifiedChange []int64
		} `json:"timeline (synthetic layer)"`
		RecordsTotal int
	}
	content, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &facts))
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	require.Equal(t, facts.RecordsTotal, study.Count(imednet.Records))
	server := imednettest.NewServer(study)
	server.Configure(imednettest.Settings{DeletedInFilter: true})
	client := server.Client()
	final := study.Now()
	for _, c := range facts.Timeline.AsOf {
		at, err := imednet.ParseTime(c.At)
		require.NoError(t, err)
		study.SetTime(at.Time)
		require.Equal(t, c.Records, study.Count(imednet.Records), c.At)
		require.Equal(t, c.RevisionRows, study.Count(imednet.RecordRevisions), c.At)
		probe, err := client.ProbeRecords(t.Context(), study.Key(), imednet.Where("deleted", imednet.Equal, true))
		require.NoError(t, err)
		require.EqualValues(t, c.Deleted, probe.Total, c.At)
		study.SetTime(final)
		probe, err = client.ProbeRecords(t.Context(), study.Key(), imednet.Where("dateModified", imednet.Greater, at))
		require.NoError(t, err)
		require.EqualValues(t, c.After, probe.Total, c.At)
	}
	require.Len(t, facts.Timeline.DeletedWithoutDateModifiedChange, 51)
	for _, id := range facts.Timeline.DeletedWithoutDateModifiedChange {
		rec := record(t, study, id)
		require.True(t, rec.IsDeleted())
		rows := trail(t, study, id)
		require.True(t, rows[len(rows)-1].Deleted.Or(false))
		require.NotEqual(t, rec.DateModified, rows[len(rows)-1].DateCreated)
	}
}

// TestPilotRowsAreServedByteForByte compares the records with the lines of the file.
func TestPilotRowsAreServedByteForByte(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	file, err := os.Open(filepath.Join(dir, "records.ndjson.gz"))
	require.NoError(t, err)
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	require.NoError(t, err)
	lines := bufio.NewReader(unpacked)
	for rec, err := range imednettest.NewServer(study).Client().Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		if line != string(rec.Raw)+"\n" {
			t.Fatalf("record %d was changed", rec.RecordID)
		}
	}
	_, err = lines.ReadString('\n')
	require.ErrorIs(t, err, io.EOF)
}
