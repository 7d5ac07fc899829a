package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// layoutJobs export the study with many columns. The limit of each is Arrow's own writer of the format:
// as many rows of batches that are ready, with the same columns and one file after the other.
var layoutJobs = slices.Concat(
	layoutPair("Parquet", pipeline.Parquet, pipeline.PerForm),
	layoutPair("Parquet", pipeline.Parquet, pipeline.Wide),
	layoutPair("Parquet", pipeline.Parquet, pipeline.Hive),
	layoutPair("Parquet", pipeline.Parquet, pipeline.HivePerForm),
	layoutPair("CSV", pipeline.CSV, pipeline.PerForm),
	layoutPair("CSV", pipeline.CSV, pipeline.Wide),
	layoutPair("CSV", pipeline.CSV, pipeline.Hive),
	layoutPair("CSV", pipeline.CSV, pipeline.HivePerForm),
	layoutPair("NDJSON", pipeline.NDJSON, pipeline.PerForm),
	layoutPair("NDJSON", pipeline.NDJSON, pipeline.Wide),
	layoutPair("NDJSON", pipeline.NDJSON, pipeline.Hive),
	layoutPair("NDJSON", pipeline.NDJSON, pipeline.HivePerForm),
)

func layoutPair(name string, format pipeline.Format, layout pipeline.Layout) []job {
	export := fmt.Sprintf("%s, %s", name, layout)
	alone := "ready batches: " + export
	return []job{
		{name: alone, wide: true, run: func(w *work) error { return w.exportAlone(w.wide(), format, layout) }},
		{name: export, limit: alone, wide: true, streams: true, run: func(w *work) error { return w.export(w.wide(), format, layout) }},
	}
}

// batchBytes is the size of batches that the command sets.
const batchBytes = 8 << 20

// export maps and writes a study.
func (w *work) export(src tables.Source, format pipeline.Format, layout pipeline.Layout) error {
	m, err := tables.NewRecordMapper(src, tables.WithBatchBytes(batchBytes))
	if err != nil {
		return err
	}
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	write := map[pipeline.Format]func(context.Context, *tables.RecordMapper, string, string, pipeline.DataSetOptions) (*pipeline.Manifest, error){
		pipeline.Parquet: p.WriteParquet, pipeline.CSV: p.WriteCSV, pipeline.NDJSON: p.WriteNDJSON,
	}[format]
	return w.measure(func() (int64, error) {
		manifest, err := write(w.ctx, m, studyKey, w.path("data"), pipeline.DataSetOptions{Layout: layout})
		if err != nil {
			return 0, err
		}
		return rowsOf(manifest), nil
	})
}

func rowsOf(manifest *pipeline.Manifest) (rows int64) {
	for _, t := range manifest.Tables {
		rows += t.Rows
	}
	return rows
}

// exportAlone writes the tables of a layout from batches that are ready. There is memory for one at a
// time: with one schema for all forms each has the columns of all.
func (w *work) exportAlone(src *inMemory, format pipeline.Format, layout pipeline.Layout) error {
	if layout == pipeline.Wide {
		batch, err := w.wideBatch(src)
		if err != nil {
			return err
		}
		return w.measure(func() (int64, error) { return int64(src.rows), w.writeAlone(format, "wide", batch, src.rows) })
	}
	for form := range src.forms {
		batch, err := w.formBatch(src, form, tables.MapOptions{OneSchema: layout == pipeline.Hive})
		if err != nil {
			return err
		}
		rows := src.rowsOf(form)
		err = w.measure(func() (int64, error) { return int64(rows), w.writeAlone(format, formKey(form), batch, rows) })
		batch.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// rowsOf is how many records a form has.
func (s *inMemory) rowsOf(form int) int { return (s.rows + s.forms - 1 - form) / s.forms }

// formBatch has the records of a form that differ. Those of other forms are left out, but their columns are there if all
// forms have one schema.
func (w *work) formBatch(src *inMemory, form int, opts tables.MapOptions) (arrow.Record, error) {
	few := *src
	few.different = nil
	for i := form; i < len(src.different); i += src.forms {
		few.different = append(few.different, src.different[i])
	}
	few.rows = len(few.different)
	m, err := tables.NewRecordMapper(&few)
	if err != nil {
		return nil, err
	}
	for batch, err := range m.MapForms(w.ctx, studyKey, opts).Batches() {
		if err != nil {
			return nil, err
		}
		batch.Record.Retain()
		return batch.Record, nil
	}
	return nil, errNoBatch
}

// wideBatch has a record of each form.
func (w *work) wideBatch(src *inMemory) (arrow.Record, error) {
	few := *src
	few.rows = src.forms
	m, err := tables.NewRecordMapper(&few, tables.WithBatchBytes(1<<40))
	if err != nil {
		return nil, err
	}
	for batch, err := range m.Map(w.ctx, studyKey, tables.MapOptions{}).Batches() {
		if err != nil {
			return nil, err
		}
		batch.Retain()
		return batch, nil
	}
	return nil, errNoBatch
}

var errNoBatch = errors.New("there is no batch")
