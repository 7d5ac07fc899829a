package lake_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go/table"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/lake"
)

// TestATagKeepsItsRows: a data cut that is opened by name has the same rows after changes, compaction
// and expiry.
func TestATagKeepsItsRows(t *testing.T) {
	w := newWorld(t, 200)
	ctx, study := t.Context(), w.study.Key()
	_, err := w.lake.Tag(ctx, study, "lock-1", 0)
	require.ErrorIs(t, err, lake.ErrNoStudy)
	version := w.sync().Version
	first, err := w.lake.Tag(ctx, study, "lock-1", 0)
	require.NoError(t, err)
	require.Equal(t, version, first.Version)
	rows := w.tagRows("lock-1")
	again, err := w.lake.Tag(ctx, study, "lock-1", 0)
	require.NoError(t, err)
	require.Equal(t, first, again)
	for range 4 {
		w.meddle(10)
		w.pull()
		w.sync()
	}
	require.Equal(t, rows, w.tagRows("lock-1"))
	_, err = w.lake.Tag(ctx, study, "lock-1", 0)
	require.ErrorIs(t, err, lake.ErrTagExists)
	_, err = w.lake.Tag(ctx, study, "lock-2", 1<<40)
	require.ErrorIs(t, err, lake.ErrNoVersion)
	_, err = w.lake.Open(ctx, study, "lock-2")
	require.ErrorIs(t, err, lake.ErrNoTag)
	second, err := w.lake.Tag(ctx, study, "by-version", version)
	require.NoError(t, err)
	require.Equal(t, first.Snapshot, second.Snapshot)

	_, err = w.lake.Compact(ctx, study, lake.CompactPolicy{MinFiles: 2})
	require.NoError(t, err)
	w.requireEqual(nil)
	report, err := w.lake.Expire(ctx, study, lake.ExpirePolicy{Keep: time.Millisecond}, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 2, report.Kept, "the newest moment and the tagged one")
	w.requireEqual(nil)
	require.Equal(t, rows, w.tagRows("lock-1"))
	require.Equal(t, rows, w.tagRows("by-version"))
	tags, err := w.lake.Tags(ctx, study)
	require.NoError(t, err)
	require.Len(t, tags, 2)
}

// TestExpiryRemovesWhatNothingNames: after an expiry every file in the warehouse is named by a snapshot
// that is kept, and a moment that is kept opens with all of its rows.
func TestExpiryRemovesWhatNothingNames(t *testing.T) {
	w := newWorld(t, 200)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	for range 3 {
		w.meddle(10)
		w.pull()
		w.sync()
	}
	before := w.dataFilesOnDisk()
	report, err := w.lake.Expire(ctx, study, lake.ExpirePolicy{Keep: time.Millisecond, KeepLast: 2}, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 2, report.Kept)
	require.Equal(t, 2, report.Removed)
	w.requireEqual(nil)
	require.Less(t, len(w.dataFilesOnDisk()), len(before))
	tbl, err := w.lake.Table(ctx, study, lake.TablesTable)
	require.NoError(t, err)
	require.Len(t, tbl.Metadata().Snapshots(), 2)
	for path := range w.dataFilesOnDisk() {
		require.True(t, w.named()[path], "nothing names %s", path)
	}
	_, err = w.lake.Expire(ctx, study, lake.ExpirePolicy{Orphans: time.Hour}, time.Now())
	require.Error(t, err, "a commit under way has files that nothing names yet")

	stray := filepath.Join(w.tableDir("VS"), "data", "stray.parquet")
	require.NoError(t, os.WriteFile(stray, []byte("x"), 0o600))
	old := time.Now().Add(-48 * time.Hour)
	require.NoError(t, os.Chtimes(stray, old, old))
	_, err = w.lake.Expire(ctx, study, lake.ExpirePolicy{Orphans: 24 * time.Hour}, time.Now())
	require.NoError(t, err)
	require.NoFileExists(t, stray)
	w.requireEqual(nil)
}

