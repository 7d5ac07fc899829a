//go:build cgo && !race

package formats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

const datasets = "datasets"

func checkDatasets(d *document) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	d.ok(err)
	p, err := pipeline.New()
	d.ok(err)
	for layout, heading := range map[pipeline.Layout]string{
		pipeline.PerForm: "Files per form", pipeline.Hive: "Files of the Hive layout", pipeline.HivePerForm: "Files of the Hive layout",
		pipeline.Wide: "Files of the wide layout",
	} {
		dir := d.dir()
		_, err := p.WriteCSV(d.t.Context(), mapper, study.Key(), dir, pipeline.DataSetOptions{Layout: layout})
		d.ok(err)
		checkDataSetFiles(d, heading, dir, "records", "csv")
	}
	checkGivenTables(d, p)
	checkObjects(d, datasets, reflect.TypeFor[pipeline.Manifest](), reflect.TypeFor[pipeline.ManifestTable](), reflect.TypeFor[pipeline.File](),
		reflect.TypeFor[imednet.Origin](), reflect.TypeFor[pipeline.Recipe](), reflect.TypeFor[pipeline.Selection](), reflect.TypeFor[tables.MapReport](), reflect.TypeFor[tables.FormReport](),
		reflect.TypeFor[tables.Plan](), reflect.TypeFor[tables.FormPlan](), reflect.TypeFor[tables.Column](), reflect.TypeFor[tables.Choice](), reflect.TypeFor[imednet.Contradiction]())
	d.compare(d.find(datasets, "Object Reject"), sourceMembers(d.t, "pipeline/linefile.go", "rejectLine", "json"))
	checkWords(d, datasets, "Values of format", "pipeline", "Format")
	checkWords(d, datasets, "Values of layout", "pipeline", "Layout")
	checkWords(d, datasets, "Values of reason", "workflows/tables", "Reason")
	checkWords(d, datasets, "Values of precision", ".", "DatePrecision")
	checkColumns(d, mapper, study.Key())
}

func checkDataSetFiles(d *document, heading, dir, prefix, format string) {
	s := *d.find(datasets, heading)
	s.rows = slices.Clone(s.rows)
	for i, row := range s.rows {
		s.rows[i] = append([]string{strings.NewReplacer("PREFIX", prefix, "FORMAT", format).Replace(row[0])}, row[1:]...)
	}
	checkFiles(d, &s, dir, "")
}

// checkGivenTables writes one row with a value of each type, and compares its cells with the page.
func checkGivenTables(d *document, p *pipeline.ChunkedRecordPipeline) {
	s := d.find(datasets, "Cells in CSV and NDJSON")
	record := oneOfEach()
	defer record.Release()
	tables := []pipeline.Table{{Name: "T", Schema: record.Schema()}}
	cells := map[pipeline.Format][]string{}
	for _, format := range []pipeline.Format{pipeline.CSV, pipeline.NDJSON} {
		dir := d.dir()
		manifest, err := p.WriteTables(d.t.Context(), "DEMO", dir, format, tables, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error {
			d.ok(w.Write("T", record))
			d.ok(w.AddFinding("odd"))
			return w.AddReject("wrong")
		})
		d.ok(err)
		checkDataSetFiles(d, "Files of tables from elsewhere", dir, "records", string(format))
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(manifest.Tables[0].Files[0].Path)))
		d.ok(err)
		cells[format] = cellsOf(d, format, content)
	}
	for i, f := range record.Schema().Fields() {
		if i >= len(s.rows) || plain(s.rows[i][0]) != f.Type.String() || plain(s.rows[i][1]) != cells[pipeline.CSV][i] || plain(s.rows[i][2]) != cells[pipeline.NDJSON][i] {
			d.t.Errorf("%s: %s is %s in CSV and %s in NDJSON", s, f.Type, cells[pipeline.CSV][i], cells[pipeline.NDJSON][i])
		}
	}
	require.Len(d.t, s.rows, record.Schema().NumFields(), "%s", s)
}

// cellsOf reads the cells of the one row of a file.
func cellsOf(d *document, format pipeline.Format, content []byte) []string {
	if format == pipeline.CSV {
		rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		d.ok(err)
		return rows[1]
	}
	var row map[string]json.RawMessage
	d.ok(json.Unmarshal(content, &row))
	var cells []string
	for i := range len(row) {
		cells = append(cells, string(row[string(rune('a'+i))]))
	}
	return cells
}

