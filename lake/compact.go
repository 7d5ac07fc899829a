package lake

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of [CompactPolicy].
const (
	DefaultMinFiles     = 4
	DefaultMaxManifests = 8
)

// CompactPolicy says when the files of a table are joined.
type CompactPolicy struct {
	// MinFiles is the number of files of less than half the size of [WithFileBytes] from which on they
	// are joined; 0 means [DefaultMinFiles].
	MinFiles int
	// MaxManifests is the number of manifests beyond which they are joined; 0 means
	// [DefaultMaxManifests].
	MaxManifests int
}

// CompactReport is the result of [Lake.Compact].
type CompactReport struct {
	StudyKey string         `json:"studyKey"`
	Tables   []CompactTable `json:"tables"` // that changed
}

// CompactTable says what became of one table's files.
type CompactTable struct {
	Table           string `json:"table"`
	FilesBefore     int    `json:"filesBefore"`
	FilesAfter      int    `json:"filesAfter"`
	ManifestsBefore int    `json:"manifestsBefore"`
	ManifestsAfter  int    `json:"manifestsAfter"`
	Rows            int64  `json:"rows"`
}

// String returns the lines that the command prints.
func (r CompactReport) String() string {
	text := ""
	for _, t := range r.Tables {
		text += fmt.Sprintf("%s: %d files joined into %d, manifests %d into %d\n", t.Table, t.FilesBefore, t.FilesAfter, t.ManifestsBefore, t.ManifestsAfter)
	}
	return text + fmt.Sprintf("study %s: %d tables compacted", r.StudyKey, len(r.Tables))
}

// Compact joins the small files and manifests that many commits leave, without changing a row, and
// names the moment again with the new snapshots. Of a compaction and a sync that meet in one table the
// later one begins again. Snapshots and tags keep their files until [Lake.Expire] removes the
// snapshots.
func (l *Lake) Compact(ctx context.Context, studyKey string, policy CompactPolicy) (CompactReport, error) {
	report := CompactReport{StudyKey: studyKey, Tables: []CompactTable{}}
	if policy.MinFiles < 0 || policy.MinFiles == 1 || policy.MaxManifests < 0 {
		return report, failure("compact", studyKey, "", argument.Invalid("lake.Lake.Compact", "policy", "a number of files is at least 2, and of manifests at least 1"), "")
	}
	if policy.MinFiles == 0 {
		policy.MinFiles = DefaultMinFiles
	}
	if policy.MaxManifests == 0 {
		policy.MaxManifests = DefaultMaxManifests
	}
	tbl, list, err := l.ownMoments(ctx, studyKey)
	if err == nil {
		err = l.requireFiles(ctx, tbl, list)
	}
	if err != nil {
		return report, failure("compact", studyKey, "", err, "")
	}
	for _, t := range list.Tables {
		if err := l.compactTable(ctx, studyKey, t.Table, policy, list.digests(t.Table), &report); err != nil {
			return report, failure("compact", studyKey, "table "+t.Table, err, "")
		}
	}
	return report, failure("compact", studyKey, "table "+TablesTable, l.relist(ctx, studyKey), "")
}

// again repeats what another writer disturbed.
func again(do func() error) error {
	for range maxAttempts {
		if err := do(); !errors.Is(err, errMoved) {
			return err
		}
	}
	return ErrConflict
}

func (l *Lake) compactTable(ctx context.Context, studyKey, name string, policy CompactPolicy, known digests, report *CompactReport) error {
	return again(func() error {
		tbl, err := l.load(ctx, studyKey, name)
		if err != nil || tbl == nil || tbl.CurrentSnapshot() == nil {
			return err
		}
		done, err := l.compactOnce(ctx, name, tbl, policy, known)
		if err == nil && done != nil {
			report.Tables = append(report.Tables, *done)
		}
		return err
	})
}

// compactOnce joins what the policy says in one commit; nil means that there was nothing to join.
func (l *Lake) compactOnce(ctx context.Context, name string, tbl *table.Table, policy CompactPolicy, known digests) (*CompactTable, error) {
	key := keyOf(tbl, name)
	files, err := dataFiles(ctx, tbl, key)
	if err != nil {
		return nil, err
	}
	manifests, err := manifestCount(ctx, tbl)
	if err != nil {
		return nil, err
	}
	groups := groupsOf(files, policy.MinFiles, l.fileBytes)
	if len(groups) == 0 && manifests <= policy.MaxManifests {
		return nil, nil
	}
	head, err := momentOf(tbl.CurrentSnapshot())
	if err != nil {
		return nil, err
	}
	state := &tableState{target: target{name: name, schema: tableSchema{key: key}}, tbl: tbl, head: head, evo: &evolution{}, known: known}
	if err := l.begin(ctx, head.study, state); err != nil {
		return nil, err
	}
	remove, add, err := l.joinGroups(ctx, state, groups)
	if err == nil {
		err = l.commitSame(ctx, state, remove, add, manifests > policy.MaxManifests)
	} else {
		discard(ctx, tbl, add)
	}
	if err != nil {
		return nil, err
	}
	after, err := manifestCount(ctx, state.tbl)
	return &CompactTable{name, len(files), len(files) - len(remove) + len(add), manifests, after, head.rows}, err
}

func none(s *table.Snapshot, count string) bool {
	n := s.Summary.Properties[count]
	return n == "" || n == "0"
}

// keyOf is the column by which the rows of a table are ordered; "" if it has none.
func keyOf(tbl *table.Table, name string) string {
	key := knownKey(name)
	if _, ok := tbl.Schema().FindFieldByName(key); !ok {
		return ""
	}
	return key
}