// TestExpiryBoundsTheMoments: by default no more than a number of moments are kept for their age, and all of them where
// an age was asked for; a tagged one is kept beyond.
func TestExpiryBoundsTheMoments(t *testing.T) {
	w := newWorld(t, 20)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	_, err := w.lake.Tag(ctx, study, "lock", 0)
	require.NoError(t, err)
	for range 5 {
		w.meddle(2)
		w.pull()
		w.sync()
	}
	tbl, err := w.lake.Table(ctx, study, lake.TablesTable)
	require.NoError(t, err)
	all := len(tbl.Metadata().Snapshots())
	require.Greater(t, all, 4)
	for _, c := range []struct {
		after  time.Duration
		policy lake.ExpirePolicy
		kept   int
	}{
		{0, lake.ExpirePolicy{KeepMost: 1}, all}, // in their first hour
		{2 * time.Hour, lake.ExpirePolicy{}, all},
		{2 * time.Hour, lake.ExpirePolicy{Keep: 3 * time.Hour}, all},
		{2 * time.Hour, lake.ExpirePolicy{KeepMost: 4}, 5},
		{2 * time.Hour, lake.ExpirePolicy{KeepMost: 1, KeepLast: 3}, 4},
		{2 * time.Hour, lake.ExpirePolicy{Keep: time.Hour, KeepMost: 3}, 2},
	} {
		report, err := w.lake.Expire(ctx, study, c.policy, time.Now().Add(c.after))
		require.NoError(t, err)
		require.Equal(t, c.kept, report.Kept, "%+v", c)
		w.requireEqual(nil)
	}
	require.Equal(t, 30, lake.DefaultKeepMost, "what the documents say")
	_, err = w.lake.Expire(ctx, study, lake.ExpirePolicy{KeepMost: -1}, time.Now())
	require.Error(t, err)
}

// TestMaintenance compacts and expires in one call, removes no tagged moment, nothing where all are to be kept, and does
// nothing under a policy that cannot be carried out, or without its token.
func TestMaintenance(t *testing.T) {
	w := newWorld(t, 100)
	ctx, study, later := t.Context(), w.study.Key(), time.Now().Add(2*time.Hour)
	w.sync()
	_, err := w.lake.Tag(ctx, study, "lock", 0)
	require.NoError(t, err)
	tagged := w.tagRows("lock")
	for range 6 {
		w.meddle(4)
		w.pull()
		w.sync()
	}
	before, moments := w.dataFilesOnDisk(), w.moments()
	_, err = w.lake.Maintain(ctx, study, lake.MaintainPolicy{Expire: lake.ExpirePolicy{KeepLast: -1}}, later)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	_, err = w.lake.Maintain(ctx, study, lake.MaintainPolicy{Compact: lake.CompactPolicy{MinFiles: 1}}, later)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.Equal(t, before, w.dataFilesOnDisk())
	require.Equal(t, moments, w.moments())

	kept, err := w.lake.Maintain(ctx, study, lake.MaintainPolicy{KeepAll: true}, later)
	require.NoError(t, err)
	require.Nil(t, kept.Expiry)
	require.NotEmpty(t, kept.Compaction.Tables)
	require.Equal(t, moments, w.moments()[:len(moments)])
	w.requireEqual(nil)
	report, err := w.lake.Maintain(ctx, study, lake.MaintainPolicy{Expire: lake.ExpirePolicy{KeepMost: 2}}, later)
	require.NoError(t, err)
	require.Empty(t, report.Compaction.Tables, "all was compacted")
	require.Equal(t, 3, report.Expiry.Kept, "two, and the tagged one")
	require.Len(t, w.moments(), 3)
	w.requireEqual(nil)
	require.Equal(t, tagged, w.tagRows("lock"))

	holder, _ := w.open(lake.WithFence(9))
	w.meddle(4)
	w.pull()
	_, err = holder.Sync(ctx, study, lake.SyncOptions{})
	require.NoError(t, err)
	_, err = w.lake.Maintain(ctx, study, lake.MaintainPolicy{}, later)
	require.ErrorIs(t, err, lake.ErrFenced)
}

// moments are the snapshots of the table of tables.
func (w *world) moments() (ids []int64) {
	tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), lake.TablesTable)
	require.NoError(w.t, err)
	for _, s := range tbl.Metadata().Snapshots() {
		ids = append(ids, s.SnapshotID)
	}
	return ids
}

