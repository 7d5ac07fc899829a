package main

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet/workflows/tables"
)

const narrowVariables = 40

var mappingJobs = []job{
	{name: "builders, 40 columns", run: func(w *work) error { return w.build(w.narrow()) }},
	{name: "map, 40 columns", limit: "builders, 40 columns", streams: true, run: mapNarrow},
	{name: "builders, many forms", wide: true, run: func(w *work) error { return w.build(w.wide()) }},
	{name: "map, many forms", limit: "builders, many forms", wide: true, streams: true, run: mapForms},
	{name: "map, one wide table", limit: "builders, many forms", wide: true, streams: true, run: mapWide},
	{name: "map the mirror", limit: "iterate, every answer", streams: true, run: mapMirror},
}

func (w *work) narrow() *inMemory { return newInMemory(1, narrowVariables, w.Rows) }

func (w *work) wide() *inMemory { return newInMemory(w.Forms, w.Variables, w.Rows) }

func mapNarrow(w *work) error { return w.mapForms(w.narrow()) }

func mapForms(w *work) error { return w.mapForms(w.wide()) }

func mapMirror(w *work) error {
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	return w.mapForms(mirror)
}

func (w *work) mapForms(src tables.Source) error {
	m, err := tables.NewRecordMapper(src)
	if err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		for batch, err := range m.MapForms(w.ctx, studyKey, tables.MapOptions{}).Batches() {
			if err != nil {
				return rows, err
			}
			rows += batch.Record.NumRows()
		}
		return rows, nil
	})
}

func mapWide(w *work) error {
	m, err := tables.NewRecordMapper(w.wide())
	if err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		for batch, err := range m.Map(w.ctx, studyKey, tables.MapOptions{}).Batches() {
			if err != nil {
				return rows, err
			}
			rows += batch.NumRows()
		}
		return rows, nil
	})
}

// build appends the cells of the study's tables from values that need no parsing.
func (w *work) build(src *inMemory) error {
	forms, err := builtForms(w, src)
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		for i := range src.rows {
			forms[i%len(forms)].appendRow(i / len(forms))
		}
		for _, f := range forms {
			f.flush()
		}
		return int64(src.rows), nil
	})
}

// builtForm is a form's table that is built again and again.
type builtForm struct {
	builder *array.RecordBuilder
	columns []arrow.Array
	rows    int // in the builder
}

// builtForms maps the records that differ.
func builtForms(w *work, src *inMemory) (forms []*builtForm, err error) {
	few := *src
	few.rows = len(few.different)
	m, err := tables.NewRecordMapper(&few)
	if err != nil {
		return nil, err
	}
	mapped, err := m.MapForms(w.ctx, studyKey, tables.MapOptions{}).Tables()
	if err != nil {
		return nil, err
	}
	for _, t := range mapped {
		f := &builtForm{builder: array.NewRecordBuilder(memory.DefaultAllocator, t.Table.Schema())}
		for i := range t.Table.NumCols() {
			f.columns = append(f.columns, t.Table.Column(int(i)).Data().Chunk(0))
		}
		forms = append(forms, f)
	}
	return forms, nil
}

func (f *builtForm) appendRow(row int) {
	row %= f.columns[0].Len()
	for i, column := range f.columns {
		if column.IsNull(row) {
			f.builder.Field(i).AppendNull()
			continue
		}
		switch c := column.(type) {
		case *array.Float64:
			f.builder.Field(i).(*array.Float64Builder).Append(c.Value(row))
		case *array.Int64:
			f.builder.Field(i).(*array.Int64Builder).Append(c.Value(row))
		case *array.String:
			f.builder.Field(i).(*array.StringBuilder).Append(c.Value(row))
		case *array.Date32:
			f.builder.Field(i).(*array.Date32Builder).Append(c.Value(row))
		default:
			f.builder.Field(i).AppendEmptyValue()
		}
	}
	if f.rows++; f.rows == tables.DefaultBatchRows {
		f.flush()
	}
}

func (f *builtForm) flush() {
	f.builder.NewRecord().Release()
	f.rows = 0
}
