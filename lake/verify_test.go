package lake_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/lake"
)

// localFiles are the data files of the tables of a moment, as paths of this computer.
func (w *world) localFiles(list *lake.Listing) (paths []string) {
	w.t.Helper()
	for _, listed := range list.Tables {
		tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), listed.Table)
		require.NoError(w.t, err)
		scan := tbl.Scan()
		if listed.Snapshot != tbl.CurrentSnapshot().SnapshotID {
			scan, err = scan.UseRef("cut")
			require.NoError(w.t, err)
		}
		tasks, err := scan.PlanFiles(w.t.Context())
		require.NoError(w.t, err)
		for _, t := range tasks {
			paths = append(paths, strings.TrimPrefix(t.File.FilePath(), "file://"))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// damages are ways to damage a file.
var damages = map[string]func(t *testing.T, path string, content []byte){
	"removed": func(t *testing.T, path string, _ []byte) { require.NoError(t, os.Remove(path)) },
	"cut": func(t *testing.T, path string, content []byte) {
		require.NoError(t, os.WriteFile(path, content[:len(content)-1], 0o600))
	},
	"longer": func(t *testing.T, path string, content []byte) {
		require.NoError(t, os.WriteFile(path, append(slices.Clone(content), 0), 0o600))
	},
	"altered": func(t *testing.T, path string, content []byte) {
		other := slices.Clone(content)
		other[len(other)/2] ^= 1
		require.NoError(t, os.WriteFile(path, other, 0o600))
	},
}

// TestVerifyFindsWhatIsNotAsItWasWritten: a data file of the newest moment or of a tag that was removed, cut, made longer
// or altered in one bit is found by its name; the first three also by whatever looks at the lake, which then writes
// nothing.
func TestVerifyFindsWhatIsNotAsItWasWritten(t *testing.T) {
	w := newWorld(t, 60)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	_, err := w.lake.Tag(ctx, study, "cut", 0)
	require.NoError(t, err)
	cut, err := w.lake.Open(ctx, study, "cut")
	require.NoError(t, err)
	w.meddle(10)
	w.pull()
	w.sync()
	now := w.requireEqual(nil)
	report, err := w.lake.Verify(ctx, study)
	require.NoError(t, err)
	require.NoError(t, report.Err())
	require.Empty(t, report.Damage)
	require.Zero(t, report.Undigested)
	current, old := w.localFiles(now), w.localFiles(cut)
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(current), old...))))
	require.Greater(t, len(all), len(current))
	require.Equal(t, len(all)+2, report.Files, "and those of the two moments")
	for i, path := range all {
		for j, how := range slices.Sorted(maps.Keys(damages)) {
			if !long() && (i+j)%len(damages) != 0 {
				continue
			}
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			damages[how](t, path, content)
			found, err := w.lake.Verify(ctx, study)
			require.NoError(t, err)
			require.ErrorIs(t, found.Err(), lake.ErrDamaged)
			require.Len(t, found.Damage, 1, "%s %s", how, path)
			require.Equal(t, path, strings.TrimPrefix(found.Damage[0].File, "file://"))
			status, err := w.lake.Status(ctx, study)
			require.NoError(t, err)
			require.Equal(t, how == "altered", status.Err() == nil, "%s %s", how, path)
			if slices.Contains(current, path) && how != "altered" {
				w.requireRefused()
			}
			require.NoError(t, os.WriteFile(path, content, 0o600))
		}
	}
	report, err = w.lake.Verify(ctx, study)
	require.NoError(t, err)
	require.NoError(t, report.Err())
}

// metadataPath is the file with a table's metadata, as a path of this computer.
func (w *world) metadataPath(name string) string {
	w.t.Helper()
	tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), name)
	require.NoError(w.t, err)
	return strings.TrimPrefix(tbl.MetadataLocation(), "file://")
}