// TestExpiryIsRepeatable: what an expiry has removed is removed for the next one too, although manifests that it
// expires may name it again.
func TestExpiryIsRepeatable(t *testing.T) {
	w := newWorld(t, 200)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	var rows any
	for i := range 4 {
		for range 2 {
			w.meddle(10)
			w.pull()
			w.sync()
		}
		if i == 0 {
			_, err := w.lake.Tag(ctx, study, "lock", 0)
			require.NoError(t, err)
			rows = w.tagRows("lock")
		}
		if i == 2 {
			_, err := w.lake.Compact(ctx, study, lake.CompactPolicy{MinFiles: 2})
			require.NoError(t, err)
		}
		report, err := w.lake.Expire(ctx, study, lake.ExpirePolicy{Keep: time.Millisecond}, time.Now().Add(time.Hour))
		require.NoError(t, err, "expiry %d", i)
		require.Equal(t, min(2, i+1), report.Kept, "expiry %d", i)
		w.requireEqual(nil)
		require.Equal(t, rows, w.tagRows("lock"))
		named := w.named()
		for path := range w.dataFilesOnDisk() {
			require.True(t, named[path], "nothing names %s", path)
		}
	}
}

// TestAStaleTokenKeepsItsHandsOff: who has been replaced sets no tag, which would stand for ever, and removes nothing.
func TestAStaleTokenKeepsItsHandsOff(t *testing.T) {
	w := newWorld(t, 50)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	w.meddle(5)
	w.pull()
	old, _ := w.open(lake.WithFence(3))
	holder, _ := w.open(lake.WithFence(9))
	_, err := holder.Sync(ctx, study, lake.SyncOptions{})
	require.NoError(t, err)
	_, err = old.Tag(ctx, study, "stale", 0)
	require.ErrorIs(t, err, lake.ErrFenced)
	_, err = old.Expire(ctx, study, lake.ExpirePolicy{Keep: time.Millisecond}, time.Now().Add(time.Hour))
	require.ErrorIs(t, err, lake.ErrFenced)
	_, err = old.Compact(ctx, study, lake.CompactPolicy{MinFiles: 2})
	require.ErrorIs(t, err, lake.ErrFenced)
	tags, err := holder.Tags(ctx, study)
	require.NoError(t, err)
	require.Empty(t, tags)
	tbl, err := holder.Table(ctx, study, lake.TablesTable)
	require.NoError(t, err)
	require.Len(t, tbl.Metadata().Snapshots(), 2)
	_, err = holder.Tag(ctx, study, "mine", 0)
	require.NoError(t, err)
}

func (w *world) tableDir(name string) string {
	tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), name)
	require.NoError(w.t, err)
	return strings.TrimPrefix(tbl.Location(), "file://")
}

func (w *world) dataFilesOnDisk() map[string]bool {
	files := map[string]bool{}
	require.NoError(w.t, filepath.WalkDir(w.warehouse, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".parquet") {
			files[path] = true
		}
		return err
	}))
	return files
}

// named are the data files that any snapshot of any table names.
func (w *world) named() map[string]bool {
	files := map[string]bool{}
	for id, err := range w.cat.ListTables(w.t.Context(), table.Identifier{lake.Namespace(w.study.Key())}) {
		require.NoError(w.t, err)
		tbl, err := w.cat.LoadTable(w.t.Context(), id)
		require.NoError(w.t, err)
		for _, s := range tbl.Metadata().Snapshots() {
			tasks, err := tbl.Scan(table.WithSnapshotID(s.SnapshotID)).PlanFiles(w.t.Context())
			require.NoError(w.t, err)
			for _, task := range tasks {
				files[strings.TrimPrefix(task.File.FilePath(), "file://")] = true
			}
		}
	}
	return files
}

