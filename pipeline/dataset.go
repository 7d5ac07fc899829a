package pipeline

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/pathname"
	"github.com/imednetgo/imednet/workflows/tables"
)

// Layout is the arrangement of a study's records in tables.
type Layout string

// The layouts.
const (
	// PerForm is one table per form, in a directory named after the form's key. It is the default.
	PerForm Layout = "forms"
	// Hive is one table per form in directories studyKey=…/formKey=…. All tables share one schema,
	// so that query engines read the directory as one table with these two columns. Every file has
	// the columns of all forms: for a study of very many, use HivePerForm.
	Hive Layout = "hive"
	// HivePerForm has the directories of Hive, but each table has the columns of its form only, as
	// with PerForm. Readers must be told to merge columns by name: many take those of the first file
	// for those of all.
	HivePerForm Layout = "hive-forms"
	// Wide is one table of all forms, with the columns of [tables.RecordMapper.Map], in the
	// directory itself. Every record fills the columns of its form.
	Wide Layout = "wide"

	// givenTables is the layout of WriteTables, which no caller chooses.
	givenTables Layout = "tables"
)

// DataSetOptions configures WriteParquet, WriteCSV and WriteNDJSON.
type DataSetOptions struct {
	// Map selects and maps the records. Its OnReject is also called. A [Wide] table has the six
	// metadata columns of the Python package unless Map.AllMetadata is set; the other layouts
	// always have all of them.
	Map tables.MapOptions
	// Layout is the layout of the tables; the default is [PerForm].
	Layout Layout
	// Prefix is the beginning of file names; the default is [DefaultPrefix].
	Prefix string
	// FileRows is the number of rows at which a file ends; the default is [DefaultFileRows].
	FileRows int
	// NoFormulaGuard disables the guard against spreadsheet formulas in CSV (see [CSV]).
	NoFormulaGuard bool
	// Recipe is stored in the manifest.
	Recipe Recipe
	// Dictionary is the hash of the study's dictionary by which answers are shown, for the manifest.
	Dictionary string
}

func (o DataSetOptions) table() TableOptions {
	return TableOptions{Prefix: o.Prefix, FileRows: o.FileRows, NoFormulaGuard: o.NoFormulaGuard, Recipe: o.Recipe, Dictionary: o.Dictionary}
}

// WriteParquet writes the records of a study as Parquet, with one directory per form (including
// forms without records) or in another [Layout], together with the manifest and the rejects. It
// reads the records once. A directory and prefix hold one data set. Writing again replaces it
// entirely, whatever its format, layout or forms, once the last row is written; until then, and
// after an error, the earlier one remains. A record that cannot be read is an error and never
// results in a shorter file.
func (p *ChunkedRecordPipeline) WriteParquet(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeRecords(ctx, m, studyKey, dir, Parquet, opts)
}

// WriteCSV is like [ChunkedRecordPipeline.WriteParquet] but writes CSV files.
func (p *ChunkedRecordPipeline) WriteCSV(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeRecords(ctx, m, studyKey, dir, CSV, opts)
}

// WriteNDJSON is like [ChunkedRecordPipeline.WriteParquet] but writes one JSON object per line.
func (p *ChunkedRecordPipeline) WriteNDJSON(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, opts DataSetOptions) (*Manifest, error) {
	return p.writeRecords(ctx, m, studyKey, dir, NDJSON, opts)
}

func (l Layout) partitioned() bool { return l == Hive || l == HivePerForm }

// DataSetDir returns the directory of a study's data set and its manifest: the study's partition
// below dir for the layouts [Hive] and [HivePerForm], so that several studies can share dir, and
// otherwise dir.
func DataSetDir(dir string, layout Layout, studyKey string) string {
	if layout.partitioned() {
		return filepath.Join(dir, pathname.Partition("studyKey", studyKey))
	}
	return dir
}

// checkBeside refuses a place in which a pattern over the directory would read a data set of
// another layout too.
func checkBeside(dir string, layout Layout, prefix string) error {
	manifests := []string{filepath.Join(dir, manifestName(prefix))}
	if !layout.partitioned() {
		manifests = nil
		entries, _ := os.ReadDir(dir) // nothing stands in a directory that is not there
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), "studyKey=") {
				manifests = append(manifests, filepath.Join(dir, e.Name(), manifestName(prefix)))
			}
		}
	}
	for _, name := range manifests {
		if _, err := os.Lstat(name); err == nil {
			return invalid("dir", "a data set of another layout stands in the directory with this prefix")
		}
	}
	return nil
}

