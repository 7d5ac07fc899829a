package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/pathname"
	"github.com/imednetgo/imednet/workflows"
)

// Defaults of DataSetOptions.
const (
	DefaultPrefix   = "records"
	DefaultFileRows = 1_000_000
)

// heldBytes bounds what the open row groups of all tables hold together.
const heldBytes = 48 << 20

// DataSetOptions are the settings of WriteParquet, WriteCSV and WriteNDJSON.
type DataSetOptions struct {
	// Map selects and maps the records. Its OnReject is called too.
	Map workflows.MapOptions
	// Prefix begins the names of the files; default DefaultPrefix.
	Prefix string
	// FileRows ends a file; default DefaultFileRows.
	FileRows int
	// Hive puts the tables into studyKey=…/formKey=… and gives all of them one schema, so that
	// engines read the directory as one table with these two columns.
	Hive bool
	// NoFormulaGuard leaves text in CSV as it is.
	NoFormulaGuard bool
	// Version and Mark say which state of the mirror is written; they go to the manifest.
	Version imednet.Version
	Mark    imednet.Mark
}

// WriteParquet writes the records of a study as Parquet: a directory per form, forms without
// records included, and beside them the manifest and the rejects. It reads the records once. A
// directory and prefix hold one data set: writing again replaces it as a whole, whatever its
// format or forms were, when the last row is written; until then, and after an error, the earlier
// one stands. A batch whose record could not be read is an error, never a shorter file.
func (p *ChunkedRecordPipeline) WriteParquet(ctx context.Context, m *workflows.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeDataSet(ctx, m, studyKey, dir, Parquet, opts)
}

// WriteCSV is WriteParquet for CSV files.
func (p *ChunkedRecordPipeline) WriteCSV(ctx context.Context, m *workflows.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeDataSet(ctx, m, studyKey, dir, CSV, opts)
}

// WriteNDJSON is WriteParquet for files with one JSON object a line.
func (p *ChunkedRecordPipeline) WriteNDJSON(ctx context.Context, m *workflows.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeDataSet(ctx, m, studyKey, dir, NDJSON, opts)
}

func (p *ChunkedRecordPipeline) writeDataSet(ctx context.Context, m *workflows.RecordMapper, studyKey, dir string, format Format, opts DataSetOptions) (*Manifest, error) {
	op := "write " + string(format)
	d, err := p.beginDataSet(ctx, m, studyKey, dir, format, opts)
	if err != nil {
		return nil, &Error{Op: op, StudyKey: studyKey, Path: dir, Err: err}
	}
	defer d.abandon()
	if err := d.fill(ctx); err != nil {
		return nil, &Error{Op: op, StudyKey: studyKey, Path: dir, Err: err, Hint: "the directory is as it was before"}
	}
	if err := d.complete(); err != nil {
		return nil, &Error{Op: op, StudyKey: studyKey, Path: dir, Err: err, Hint: "write again: an earlier data set may be half replaced"}
	}
	return d.manifest, nil
}

// dataSet is a data set that is being written.
type dataSet struct {
	pipeline *ChunkedRecordPipeline
	mapper   *workflows.RecordMapper
	opts     DataSetOptions
	stage    *stage
	manifest *Manifest
	earlier  *Manifest // what stands in the directory; nil for nothing
	series   []*chunkSeries
	byForm   map[string]*chunkSeries
	rejects  *rejectFile
}

func (p *ChunkedRecordPipeline) beginDataSet(ctx context.Context, m *workflows.RecordMapper, studyKey, dir string, format Format, opts DataSetOptions) (*dataSet, error) {
	if opts.Prefix == "" {
		opts.Prefix = DefaultPrefix
	}
	if opts.FileRows == 0 {
		opts.FileRows = DefaultFileRows
	}
	if err := errors.Join(checkPrefix(opts.Prefix), checkArguments(m, opts)); err != nil {
		return nil, err
	}
	opts.Map.OneSchema = opts.Map.OneSchema || opts.Hive
	if opts.Map.Plan == nil {
		plan, err := m.Plan(ctx, studyKey, workflows.PlanOptions{})
		if err != nil {
			return nil, err
		}
		opts.Map.Plan = plan
	}
	earlier, err := ReadManifest(dir, opts.Prefix)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	d := &dataSet{pipeline: p, mapper: m, opts: opts, stage: &stage{root: dir}, earlier: earlier, byForm: map[string]*chunkSeries{}}
	d.manifest = &Manifest{
		FormatVersion: 1, StudyKey: studyKey, Format: format, Hive: opts.Hive, Prefix: opts.Prefix,
		Version: opts.Version, Plan: opts.Map.Plan, Deidentified: m.Deidentifies(),
	}
	if !opts.Mark.Time.IsZero() {
		d.manifest.Mark = &opts.Mark
	}
	if d.manifest.Deidentified {
		d.manifest.UntouchedText = m.UntouchedText(opts.Map.Plan)
	}
	return d, d.addSeries(ctx)
}

func checkArguments(m *workflows.RecordMapper, opts DataSetOptions) error {
	if m == nil {
		return invalid("m", "the mapper is nil")
	}
	if opts.FileRows < 0 {
		return invalid("FileRows", "the number of rows must be greater than zero")
	}
	return nil
}

