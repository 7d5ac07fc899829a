package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
)

// Listing is one moment of a study in the lake: which snapshot each table has in it. It is the content
// of the table [TablesTable], whose snapshots are the moments of the study.
type Listing struct {
	StudyKey   string                `json:"studyKey"`
	Version    imednet.MirrorVersion `json:"version"`
	ServerTime time.Time             `json:"serverTime,omitzero"`
	Tables     []ListedTable         `json:"tables"`

	files   map[string][]listedFile // by table; none of a moment that an earlier version of this program named
	columns map[string]string       // by table, the digest of its columns; likewise
}

// ListedTable is a table at one moment.
type ListedTable struct {
	Table    string `json:"table"`
	FormKey  string `json:"formKey,omitempty"`
	Snapshot int64  `json:"snapshot"`
	Rows     int64  `json:"rows"`
}

var listingFields = arrow.NewSchema([]arrow.Field{
	{Name: "table", Type: arrow.BinaryTypes.String},
	{Name: "formKey", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "snapshotId", Type: arrow.PrimitiveTypes.Int64},
	{Name: "rows", Type: arrow.PrimitiveTypes.Int64},
	{Name: "studyKey", Type: arrow.BinaryTypes.String},
	{Name: "version", Type: arrow.PrimitiveTypes.Int64},
	{Name: "serverTime", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "files", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "columns", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

func listingTarget() (target, error) {
	schema, err := schemaOf(listingFields, "")
	return target{name: TablesTable, kind: kindSynced, schema: schema}, err
}

// batch is the listing as rows. The caller must release it.
func (l *Listing) batch() arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, listingFields)
	defer b.Release()
	for _, t := range l.Tables {
		b.Field(0).(*array.StringBuilder).Append(t.Table)
		appendText(b.Field(1), t.FormKey, t.FormKey != "")
		b.Field(2).(*array.Int64Builder).Append(t.Snapshot)
		b.Field(3).(*array.Int64Builder).Append(t.Rows)
		b.Field(4).(*array.StringBuilder).Append(l.StudyKey)
		b.Field(5).(*array.Int64Builder).Append(int64(l.Version))
		appendTime(b.Field(6), l.ServerTime, !l.ServerTime.IsZero())
		document, _ := json.Marshal(l.files[t.Table]) // texts and numbers
		appendText(b.Field(7), string(document), l.files[t.Table] != nil)
		appendText(b.Field(8), l.columns[t.Table], l.columns[t.Table] != "")
	}
	return b.NewRecordBatch()
}

// readListing reads the rows of a snapshot of the table of tables.
func readListing(ctx context.Context, tbl *table.Table, s *table.Snapshot) (*Listing, error) {
	m, err := momentOf(s)
	if err != nil {
		return nil, err
	}
	list := &Listing{StudyKey: m.study, Version: m.version, ServerTime: m.serverTime, files: map[string][]listedFile{}, columns: map[string]string{}}
	scan := tbl.Scan(table.WithSnapshotID(s.SnapshotID))
	defer scan.Close()
	_, batches, err := scan.ToArrowRecords(ctx)
	if err != nil {
		return nil, err
	}
	for batch, err := range batches {
		if err != nil {
			return nil, err
		}
		err := list.read(ctx, batch)
		batch.Release()
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *Listing) read(ctx context.Context, batch arrow.RecordBatch) error {
	rows, err := conform(ctx, batch, listingFields)
	if err != nil {
		return err
	}
	defer rows.Release()
	name, form := rows.Column(0).(*array.String), rows.Column(1).(*array.String)
	files, columns := rows.Column(7).(*array.String), rows.Column(8).(*array.String)
	snapshot, count := rows.Column(2).(*array.Int64), rows.Column(3).(*array.Int64)
	for i := range int(rows.NumRows()) {
		t := ListedTable{Table: name.Value(i), Snapshot: snapshot.Value(i), Rows: count.Value(i)}
		if form.IsValid(i) {
			t.FormKey = form.Value(i)
		}
		if files.IsValid(i) {
			var listed []listedFile
			if err := json.Unmarshal([]byte(files.Value(i)), &listed); err != nil {
				return fmt.Errorf("the files of table %s cannot be read: %w", t.Table, err)
			}
			l.files[t.Table] = listed
		}
		if columns.IsValid(i) {
			l.columns[t.Table] = columns.Value(i)
		}
		l.Tables = append(l.Tables, t)
	}
	return nil
}

func (l *Listing) of(name string) (ListedTable, bool) {
	for _, t := range l.Tables {
		if t.Table == name {
			return t, true
		}
	}
	return ListedTable{}, false
}

// moments reads the table of tables and its newest listing; both are nil if the lake has no moment of
// the study.
func (l *Lake) moments(ctx context.Context, studyKey string) (*table.Table, *Listing, error) {
	tbl, err := l.load(ctx, studyKey, TablesTable)
	if err != nil || tbl == nil || tbl.CurrentSnapshot() == nil {
		return tbl, nil, err
	}
	list, err := readListing(ctx, tbl, tbl.CurrentSnapshot())
	if err == nil && list.StudyKey != studyKey {
		err = fmt.Errorf("the namespace %s belongs to study %q", Namespace(studyKey), list.StudyKey)
	}
	return tbl, list, err
}

// ownMoments is moments for a writer: without any it is ErrNoStudy, and ErrFenced where a greater token stands.
func (l *Lake) ownMoments(ctx context.Context, studyKey string) (*table.Table, *Listing, error) {
	tbl, list, err := l.moments(ctx, studyKey)
	if err != nil {
		return nil, nil, err
	}
	if list == nil {
		return nil, nil, ErrNoStudy
	}
	return tbl, list, l.mayWrite(tbl)
}

// mayWrite is ErrFenced if a greater token stands on the newest snapshot of a table.
func (l *Lake) mayWrite(tbl *table.Table) error {
	head, err := momentOf(tbl.CurrentSnapshot())
	if err == nil && head.fence > l.fence {
		return ErrFenced
	}
	return err
}

// Current returns the newest moment of a study in the lake. The error is [ErrNoStudy] if it has none.
func (l *Lake) Current(ctx context.Context, studyKey string) (*Listing, error) {
	_, list, err := l.moments(ctx, studyKey)
	if err == nil && list == nil {
		err = ErrNoStudy
	}
	return list, failure("list", studyKey, "", err, "")
}

// Open returns the moment that a tag names. The error is [ErrNoTag] if there is no such tag.
func (l *Lake) Open(ctx context.Context, studyKey, tag string) (*Listing, error) {
	list, err := l.open(ctx, studyKey, tag)
	return list, failure("open", studyKey, "tag "+tag, err, "")
}

func (l *Lake) open(ctx context.Context, studyKey, tag string) (*Listing, error) {
	tbl, err := l.load(ctx, studyKey, TablesTable)
	if err != nil {
		return nil, err
	}
	if tbl == nil {
		return nil, ErrNoStudy
	}
	s, ok := tagged(tbl, tag)
	if !ok {
		return nil, ErrNoTag
	}
	return readListing(ctx, tbl, s)
}

// Table returns a table of the study for reading, such as one of a [Listing] at its snapshot.
func (l *Lake) Table(ctx context.Context, studyKey, name string) (*table.Table, error) {
	tbl, err := l.load(ctx, studyKey, name)
	if err == nil && tbl == nil {
		err = ErrNoStudy
	}
	return tbl, failure("open", studyKey, "table "+name, err, "")
}

// list commits a moment, if it is not the newest one already.
func (l *Lake) list(ctx context.Context, want *Listing, before *Listing, tbl *table.Table, m moment) error {
	if before != nil && sameListing(want, before) {
		return nil
	}
	t, err := listingTarget()
	if err != nil {
		return err
	}
	state := &tableState{target: t, tbl: tbl, evo: &evolution{}}
	if tbl != nil {
		if state.head, err = momentOf(tbl.CurrentSnapshot()); err != nil {
			return err
		}
		if state.evo, err = evolve(tbl, t.name, t.schema, false); err != nil {
			return err
		}
	}
	if err := l.listFiles(ctx, want, before); err != nil {
		return err
	}
	if err := l.begin(ctx, want.StudyKey, state); err != nil {
		return err
	}
	old, err := dataFiles(ctx, state.tbl, "version")
	if err != nil {
		return err
	}
	return l.replaceAll(ctx, state, m, old, want.batch())
}

// replaceAll commits a batch in the place of every row; it releases the batch.
func (l *Lake) replaceAll(ctx context.Context, t *tableState, m moment, old []dataFile, batch arrow.RecordBatch) error {
	defer batch.Release()
	rows, err := conform(ctx, batch, t.schema)
	if err != nil {
		return err
	}
	defer rows.Release()
	files, err := l.writeFiles(ctx, t.staged, t.schema, parts(rows))
	if err != nil {
		discard(ctx, t.tbl, files)
		return err
	}
	if m.digest, err = digestOfOne(ctx, t.tbl, files); err != nil {
		discard(ctx, t.tbl, files)
		return err
	}
	return l.commit(ctx, t, m, plain(old), files)
}

// digestOfOne is the digest of the file of a small table; "" if it has several.
func digestOfOne(ctx context.Context, tbl *table.Table, files []iceberg.DataFile) (string, error) {
	if len(files) != 1 {
		return "", nil
	}
	where, err := tbl.FS(ctx)
	if err != nil {
		return "", err
	}
	digest, _, err := digestOf(where, files[0].FilePath())
	return digest, err
}

func plain(files []dataFile) []iceberg.DataFile {
	out := make([]iceberg.DataFile, len(files))
	for i, f := range files {
		out[i] = f.DataFile
	}
	return out
}

func sameListing(a, b *Listing) bool {
	if a.Version != b.Version || !a.ServerTime.Equal(b.ServerTime) || len(a.Tables) != len(b.Tables) {
		return false
	}
	for _, t := range a.Tables {
		if other, ok := b.of(t.Table); !ok || other != t {
			return false
		}
	}
	return true
}
