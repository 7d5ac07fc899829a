package pipeline

import (
	"cmp"
	"context"
	"path"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/pathname"
	"github.com/imednetgo/imednet/workflows/tables"
)

// Layout says how the records of a study become tables.
type Layout string

// The layouts.
const (
	// PerForm is a table for each form, in a directory of the form's key. It is the default.
	PerForm Layout = "forms"
	// Hive is PerForm in directories studyKey=…/formKey=… whose tables share one schema, so that
	// engines read the directory as one table with these two columns.
	Hive Layout = "hive"
	// Wide is one table over all forms, with the columns of tables.RecordMapper.Batches, in
	// the directory itself. Every record fills the columns of its form.
	Wide Layout = "wide"

	// givenTables is the layout of WriteTables, which no caller chooses.
	givenTables Layout = "tables"
)

// DataSetOptions are the settings of WriteParquet, WriteCSV and WriteNDJSON.
type DataSetOptions struct {
	// Map selects and maps the records. Its OnReject is called too. A Wide table has the
	// reference's six metadata columns unless Map.AllMetadata; the others always have all of them.
	Map tables.MapOptions
	// Layout is PerForm by default.
	Layout Layout
	// Prefix begins the names of the files; default DefaultPrefix.
	Prefix string
	// FileRows ends a file; default DefaultFileRows.
	FileRows int
	// NoFormulaGuard leaves text in CSV as it is.
	NoFormulaGuard bool
	// Version and Mark say which state of the mirror is written; they go to the manifest.
	Version imednet.MirrorVersion
	Mark    imednet.Watermark
}

func (o DataSetOptions) table() TableOptions {
	return TableOptions{Prefix: o.Prefix, FileRows: o.FileRows, NoFormulaGuard: o.NoFormulaGuard, Version: o.Version, Mark: o.Mark}
}

// WriteParquet writes the records of a study as Parquet: a directory per form, forms without
// records included, or another Layout, and beside them the manifest and the rejects. It reads the
// records once. A directory and prefix hold one data set: writing again replaces it as a whole,
// whatever its format, layout or forms were, when the last row is written; until then, and after an
// error, the earlier one stands. A record that could not be read is an error, never a shorter file.
func (p *ChunkedRecordPipeline) WriteParquet(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeRecords(ctx, m, studyKey, dir, Parquet, opts)
}

// WriteCSV is WriteParquet for CSV files.
func (p *ChunkedRecordPipeline) WriteCSV(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeRecords(ctx, m, studyKey, dir, CSV, opts)
}

// WriteNDJSON is WriteParquet for files with one JSON object a line.
func (p *ChunkedRecordPipeline) WriteNDJSON(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeRecords(ctx, m, studyKey, dir, NDJSON, opts)
}

func (p *ChunkedRecordPipeline) writeRecords(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, format Format, opts DataSetOptions) (*Manifest, error) {
	d := &dataSet{mapper: m, studyKey: studyKey, layout: cmp.Or(opts.Layout, PerForm), options: opts.Map}
	w, err := p.begin(studyKey, dir, format, opts.table())
	if err != nil {
		return nil, err
	}
	return w.run(ctx, func() error { return d.declare(ctx, w) }, func() error { return d.fill(ctx, w) })
}

// dataSet is the records of a study on their way into tables.
type dataSet struct {
	mapper   *tables.RecordMapper
	studyKey string
	layout   Layout
	options  tables.MapOptions
}

// declare fixes the plan and with it the tables, and enters both into the manifest.
func (d *dataSet) declare(ctx context.Context, w *TableWriter) error {
	if d.mapper == nil {
		return invalid("m", "the mapper is nil")
	}
	if d.options.Plan == nil {
		plan, err := d.mapper.Plan(ctx, d.studyKey, tables.PlanOptions{})
		if err != nil {
			return err
		}
		d.options.Plan = plan
	}
	if d.options.Report == nil {
		d.options.Report = &tables.MapReport{}
	}
	w.manifest.Layout, w.manifest.Plan, w.manifest.Report = d.layout, d.options.Plan, d.options.Report
	if d.mapper.Deidentifies() {
		w.manifest.Deidentified, w.manifest.FreeTextColumns = true, d.mapper.FreeTextColumns(d.options.Plan)
	}
	switch d.layout {
	case PerForm, Hive:
		return d.declareForms(ctx, w)
	case Wide:
		schema, err := d.mapper.Schema(ctx, d.studyKey, d.options)
		if err != nil {
			return err
		}
		return w.declare("", Table{Schema: schema})
	}
	return invalid("Layout", "there is no layout "+strconv.Quote(string(d.layout)))
}

func (d *dataSet) declareForms(ctx context.Context, w *TableWriter) error {
	d.options.OneSchema = d.options.OneSchema || d.layout == Hive
	schemas, err := d.mapper.FormSchemas(ctx, d.studyKey, d.options)
	if err != nil {
		return err
	}
	for _, s := range schemas {
		dir := pathname.Directory(s.FormKey)
		if d.layout == Hive {
			dir = path.Join(pathname.Partition("studyKey", d.studyKey), pathname.Partition("formKey", s.FormKey))
		}
		if err := w.declare(dir, Table{Name: s.FormKey, Schema: s.Schema}); err != nil {
			return err
		}
	}
	return nil
}

// fill writes every row.
func (d *dataSet) fill(ctx context.Context, w *TableWriter) error {
	options, onReject := d.options, d.options.OnReject
	options.OnReject = func(r tables.Reject) error {
		err := w.AddReject(newRejectLine(r))
		if err == nil && onReject != nil {
			err = onReject(r)
		}
		return err
	}
	if d.layout == Wide {
		for batch, err := range d.mapper.Batches(ctx, d.studyKey, options) {
			if err != nil {
				return err
			}
			if err := w.Write("", batch); err != nil {
				return err
			}
		}
		return nil
	}
	for batch, err := range d.mapper.FormBatches(ctx, d.studyKey, options) {
		if err != nil {
			return err
		}
		if err := w.Write(batch.FormKey, batch.Record); err != nil {
			return err
		}
	}
	return nil
}