func knownKey(name string) string {
	for _, kind := range resources() {
		if kind.name == name {
			return kind.key
		}
	}
	if name == ChangesTable {
		return changeKey
	}
	return keyColumn
}

func manifestCount(ctx context.Context, tbl *table.Table) (int, error) {
	fs, err := tbl.FS(ctx)
	if err != nil {
		return 0, err
	}
	manifests, err := tbl.CurrentSnapshot().Manifests(fs)
	return len(manifests), err
}

// groupsOf puts small files that are neighbours by their keys together, up to the size of a file.
func groupsOf(files []dataFile, minFiles int, fileBytes int64) (groups [][]dataFile) {
	var small []dataFile
	for _, f := range files {
		if f.FileSizeBytes() < fileBytes/2 {
			small = append(small, f)
		}
	}
	if len(small) < minFiles {
		return nil
	}
	var group []dataFile
	size := int64(0)
	flush := func() {
		if len(group) > 1 {
			groups = append(groups, group)
		}
		group, size = nil, 0
	}
	for _, f := range small {
		if size+f.FileSizeBytes() > fileBytes {
			flush()
		}
		group, size = append(group, f), size+f.FileSizeBytes()
	}
	flush()
	return groups
}

// joinGroups writes each group as one file, in the order of keys.
func (l *Lake) joinGroups(ctx context.Context, t *tableState, groups [][]dataFile) (remove, add fileList, err error) {
	for _, group := range groups {
		files, err := l.joinGroup(ctx, t, group)
		if add = append(add, files...); err != nil {
			return remove, add, err
		}
		remove = append(remove, plain(group)...)
	}
	return remove, add, nil
}

func (l *Lake) joinGroup(ctx context.Context, t *tableState, group []dataFile) (fileList, error) {
	if err := intact(ctx, t.tbl, t.known, group...); err != nil {
		return nil, err
	}
	var batches []arrow.RecordBatch
	defer func() { release(batches) }()
	for _, f := range group {
		more, err := f.all(ctx, t.tbl, t.schema, t.target.schema.key, nil)
		if err != nil {
			return nil, err
		}
		batches = append(batches, more...)
	}
	rows, err := sorted(ctx, t.schema, batches, t.target.schema.key)
	if err != nil || rows == nil {
		return nil, err
	}
	defer rows.Release()
	return l.writeFiles(ctx, t.staged, t.schema, parts(rows))
}

// commitSame commits a snapshot with the same rows in other files and manifests. What the snapshot
// says of itself stays.
func (l *Lake) commitSame(ctx context.Context, t *tableState, remove, add fileList, manifests bool) error {
	if rowsOf(remove) != rowsOf(add) {
		discard(ctx, t.tbl, add)
		return fmt.Errorf("%d rows were read and %d written", rowsOf(remove), rowsOf(add))
	}
	if err := stageSame(ctx, t, remove, add, manifests); err != nil {
		discard(ctx, t.tbl, add)
		return err
	}
	committed, err := t.txn.Commit(ctx)
	if err != nil {
		return l.afterFailedCommit(ctx, t, add, err)
	}
	t.tbl = committed
	return checkRows(committed, t.head.rows)
}

func stageSame(ctx context.Context, t *tableState, remove, add []iceberg.DataFile, manifests bool) error {
	props := carried(t.tbl.CurrentSnapshot())
	if len(remove) > 0 {
		rewrite := t.txn.NewRewrite(props)
		for _, f := range remove {
			rewrite.DeleteFile(f)
		}
		for _, f := range add {
			rewrite.AddDataFile(f)
		}
		return rewrite.Commit(ctx)
	}
	if _, err := t.txn.RewriteManifests(ctx); err != nil {
		return err
	}
	// A snapshot of manifests cannot carry properties; an empty one on top of it does.
	return stageNothing(ctx, t, props)
}

// relist names the newest moment again, where only the snapshots of its tables are others.
func (l *Lake) relist(ctx context.Context, studyKey string) error {
	return again(func() error {
		tbl, list, err := l.moments(ctx, studyKey)
		if err != nil || list == nil {
			return err
		}
		m, err := momentOf(tbl.CurrentSnapshot())
		if err != nil {
			return err
		}
		now := *list
		now.Tables = nil
		for _, listed := range list.Tables {
			current, err := l.sameContent(ctx, studyKey, listed)
			if err != nil {
				return err
			}
			now.Tables = append(now.Tables, current)
		}
		m.fence = max(m.fence, l.fence)
		return l.list(ctx, &now, list, tbl, m)
	})
}

// sameContent is a table with its current snapshot if that has come from the listed one without a
// change of rows, or else as listed.
func (l *Lake) sameContent(ctx context.Context, studyKey string, listed ListedTable) (ListedTable, error) {
	tbl, err := l.load(ctx, studyKey, listed.Table)
	if err != nil || tbl == nil {
		return listed, err
	}
	for s := tbl.CurrentSnapshot(); s != nil; {
		if s.SnapshotID == listed.Snapshot {
			listed.Snapshot = tbl.CurrentSnapshot().SnapshotID
			return listed, nil
		}
		if !keepsRows(s) || s.ParentSnapshotID == nil {
			return listed, nil
		}
		s = tbl.SnapshotByID(*s.ParentSnapshotID)
	}
	return listed, nil
}

// keepsRows reports whether a snapshot holds the rows of its parent.
func keepsRows(s *table.Snapshot) bool {
	return s.Summary.Operation == table.OpReplace || s.Summary.Operation == table.OpAppend && none(s, "added-records") && none(s, "deleted-records")
}
