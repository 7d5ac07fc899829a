package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
)

// target is a table as a run wants it.
type target struct {
	name   string
	form   string // key of the form whose records it holds; "" for another table
	kind   string
	schema tableSchema
	plan   string // hash of what decides its rows beside the mirror
}

// Mode says what a run did with a table.
type Mode string

// The modes of a [TableReport].
const (
	ModeCreated   Mode = "created"   // every row was written to a new table
	ModeRewritten Mode = "rewritten" // every row was written again
	ModeChanged   Mode = "changed"   // rows that changed were written
	ModeUnchanged Mode = "unchanged" // nothing was written
	ModeEmptied   Mode = "emptied"   // every row was taken out, since the study no longer has the form
)

// tableState is a table as a run found it, and what the run does with it.
type tableState struct {
	target
	tbl  *table.Table // nil if it is not there
	head moment       // of its snapshot
	base imednet.MirrorVersion
	mode Mode
	evo  *evolution
	// known are the digests of its files, as far as the newest moment lists them.
	known digests
	// while a commit is made
	txn    *table.Transaction
	staged *table.Table // with the columns as they will be
	schema *arrow.Schema
	report TableReport
}

func ident(studyKey, name string) table.Identifier {
	return table.Identifier{Namespace(studyKey), name}
}

// load reads a table; nil without an error means that there is none.
func (l *Lake) load(ctx context.Context, studyKey, name string) (*table.Table, error) {
	tbl, err := l.catalog.LoadTable(ctx, ident(studyKey, name))
	if errors.Is(err, catalog.ErrNoSuchTable) || errors.Is(err, catalog.ErrNoSuchNamespace) {
		return nil, nil
	}
	if unreadable(err) {
		return nil, fmt.Errorf("%w: the metadata of table %s cannot be read: %v", ErrDamaged, name, err)
	}
	return tbl, err
}

// unreadable reports whether a table is in the catalog, but not what the catalog names.
func unreadable(err error) bool {
	return errors.As(err, new(*fs.PathError)) && errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*json.SyntaxError)) ||
		errors.Is(err, table.ErrInvalidMetadata) || errors.Is(err, table.ErrInvalidMetadataFormatVersion)
}

// create makes an empty table, which has no snapshot and so no version. Of two creators one finds the
// other's.
func (l *Lake) create(ctx context.Context, studyKey string, t target) (*table.Table, error) {
	props := iceberg.Properties{
		table.PropertyFormatVersion:               "2",
		table.ParquetCompressionKey:               "zstd",
		table.ParquetCompressionLevelKey:          "1",
		table.WriteTargetFileSizeBytesKey:         strconv.FormatInt(l.fileBytes, 10),
		table.CommitNumRetriesKey:                 "0", // a commit is made again from the rows, never replayed
		table.MetadataDeleteAfterCommitEnabledKey: "true",
		table.MetadataPreviousVersionsMaxKey:      "50",
		propStudy:                                 studyKey,
		propKind:                                  t.kind,
		propColumns:                               columnsProperty(t.schema.ids()),
	}
	tbl, err := l.catalog.CreateTable(ctx, ident(studyKey, t.name), t.schema.iceberg(), catalog.WithProperties(props))
	if errors.Is(err, catalog.ErrTableAlreadyExists) {
		return l.load(ctx, studyKey, t.name)
	}
	return tbl, err
}

// begin opens the transaction of the table's one commit, with the columns that are wanted. Its
// snapshot must still be the one that was read, or the commit fails.
func (l *Lake) begin(ctx context.Context, studyKey string, t *tableState) (err error) {
	if t.tbl == nil {
		if t.tbl, err = l.create(ctx, studyKey, t.target); err != nil {
			return err
		}
		if t.tbl == nil || t.tbl.CurrentSnapshot() != nil {
			return errMoved
		}
		if t.evo, err = evolve(t.tbl, t.name, t.target.schema, false); err != nil {
			return err
		}
	}
	if t.evo.exchanges() {
		if t.tbl, err = l.exchange(ctx, t.tbl, t.evo); err != nil {
			return err
		}
	}
	t.txn = t.tbl.NewTransaction()
	if err := t.txn.AssertRefSnapshotID(table.MainBranch); err != nil {
		return err
	}
	if !t.evo.none() {
		if err := t.evo.stage(t.txn); err != nil {
			return fmt.Errorf("table %s: its columns cannot become those of the study: %w", t.name, err)
		}
	}
	staged, err := t.txn.StagedTable()
	if err != nil {
		return err
	}
	t.staged = staged.Table
	t.schema, err = arrowSchema(t.staged)
	return err
}