// TestFilesArePrivate: subject data may be read by their owner only, and so may the catalog, whose files of SQLite
// are there as long as it is open.
func TestFilesArePrivate(t *testing.T) {
	catalog := filepath.Join(t.TempDir(), "new", "directories", "catalog.sqlite3")
	w := worldOf(t, imednettest.Generate(imednettest.GenerateOptions{Records: 100}), "sqlite://"+catalog)
	w.sync()
	for _, root := range []string{w.warehouse, filepath.Dir(filepath.Dir(catalog))} {
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			info, err := d.Info()
			require.NoError(t, err)
			require.Zero(t, info.Mode().Perm()&0o077, path)
			return nil
		}))
	}
	require.FileExists(t, catalog+"-wal")
}

// TestCompactionMakesScansCheap makes many commits of a few records each and then compacts: the rows are
// the same, and a scan reads at most twice the files, manifests and bytes of a lake that was written
// at once, which is measured beside it. Who opens a table reads of each snapshot that is kept, so that the time is
// shown after compaction alone, and held to the limit after an expiry by the default policy too.
func TestCompactionMakesScansCheap(t *testing.T) {
	commits := 8
	if long() {
		commits = 500
	}
	w := newWorld(t, 400)
	w.sync()
	for range commits {
		w.meddle(3)
		w.pull()
		w.sync()
	}
	list := w.requireEqual(nil)
	rows := w.rowsByTable(list)
	before, err := w.lake.Status(t.Context(), w.study.Key())
	require.NoError(t, err)
	scanBefore := w.scanTime(w.lake)
	_, err = w.lake.Compact(t.Context(), w.study.Key(), lake.CompactPolicy{MinFiles: 2, MaxManifests: 1})
	require.NoError(t, err)
	require.Equal(t, rows, w.rowsByTable(w.requireEqual(nil)))
	after, err := w.lake.Status(t.Context(), w.study.Key())
	require.NoError(t, err)
	require.Empty(t, after.Unfinished)

	fresh := *w
	fresh.catalog, fresh.warehouse = "sqlite://"+filepath.Join(t.TempDir(), "fresh.sqlite3"), t.TempDir()
	fresh.lake, fresh.cat = fresh.open()
	fresh.sync()
	once, err := fresh.lake.Status(t.Context(), w.study.Key())
	require.NoError(t, err)
	for i, a := range after.Tables {
		b := once.Tables[i]
		require.Equal(t, b.Table, a.Table)
		require.LessOrEqual(t, a.Files, 2*max(b.Files, 1), a.Table)
		require.LessOrEqual(t, a.Manifests, 2*max(b.Manifests, 1), a.Table)
		require.LessOrEqual(t, a.Bytes, 2*b.Bytes, a.Table)
	}
	compacted := w.scanTime(w.lake)
	_, err = w.lake.Maintain(t.Context(), w.study.Key(), lake.MaintainPolicy{}, time.Now().Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, rows, w.rowsByTable(w.requireEqual(nil)))
	expired, freshly := w.scanTime(w.lake), fresh.scanTime(fresh.lake)
	t.Logf("%d commits: files %d, compacted %d, fresh %d; scan of every table %v, compacted %v, expired too %v, fresh %v: ratio compacted %.2f, expired too %.2f, limit 2",
		commits, files(before), files(after), files(once), scanBefore, compacted, expired, freshly, float64(compacted)/float64(freshly), float64(expired)/float64(freshly))
	if long() {
		require.LessOrEqual(t, expired, 2*freshly)
	}
}

func files(s lake.Status) (n int) {
	for _, t := range s.Tables {
		n += t.Files
	}
	return n
}

// scanTime is the least time of some scans of every table.
func (w *world) scanTime(l *lake.Lake) time.Duration {
	list, err := l.Current(w.t.Context(), w.study.Key())
	require.NoError(w.t, err)
	least := time.Hour
	for range 3 {
		start := time.Now()
		for _, listed := range list.Tables {
			tbl, err := l.Table(w.t.Context(), w.study.Key(), listed.Table)
			require.NoError(w.t, err)
			scan := tbl.Scan(table.WithSnapshotID(listed.Snapshot))
			_, batches, err := scan.ToArrowRecords(w.t.Context())
			require.NoError(w.t, err)
			for batch, err := range batches {
				require.NoError(w.t, err)
				batch.Release()
			}
		}
		least = min(least, time.Since(start))
	}
	return least
}