// TestVerifyFindsMetadataThatAreNotAsTheyWere: metadata of a table that are gone, cut or of nothing are damage of that table
// for every command, and so are, for a verification, columns under other names or of other fields, also in a tag, and a newest
// snapshot that is not the moment's.
func TestVerifyFindsMetadataThatAreNotAsTheyWere(t *testing.T) {
	w := newWorld(t, 60)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	_, err := w.lake.Tag(ctx, study, "cut", 0)
	require.NoError(t, err)
	w.meddle(10)
	w.pull()
	w.sync()
	changed := lake.RevisionsTable
	edit := func(change func(doc map[string]any)) func([]byte) []byte {
		return func(content []byte) []byte {
			doc := map[string]any{}
			decoder := json.NewDecoder(bytes.NewReader(content))
			decoder.UseNumber()
			require.NoError(t, decoder.Decode(&doc))
			change(doc)
			edited, err := json.Marshal(doc)
			require.NoError(t, err)
			return edited
		}
	}
	fields := func(doc map[string]any, change func(a, b map[string]any)) {
		for _, s := range doc["schemas"].([]any) {
			var texts []map[string]any
			for _, f := range s.(map[string]any)["fields"].([]any) {
				if f := f.(map[string]any); f["type"] == "string" {
					texts = append(texts, f)
				}
			}
			change(texts[0], texts[1])
		}
	}
	earlier := func(doc map[string]any, change func(s map[string]any)) {
		main := doc["refs"].(map[string]any)["main"].(map[string]any)
		for _, s := range doc["snapshots"].([]any) {
			if s := s.(map[string]any); s["snapshot-id"] != doc["current-snapshot-id"] {
				doc["current-snapshot-id"], main["snapshot-id"] = s["snapshot-id"], s["snapshot-id"]
				change(s)
				return
			}
		}
	}
	for name, c := range map[string]struct {
		table    string
		change   func([]byte) []byte
		problem  string
		findings int
		refused  bool
	}{
		"removed":      {changed, nil, "its metadata cannot be read", 1, true},
		"emptied":      {changed, func([]byte) []byte { return nil }, "its metadata cannot be read", 1, true},
		"of nothing":   {changed, func([]byte) []byte { return []byte("{}") }, "its metadata cannot be read", 1, true},
		"list removed": {lake.TablesTable, nil, "its metadata cannot be read", 1, true},
		"names changed": {changed, edit(func(doc map[string]any) {
			fields(doc, func(a, b map[string]any) { a["name"], b["name"] = b["name"], a["name"] })
		}), "columns", 2, false},
		"ids changed": {changed, edit(func(doc map[string]any) {
			fields(doc, func(a, b map[string]any) { a["id"], b["id"] = b["id"], a["id"] })
		}), "columns", 2, false},
		"put back": {changed, edit(func(doc map[string]any) { earlier(doc, func(map[string]any) {}) }), "is earlier than", 1, false},
		"another program": {changed, edit(func(doc map[string]any) {
			earlier(doc, func(s map[string]any) { delete(s["summary"].(map[string]any), "imednet.version") })
		}), "written by another program", 1, false},
	} {
		path := w.metadataPath(c.table)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		if c.change != nil {
			require.NoError(t, os.WriteFile(path, c.change(content), 0o600))
		}
		report, err := w.lake.Verify(ctx, study)
		require.NoError(t, err, name)
		require.ErrorIs(t, report.Err(), lake.ErrDamaged, name)
		if c.table == changed && c.refused {
			c.findings++ // at the tag
		}
		require.Len(t, report.Damage, c.findings, "%s: %+v", name, report.Damage)
		require.Equal(t, c.table, report.Damage[0].Table, name)
		require.Contains(t, report.Damage[0].Problem, c.problem, name)
		if c.refused {
			_, err = w.lake.Status(ctx, study)
			require.ErrorIs(t, err, lake.ErrDamaged, name)
			w.requireRefused()
		} else {
			status, err := w.lake.Status(ctx, study)
			require.NoError(t, err, name)
			require.Equal(t, c.problem == "columns", status.Err() == nil, name)
		}
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	w.sync()
	report, err := w.lake.Verify(ctx, study)
	require.NoError(t, err)
	require.NoError(t, report.Err())
}

// requireRefused demands that nothing is written over a damaged moment.
func (w *world) requireRefused() {
	w.t.Helper()
	ctx, study := w.t.Context(), w.study.Key()
	_, err := w.lake.Sync(ctx, study, lake.SyncOptions{})
	require.ErrorIs(w.t, err, lake.ErrDamaged)
	_, err = w.lake.Tag(ctx, study, "other", 0)
	require.ErrorIs(w.t, err, lake.ErrDamaged)
	_, err = w.lake.Maintain(ctx, study, lake.MaintainPolicy{}, time.Now())
	require.ErrorIs(w.t, err, lake.ErrDamaged)
	_, err = w.lake.Expire(ctx, study, lake.ExpirePolicy{}, time.Now())
	require.ErrorIs(w.t, err, lake.ErrDamaged)
}

// TestNoAlteredRowIsWrittenAgain: neither a compaction nor a sync copies rows of a file that is not what was written to
// another file, where nothing would tell. Every table that is written again is whole.
func TestNoAlteredRowIsWrittenAgain(t *testing.T) {
	w := newWorld(t, 60)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	for range 3 {
		w.study.InsertRecord(newRecord(w))
		w.pull()
		w.sync()
	}
	var form lake.ListedTable
	for _, listed := range w.requireEqual(nil).Tables {
		if listed.FormKey == newRecord(w).FormKey.Or("") {
			form = listed
		}
	}
	for _, path := range w.localFiles(&lake.Listing{Tables: []lake.ListedTable{form}}) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		damages["altered"](t, path, content)
	}
	_, err := w.lake.Compact(ctx, study, lake.CompactPolicy{MinFiles: 2, MaxManifests: 1})
	require.ErrorIs(t, err, lake.ErrDamaged)
	for _, id := range w.study.RecordIDs() {
		_ = w.study.SetStatus(id, "Record Incomplete")
	}
	w.pull()
	_, err = w.lake.Sync(ctx, study, lake.SyncOptions{})
	require.ErrorIs(t, err, lake.ErrDamaged)
	require.ErrorContains(t, err, "is not what was written")
	_, err = w.lake.Sync(ctx, study, lake.SyncOptions{Rewrite: true})
	require.NoError(t, err)
	w.requireEqual(nil)
	report, err := w.lake.Verify(ctx, study)
	require.NoError(t, err)
	require.NoError(t, report.Err())
}

// newRecord is another one of the record with the least id.
func newRecord(w *world) imednet.Record {
	rec, ok := w.study.Record(slices.Min(w.study.RecordIDs()))
	require.True(w.t, ok)
	return rec
}

// TestALakeThatLostFilesIsWrittenAgain, whatever of the newest moment was removed.
func TestALakeThatLostFilesIsWrittenAgain(t *testing.T) {
	w := newWorld(t, 60)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	for _, path := range w.localFiles(w.requireEqual(nil)) {
		require.NoError(t, os.RemoveAll(filepath.Dir(path)))
	}
	w.requireRefused()
	_, err := w.lake.Sync(ctx, study, lake.SyncOptions{Rewrite: true})
	require.NoError(t, err)
	w.requireEqual(nil)
	report, err := w.lake.Verify(ctx, study)
	require.NoError(t, err)
	require.NoError(t, report.Err())
	_, err = w.lake.Verify(ctx, "OTHER")
	require.ErrorIs(t, err, lake.ErrNoStudy)
}