func (p *ChunkedRecordPipeline) writeRecords(ctx context.Context, m *tables.RecordMapper, studyKey, dir string, format Format, opts DataSetOptions) (*Manifest, error) {
	d := &dataSet{mapper: m, studyKey: studyKey, layout: cmp.Or(opts.Layout, PerForm), options: opts.Map}
	w, err := p.begin(studyKey, DataSetDir(dir, d.layout, studyKey), format, opts.table())
	if err != nil {
		return nil, err
	}
	if err := checkBeside(dir, d.layout, w.opts.Prefix); err != nil {
		return nil, w.fail(err, "choose another directory or prefix")
	}
	return w.run(ctx, func() error { return d.declare(ctx, w) }, func() error { return d.fill(w) })
}

// dataSet is the records of a study on their way into tables.
type dataSet struct {
	mapper   *tables.RecordMapper
	studyKey string
	layout   Layout
	options  tables.MapOptions
	forms    *tables.FormsRun
	fields   map[string][]int // of the wide table, by form
	metadata int              // how many of each form's are metadata
}

// declare fixes the plan and with it the tables, and enters both into the manifest.
func (d *dataSet) declare(ctx context.Context, w *TableWriter) error {
	if err := argument.Required("pipeline.Write", "m", d.mapper); err != nil {
		return err
	}
	if !slices.Contains([]Layout{PerForm, Wide, Hive, HivePerForm}, d.layout) {
		return invalid("Layout", "there is no layout "+strconv.Quote(string(d.layout)))
	}
	d.keepRejects(w)
	w.manifest.Layout, w.manifest.Selection = d.layout, selectionOf(d.options)
	origin, err := d.mapper.Origin(ctx, d.studyKey)
	if err != nil {
		return err
	}
	w.manifest.Origin = origin
	if d.layout.partitioned() {
		w.manifest.Partitions = []string{"studyKey", "formKey"}
	}
	switch d.layout {
	case Wide, Hive:
		return d.declareParts(ctx, w)
	case HivePerForm:
		d.options.OneSchema = false
	}
	return d.declareForms(ctx, w)
}

// keepRejects has every reject written beside the data.
func (d *dataSet) keepRejects(w *TableWriter) {
	onReject := d.options.OnReject
	d.options.OnReject = func(r tables.Reject) error {
		err := w.AddReject(newRejectLine(r))
		if err == nil && onReject != nil {
			err = onReject(r)
		}
		return err
	}
}

// describe enters the plan into the manifest, and which columns de-identification lets pass.
func (d *dataSet) describe(w *TableWriter, plan *tables.Plan) {
	w.manifest.Plan = plan
	if d.mapper.Deidentifies() {
		w.manifest.Deidentified, w.manifest.FreeTextColumns, w.manifest.MaskedColumns = true, d.mapper.FreeTextColumns(plan), d.mapper.MaskedColumns(plan)
	}
}

func plainDir(encoded string) string { return encoded }

func hiveDir(encoded string) string { return "formKey=" + encoded }

// dirName returns how the directory of a form is named.
func (d *dataSet) dirName() func(string) string {
	if d.layout.partitioned() {
		return hiveDir
	}
	return plainDir
}

func (d *dataSet) declareForms(ctx context.Context, w *TableWriter) error {
	schemas, err := d.beginForms(ctx, w)
	if err != nil {
		return err
	}
	for _, s := range schemas {
		if err := w.declare(w.distinctDir(d.dirName(), s.FormKey), Table{Name: s.FormKey, Schema: s.Schema}); err != nil {
			return err
		}
	}
	return nil
}

func (d *dataSet) beginForms(ctx context.Context, w *TableWriter) ([]tables.FormSchema, error) {
	d.forms = d.mapper.MapForms(ctx, d.studyKey, d.options)
	schemas, err := d.forms.Schemas()
	if err != nil {
		return nil, err
	}
	plan, err := d.forms.Plan()
	if err != nil {
		return nil, err
	}
	d.describe(w, plan)
	return schemas, nil
}

// declareParts declares tables with the columns of all forms, which are written from batches that have
// one form's only.
func (d *dataSet) declareParts(ctx context.Context, w *TableWriter) error {
	d.options.InOrder, d.options.OneSchema = d.layout == Wide, false
	d.options.AllMetadata = d.options.AllMetadata || d.layout == Hive
	schemas, err := d.beginForms(ctx, w)
	if err != nil {
		return err
	}
	wide, err := d.forms.Wide()
	if err != nil {
		return err
	}
	d.fields, d.metadata = wide.Places, wide.Metadata
	if d.layout == Wide {
		return w.declare("", Table{Schema: wide.Schema})
	}
	for _, s := range schemas {
		if err := w.declare(w.distinctDir(hiveDir, s.FormKey), Table{Name: s.FormKey, Schema: wide.Schema}); err != nil {
			return err
		}
		w.byName[s.FormKey].fields = d.fields[s.FormKey]
	}
	return nil
}
