package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
)

// ErrDamaged means that files of a lake, with data or metadata, are missing, or are not what was written.
var ErrDamaged = errors.New("files of the lake are missing or are not what was written")

// Damage is something in a lake that is not as it was written.
type Damage struct {
	Table   string `json:"table"`
	File    string `json:"file,omitempty"` // where it lies; "" if it is no file
	Problem string `json:"problem"`
}

// String returns the line that the command prints.
func (d Damage) String() string {
	if d.File == "" {
		return fmt.Sprintf("%s: %s", d.Table, d.Problem)
	}
	return fmt.Sprintf("%s: %s: %s", d.Table, d.File, d.Problem)
}

// damaged is [ErrDamaged] if there is any damage, with the first of it.
func damaged(all []Damage) error {
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d findings, first %s", ErrDamaged, len(all), all[0])
}

// VerifyReport is the result of [Lake.Verify].
type VerifyReport struct {
	StudyKey string                `json:"studyKey"`
	Version  imednet.MirrorVersion `json:"version"` // of the newest moment
	Tags     int                   `json:"tags"`
	Tables   int                   `json:"tables"` // at all of these moments
	Files    int                   `json:"files"`  // each counted once
	Bytes    int64                 `json:"bytes"`
	Rows     int64                 `json:"rows"` // in these files
	// Undigested counts files of moments that were named before digests were kept: all of their rows were read, and
	// counted, but whether a value was altered is not known.
	Undigested int      `json:"undigested"`
	Damage     []Damage `json:"damage"`
}

// String returns the lines that the command prints.
func (r VerifyReport) String() string {
	var b strings.Builder
	for _, d := range r.Damage {
		fmt.Fprintln(&b, d)
	}
	if r.Undigested > 0 {
		fmt.Fprintf(&b, "%d files have no digest: their rows were counted, and no value compared\n", r.Undigested)
	}
	fmt.Fprintf(&b, "study %s at version %d and %d tags: %d tables, %d files, %d bytes, %d rows: %d findings", r.StudyKey, r.Version, r.Tags, r.Tables, r.Files, r.Bytes, r.Rows, len(r.Damage))
	return b.String()
}

// Err is [ErrDamaged] if anything was found.
func (r VerifyReport) Err() error { return damaged(r.Damage) }

// Verify reads every data file of the newest moment of a study and of all tags, and compares it with what was noted
// when it was written: its size, its number of rows, and its SHA-256. A moment that names other files than its tables,
// another number of rows or other columns, is found too, and so are metadata that cannot be read, a tag that a table lacks, and a
// newest snapshot that is earlier than that of the newest moment or another program's. Earlier moments without a tag are not
// read. What was changed everywhere alike, in files and metadata, is not found: only a comparison with the mirror
// tells that.
//
// The report has what was found; its Err is [ErrDamaged] then. Errors: [ErrNoStudy], and those of catalog and storage.
func (l *Lake) Verify(ctx context.Context, studyKey string) (VerifyReport, error) {
	v := &verification{Lake: l, ctx: ctx, study: studyKey, seen: map[string]bool{}, report: VerifyReport{StudyKey: studyKey, Damage: []Damage{}}}
	err := v.run()
	return v.report, failure("verify", studyKey, "", err, "")
}

type verification struct {
	*Lake
	ctx    context.Context
	study  string
	seen   map[string]bool // files by path: whether they were compared with a digest
	report VerifyReport
}

func (v *verification) found(tbl, file, problem string, args ...any) {
	v.report.Damage = append(v.report.Damage, Damage{tbl, file, fmt.Sprintf(problem, args...)})
}

func (v *verification) run() error {
	tbl, err := v.load(v.ctx, v.study, TablesTable)
	if errors.Is(err, ErrDamaged) {
		v.found(TablesTable, "", "its metadata cannot be read")
		return nil
	}
	if err != nil {
		return err
	}
	if tbl == nil || tbl.CurrentSnapshot() == nil {
		return ErrNoStudy
	}
	head, err := momentOf(tbl.CurrentSnapshot())
	if err != nil {
		return err
	}
	v.report.Version = head.version
	if err := v.moment(tbl, tbl.CurrentSnapshot(), ""); err != nil {
		return err
	}
	for _, tag := range tagNames(tbl) {
		v.report.Tags++
		s, _ := tagged(tbl, tag)
		if s == nil {
			v.found(TablesTable, "", "tag %s names a snapshot that is gone", tag)
			continue
		}
		if err := v.moment(tbl, s, tag); err != nil {
			return err
		}
	}
	return nil
}

