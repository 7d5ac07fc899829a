package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestWhoseARecordIsHasOneAnswer: an incremental sync brings a subject's new key and not that in its
// records, which carry the former one. They are that subject's all the same, in every command, as is a
// record that names no site of its own.
func TestWhoseARecordIsHasOneAnswer(t *testing.T) {
	d := newDesk(t)
	var event imednet.Record
	for _, id := range d.study.RecordIDs() {
		if r, _ := d.study.Record(id); r.FormKey.Or("") == "AE" && !r.IsDeleted() && r.SubjectID.IsSet() {
			event = r
			break
		}
	}
	homeless := d.study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), FormID: event.FormID, SubjectID: event.SubjectID, SubjectKey: event.SubjectKey})
	d.ok("sync", "OWN")
	site := d.csv("records", "list", "OWN", "--form", "AE", "--cached", "--columns", "record,site")[0]["site"]
	var want []string
	for _, row := range d.csv("records", "list", "OWN", "--form", "AE", "--cached") {
		if row["subject"] == event.SubjectKey.Or("") {
			want = append(want, row["record"])
		}
	}
	require.Contains(t, want, number(homeless))

	d.study.Advance(time.Hour)
	changed := d.study.Now()
	require.NoError(t, d.study.RenameSubject(event.SubjectID.Or(0), "NEW-KEY"))
	d.ok("sync", "OWN")
	for _, command := range [][]string{{"--subject", "NEW-KEY"}, {"--subject", "NEW-KEY", "--site", site}} {
		listed := d.csv(append([]string{"records", "list", "OWN", "--form", "AE", "--cached"}, command...)...)
		require.ElementsMatch(t, want, cellsNamed(listed, "record"), "listed by %v", command)
		require.Equal(t, []string{"NEW-KEY"}, slices.Compact(cellsNamed(listed, "subject")), "as the study calls the subject now")
		d.ok(append([]string{"export", "OWN", "--cached", "--dir", "out", "--format", "csv", "--forms", "AE"}, command...)...)
		require.ElementsMatch(t, want, d.exportedIDs("out"), "exported by %v", command)
		if len(command) == 4 {
			continue
		}
		known := d.csv(append([]string{"changes", "OWN", "--form", "AE"}, command...)...)
		require.Subset(t, cellsNamed(known, "id"), want, "changes by %v", command)
	}
	d.run(exitNotFound, "records", "list", "OWN", "--form", "AE", "--cached", "--subject", event.SubjectKey.Or(""))
	require.NoError(t, d.study.EditRecord(event.RecordID, "AETERM", "Headache"))
	d.ok("sync", "OWN")
	recent := d.csv("changes", "OWN", "--since", changed.UTC().Format(time.RFC3339), "--subject", "NEW-KEY", "--site", site, "--variable", "AETERM")
	require.Equal(t, []string{"Headache"}, cellsNamed(recent, "new"))
}

func cellsNamed(rows []map[string]string, column string) (cells []string) {
	for _, row := range rows {
		cells = append(cells, row[column])
	}
	return cells
}

// exportedIDs are the records in the newest export of AE as CSV.
func (s *shell) exportedIDs(dir string) []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, dir, "AE", "records_chunk_00001*.csv"))
	require.NoError(s.t, err)
	require.Len(s.t, files, 1)
	file, err := os.Open(files[0])
	require.NoError(s.t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(s.t, err)
	return cellsOf(rows, "recordId")
}