// addSeries prepares a row of files for every form.
func (d *dataSet) addSeries(ctx context.Context) error {
	schemas, err := d.mapper.FormSchemas(ctx, d.manifest.StudyKey, d.opts.Map)
	if err != nil {
		return err
	}
	settings := writerSettings{format: d.manifest.Format, formulaGuard: !d.opts.NoFormulaGuard}
	seen := map[string]bool{}
	for _, s := range schemas {
		dir := pathname.Directory(s.FormKey)
		if seen[strings.ToLower(dir)] {
			return invalid("Forms", "form keys "+strconv.Quote(s.FormKey)+" and another differ only in case, and so would their directories; write them to two places by Map.Forms")
		}
		seen[strings.ToLower(dir)] = true
		if d.opts.Hive {
			dir = path.Join(pathname.Partition("studyKey", d.manifest.StudyKey), pathname.Partition("formKey", s.FormKey))
		}
		series := &chunkSeries{stage: d.stage, dir: dir, prefix: d.opts.Prefix, schema: s.Schema, fileRows: int64(d.opts.FileRows), settings: settings}
		d.series = append(d.series, series)
		d.byForm[s.FormKey] = series
	}
	return nil
}

// fill writes every row to staged files.
func (d *dataSet) fill(ctx context.Context) error {
	options := d.opts.Map
	if options.Report == nil {
		options.Report = &workflows.MapReport{}
	}
	d.manifest.Report = options.Report
	d.rejects = &rejectFile{stage: d.stage, name: rejectsName(d.opts.Prefix), next: options.OnReject}
	options.OnReject = d.rejects.add
	rows := int64(0)
	for batch, err := range d.mapper.FormBatches(ctx, d.manifest.StudyKey, options) {
		if err != nil {
			return err
		}
		if err := d.byForm[batch.FormKey].write(batch.Record); err != nil {
			return err
		}
		d.boundMemory()
		rows += batch.Record.NumRows()
		d.pipeline.tell("write "+string(d.manifest.Format), d.manifest.StudyKey, rows)
	}
	return d.finish()
}

// boundMemory ends the largest open row group when all of them together hold too much.
func (d *dataSet) boundMemory() {
	total, largest := int64(0), (*chunkSeries)(nil)
	for _, s := range d.series {
		if s.open == nil {
			continue
		}
		total += s.open.pending()
		if largest == nil || s.open.pending() > largest.open.pending() {
			largest = s
		}
	}
	if total > heldBytes {
		largest.open.endGroup()
	}
}

// finish completes the staged files; a form without records gets one without rows, which has the
// form's columns all the same.
func (d *dataSet) finish() error {
	for _, s := range d.series {
		if s.rows == 0 {
			if err := s.begin(); err != nil {
				return err
			}
		}
		if err := s.finish(); err != nil {
			return err
		}
	}
	return d.rejects.close()
}

// complete moves the files to their places, removes what an earlier run left, and writes the
// manifest.
func (d *dataSet) complete() error {
	formOf := map[*chunkSeries]string{}
	for form, s := range d.byForm {
		formOf[s] = form
	}
	for _, s := range d.series {
		d.manifest.Tables = append(d.manifest.Tables, ManifestTable{
			FormKey: formOf[s], Rows: s.rows, SchemaHash: SchemaHash(s.schema), Files: s.files,
		})
	}
	d.manifest.Rejects, d.manifest.RejectsFile = d.rejects.count, d.rejects.written()
	d.manifest.Created = d.pipeline.clock.Now().UTC()
	if err := d.stage.commit(); err != nil {
		return err
	}
	if err := d.removeEarlier(); err != nil {
		return err
	}
	document, err := json.MarshalIndent(d.manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := d.stage.writeWhole(manifestName(d.opts.Prefix), append(document, '\n')); err != nil {
		return err
	}
	return d.stage.commit()
}

// removeEarlier removes the files of the data set that stood here before, as its manifest lists
// them, and stale chunks in the directories just written.
func (d *dataSet) removeEarlier() error {
	written := map[string]bool{}
	for _, s := range d.series {
		for _, f := range s.files {
			written[f.Path] = true
		}
		if err := removeStale(d.stage.root, s.dir, s.prefix, s.files); err != nil {
			return err
		}
	}
	if d.rejects.count == 0 {
		if err := removeIfThere(filepath.Join(d.stage.root, rejectsName(d.opts.Prefix))); err != nil {
			return err
		}
	}
	if d.earlier == nil {
		return nil
	}
	pattern := chunkPattern(d.opts.Prefix)
	for _, t := range d.earlier.Tables {
		for _, f := range t.Files {
			local := filepath.FromSlash(f.Path)
			if written[f.Path] || !filepath.IsLocal(local) || !pattern.MatchString(path.Base(f.Path)) {
				continue
			}
			if err := removeIfThere(filepath.Join(d.stage.root, local)); err != nil {
				return err
			}
			d.removeEmpty(filepath.Dir(local))
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// removeEmpty removes a directory below the root and those above it, as far as they are empty.
func (d *dataSet) removeEmpty(local string) {
	for ; local != "." && local != ""; local = filepath.Dir(local) {
		if os.Remove(filepath.Join(d.stage.root, local)) != nil {
			return
		}
	}
}

func (d *dataSet) abandon() {
	for _, s := range d.series {
		s.abandon()
	}
	if d.rejects != nil {
		d.rejects.abandon()
	}
	d.stage.abandon()
}