// tagNames are the tags of the table of tables, in order.
func tagNames(tbl *table.Table) (names []string) {
	for name, ref := range tbl.Metadata().Refs() {
		if ref.SnapshotRefType == table.TagRef {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// moment verifies every table of a moment, and the table of tables, which names them.
func (v *verification) moment(tbl *table.Table, s *table.Snapshot, tag string) error {
	own := ListedTable{Table: TablesTable, Snapshot: s.SnapshotID}
	var digest *listedFile
	if sum := s.Summary.Properties[propDigest]; sum != "" {
		digest = &listedFile{SHA256: sum}
	}
	if intact, err := v.listing(tbl, own, digest); err != nil || !intact {
		return err
	}
	list, err := readListing(v.ctx, tbl, s)
	if err != nil {
		return err
	}
	for _, t := range list.Tables {
		if err := v.table(list, t, tag); err != nil {
			return err
		}
	}
	return nil
}

// listing verifies the files of the table of tables at a snapshot, and reports whether they can be read.
func (v *verification) listing(tbl *table.Table, own ListedTable, digest *listedFile) (intact bool, err error) {
	before := len(v.report.Damage)
	planned, err := filesAt(v.ctx, tbl, own.Snapshot, "")
	if err != nil {
		v.found(TablesTable, "", "its manifests cannot be read: %v", err)
		return false, v.ctx.Err()
	}
	for _, f := range planned {
		sum := ""
		if digest != nil && len(planned) == 1 {
			sum = digest.SHA256
		}
		if err := v.file(tbl, TablesTable, f, sum); err != nil {
			return false, err
		}
	}
	return len(v.report.Damage) == before, nil
}

func (v *verification) table(list *Listing, t ListedTable, tag string) error {
	tbl, err := v.load(v.ctx, v.study, t.Table)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	v.report.Tables++
	if err != nil {
		v.found(t.Table, "", "its metadata cannot be read")
		return nil
	}
	if tbl == nil || tbl.SnapshotByID(t.Snapshot) == nil {
		v.found(t.Table, "", "snapshot %d is gone", t.Snapshot)
		return nil
	}
	if tag != "" {
		if s, _ := tagged(tbl, tag); s == nil || s.SnapshotID != t.Snapshot {
			v.found(t.Table, "", "tag %s does not keep snapshot %d", tag, t.Snapshot)
		}
	}
	if tag == "" {
		if problem := strays(tbl, t.Snapshot); problem != "" {
			v.found(t.Table, "", "%s", problem)
		}
	}
	if want := list.columns[t.Table]; want != "" {
		if columns, err := digestOfColumns(tbl, t.Snapshot); err != nil || columns != want {
			v.found(t.Table, "", "the columns of snapshot %d are not those of the moment", t.Snapshot)
		}
	}
	planned, err := filesAt(v.ctx, tbl, t.Snapshot, "")
	if err != nil {
		v.found(t.Table, "", "the manifests of snapshot %d cannot be read: %v", t.Snapshot, err)
		return v.ctx.Err()
	}
	known, rows := list.digests(t.Table), int64(0)
	for _, f := range planned {
		rows += f.Count()
		if list.files[t.Table] != nil && known[f.FilePath()] == "" {
			v.found(t.Table, f.FilePath(), "is not among the files of the moment")
		}
		if err := v.file(tbl, t.Table, f, known[f.FilePath()]); err != nil {
			return err
		}
	}
	if rows != t.Rows {
		v.found(t.Table, "", "snapshot %d has %d rows and should have %d", t.Snapshot, rows, t.Rows)
	}
	for path := range known {
		if !slices.ContainsFunc(planned, func(f dataFile) bool { return f.FilePath() == path }) {
			v.found(t.Table, path, "is not among the files of snapshot %d", t.Snapshot)
		}
	}
	return nil
}

// strays says why who reads a table alone sees neither the rows of the newest moment nor those of a run that came later:
// its newest snapshot is an earlier one, or another program's; "" if that is not so.
func strays(tbl *table.Table, snapshot int64) string {
	own, newest := tbl.SnapshotByID(snapshot), tbl.CurrentSnapshot()
	switch {
	case newest == nil:
		return "it has no newest snapshot"
	case newest.SnapshotID == snapshot:
		return ""
	case newest.Summary == nil || newest.Summary.Properties[propVersion] == "":
		return fmt.Sprintf("its newest snapshot %d was written by another program", newest.SnapshotID)
	case own != nil && newest.SequenceNumber < own.SequenceNumber:
		return fmt.Sprintf("its newest snapshot %d is earlier than %d, which the moment has", newest.SnapshotID, snapshot)
	}
	return ""
}

// file reads a data file whole, once.
func (v *verification) file(tbl *table.Table, name string, f dataFile, want string) error {
	compared, seen := v.seen[f.FilePath()]
	if compared || seen && want == "" {
		return nil
	}
	v.seen[f.FilePath()] = want != ""
	files, err := tbl.FS(v.ctx)
	if err != nil {
		return err
	}
	if seen {
		v.report.Undigested--
	} else {
		v.report.Files++
		v.report.Bytes += f.FileSizeBytes()
		v.report.Rows += f.Count()
	}
	digest, size, err := digestOf(files, f.FilePath())
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err != nil:
		v.once(seen, name, f.FilePath(), "is missing")
	case size != f.FileSizeBytes():
		v.once(seen, name, f.FilePath(), fmt.Sprintf("has %d bytes and was written with %d", size, f.FileSizeBytes()))
	case want != "" && digest != want:
		v.found(name, f.FilePath(), "is not what was written")
	case want == "":
		v.report.Undigested++
		return v.count(tbl, name, f)
	}
	return nil
}

// once finds what an earlier look at the same file has not.
func (v *verification) once(seen bool, name, path, problem string) {
	if !seen {
		v.found(name, path, "%s", problem)
	}
}

// count reads all values of a file of which no digest is known, and counts its rows.
func (v *verification) count(tbl *table.Table, name string, f dataFile) error {
	rows := int64(0)
	for batch, err := range f.read(v.ctx, tbl) {
		if v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		if err != nil {
			v.found(name, f.FilePath(), "cannot be read")
			return nil
		}
		rows += batch.NumRows()
	}
	if rows != f.Count() {
		v.found(name, f.FilePath(), "has %d rows and was written with %d", rows, f.Count())
	}
	return nil
}

// missing looks whether the files of moments are there, with the sizes that they were written with. Files that seen
// has are not looked at again.
func (l *Lake) missing(ctx context.Context, tbl *table.Table, list *Listing, seen map[string]bool) (all []Damage, err error) {
	files, err := tbl.FS(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range list.Tables {
		listed := list.files[t.Table]
		if listed == nil {
			if listed, err = l.plannedFiles(ctx, list.StudyKey, t); err != nil {
				return nil, err
			}
		}
		for _, f := range listed {
			if seen[f.Path] {
				continue
			}
			seen[f.Path] = true
			problem, err := lookAt(files, f)
			if err != nil {
				return nil, err
			}
			if problem != "" {
				all = append(all, Damage{t.Table, f.Path, problem})
			}
		}
	}
	return all, nil
}

// plannedFiles are the files of a table of a moment that was named before it listed them.
func (l *Lake) plannedFiles(ctx context.Context, studyKey string, t ListedTable) (listed []listedFile, err error) {
	tbl, err := l.load(ctx, studyKey, t.Table)
	if err != nil || tbl == nil || tbl.SnapshotByID(t.Snapshot) == nil {
		return nil, err
	}
	planned, err := filesAt(ctx, tbl, t.Snapshot, "")
	for _, f := range planned {
		listed = append(listed, listedFile{Path: f.FilePath(), Bytes: f.FileSizeBytes(), Rows: f.Count()})
	}
	return listed, err
}

func lookAt(files icebergio.IO, f listedFile) (problem string, err error) {
	size, err := sizeOf(files, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "is missing", nil
	case err == nil && size != f.Bytes:
		return fmt.Sprintf("has %d bytes and was written with %d", size, f.Bytes), nil
	}
	return "", err
}

// requireFiles is [ErrDamaged] if a file of a moment is missing or has another size.
func (l *Lake) requireFiles(ctx context.Context, tbl *table.Table, list *Listing) error {
	all, err := l.missing(ctx, tbl, list, map[string]bool{})
	return errors.Join(err, damaged(all))
}