// errMoved means that another writer was faster; the run begins again from what stands now.
var errMoved = errors.New("another writer committed meanwhile")

// commit puts a snapshot in the place of the one that was read: without some files and with others.
// If it fails, the added files are removed unless the snapshot may stand after all.
func (l *Lake) commit(ctx context.Context, t *tableState, m moment, remove, add []iceberg.DataFile) error {
	if t.head.fence > l.fence {
		discard(ctx, t.tbl, add)
		return ErrFenced
	}
	removed, added := rowsOf(remove), rowsOf(add)
	m.fence, m.rows = l.fence, t.head.rows-removed+added
	props := m.properties()
	props[propWritten], props[propRemoved] = strconv.FormatInt(added, 10), strconv.FormatInt(removed, 10)
	if err := stageFiles(ctx, t, remove, add, props); err != nil {
		discard(ctx, t.tbl, add)
		return err
	}
	committed, err := t.txn.Commit(ctx)
	if err != nil {
		return l.afterFailedCommit(ctx, t, add, err)
	}
	t.tbl, t.head = committed, m
	t.report.Rows, t.report.Written, t.report.Removed = m.rows, added, removed
	return checkRows(committed, m.rows)
}

// stageFiles stages a snapshot, also one that changes no file.
func stageFiles(ctx context.Context, t *tableState, remove, add []iceberg.DataFile, props iceberg.Properties) error {
	switch {
	case len(remove) > 0:
		return t.txn.ReplaceDataFilesWithDataFiles(ctx, remove, add, props, table.WithoutAutoNameMapping())
	case len(add) > 0:
		return t.txn.AddDataFiles(ctx, add, props, table.WithoutAutoNameMapping(), table.WithoutDuplicateCheck())
	}
	return stageNothing(ctx, t, props)
}

// stageNothing stages a snapshot with the rows of the one before.
func stageNothing(ctx context.Context, t *tableState, props iceberg.Properties) error {
	nothing, err := array.NewRecordReader(t.schema, nil)
	if err != nil {
		return err
	}
	defer nothing.Release()
	return t.txn.Append(ctx, nothing, props)
}

func rowsOf(files []iceberg.DataFile) (n int64) {
	for _, f := range files {
		n += f.Count()
	}
	return n
}

// afterFailedCommit tells a lost race from a failure. Files are removed only where it is certain that
// no snapshot names them.
func (l *Lake) afterFailedCommit(ctx context.Context, t *tableState, add []iceberg.DataFile, cause error) error {
	now, err := l.catalog.LoadTable(context.WithValue(context.WithoutCancel(ctx), hasty{}, true), t.tbl.Identifier())
	if err != nil {
		return cause
	}
	if sameSnapshot(now, t.tbl) {
		if errors.Is(cause, table.ErrCommitFailed) {
			discard(ctx, t.tbl, add)
			return errMoved // a tag or a property
		}
		return cause // the commit may still arrive
	}
	if s := now.CurrentSnapshot(); s != nil && s.SequenceNumber == t.tbl.Metadata().LastSequenceNumber()+1 && !names(ctx, now, add) {
		discard(ctx, t.tbl, add)
	}
	return errMoved
}

func sameSnapshot(a, b *table.Table) bool {
	x, y := a.CurrentSnapshot(), b.CurrentSnapshot()
	if x == nil || y == nil {
		return x == nil && y == nil
	}
	return x.SnapshotID == y.SnapshotID
}

// names reports whether the current snapshot holds one of the files, or it cannot be told.
func names(ctx context.Context, tbl *table.Table, files []iceberg.DataFile) bool {
	held, err := dataFiles(ctx, tbl, "")
	if err != nil {
		return true
	}
	paths := map[string]bool{}
	for _, f := range held {
		paths[f.FilePath()] = true
	}
	for _, f := range files {
		if paths[f.FilePath()] {
			return true
		}
	}
	return false
}

// checkRows compares what a snapshot counts with what it should hold.
func checkRows(tbl *table.Table, want int64) error {
	total := tbl.CurrentSnapshot().Summary.Properties["total-records"]
	if total != strconv.FormatInt(want, 10) {
		return fmt.Errorf("table %s counts %s rows and should hold %d", tbl.Identifier()[1], total, want)
	}
	return nil
}