// oneOfEach is a batch of one row with a column of each type that data sets have.
func oneOfEach() arrow.Record {
	at := time.Date(2026, 3, 1, 8, 0, 1, 0, time.UTC)
	var fields []arrow.Field
	for i, typ := range []arrow.DataType{
		arrow.BinaryTypes.String, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String},
		arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Boolean, arrow.FixedWidthTypes.Date32,
		&arrow.TimestampType{Unit: arrow.Microsecond}, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
	} {
		fields = append(fields, arrow.Field{Name: string(rune('a' + i)), Type: typ})
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema(fields, nil))
	defer b.Release()
	b.Field(0).(*array.StringBuilder).Append("mild")
	_ = b.Field(1).(*array.BinaryDictionaryBuilder).AppendString("mild")
	b.Field(2).(*array.Int64Builder).Append(42)
	b.Field(3).(*array.Float64Builder).Append(0.1)
	b.Field(4).(*array.BooleanBuilder).Append(true)
	b.Field(5).(*array.Date32Builder).Append(arrow.Date32FromTime(at))
	for i := 6; i < 8; i++ {
		b.Field(i).(*array.TimestampBuilder).Append(arrow.Timestamp(at.UnixMicro()))
	}
	return b.NewRecord()
}

// checkColumns holds the metadata columns, the types and the keys of Arrow's metadata against the
// schemas of a plan that has everything.
func checkColumns(d *document, mapper *tables.RecordMapper, studyKey string) {
	plan := everyType(d, mapper, studyKey)
	form := &plan.Forms[0]
	form.Columns[0].Retired, form.Columns[0].Codelist, form.Columns[0].Choices = true, map[string]string{"1": "yes"}, []tables.Choice{{Value: "yes"}}
	form.Columns[0].DictionaryType = "Radio"
	form.Columns = append(form.Columns, tables.Column{Name: "STRAY", Form: form.FormKey, Type: tables.TypeText, Extra: true})
	schemas, err := mapper.MapForms(d.t.Context(), studyKey, tables.MapOptions{Plan: plan}).Schemas()
	d.ok(err)
	fields := schemas[0].Schema.Fields()
	metadata := slices.IndexFunc(fields, func(f arrow.Field) bool { return f.Metadata.Len() > 0 })
	var facts []fact
	for _, f := range fields[:metadata] {
		typ := f.Type.String()
		if !f.Nullable {
			typ += ", never null"
		}
		facts = append(facts, fact{f.Name, typ})
	}
	d.compare(d.find(datasets, "Metadata columns"), facts)
	checkColumnTypes(d, plan, schemas, metadata)
	checkFieldMetadata(d, plan, studyKey)
}

func checkColumnTypes(d *document, plan *tables.Plan, schemas []tables.FormSchema, metadata int) {
	var facts []fact
	for i, s := range schemas {
		fields := s.Schema.Fields()[metadata:]
		for _, c := range plan.Forms[i].Columns {
			n := 1
			if c.Type == tables.TypeDate {
				n = 3
			}
			var types []string
			for _, f := range fields[:n] {
				types = append(types, f.Type.String())
			}
			facts = append(facts, fact{string(c.Type), strings.Join(types, "; ")})
			fields = fields[n:]
		}
	}
	d.compareSets(d.find(datasets, "Types of columns"), facts)
}

// extraKeys lists the undeclared keys that a plan has columns for.
func extraKeys(plan *tables.Plan) (keys []string) {
	for _, f := range plan.Forms {
		for _, c := range f.Columns {
			if c.Extra {
				keys = append(keys, c.Form+"."+c.Name)
			}
		}
	}
	return keys
}

func checkFieldMetadata(d *document, plan *tables.Plan, studyKey string) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client(), tables.WithDeidentification(tables.Deidentification{Key: make([]byte, 16), FreeText: extraKeys(plan)}))
	d.ok(err)
	schemas, err := mapper.MapForms(d.t.Context(), studyKey, tables.MapOptions{Plan: plan}).Schemas()
	d.ok(err)
	var ofFields, ofSchemas []fact
	for _, s := range schemas {
		for _, key := range s.Schema.Metadata().Keys() {
			ofSchemas = append(ofSchemas, fact{name: key})
		}
		for _, f := range s.Schema.Fields() {
			for _, key := range f.Metadata.Keys() {
				ofFields = append(ofFields, fact{name: key})
			}
		}
	}
	d.compareSets(d.find(datasets, "Metadata of fields"), ofFields)
	d.compareSets(d.find(datasets, "Metadata of schemas"), ofSchemas)
}
