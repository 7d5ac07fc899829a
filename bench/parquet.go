package main

import (
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

var parquetJobs = []job{
	{name: "pqarrow, ready batches", run: pqarrowReady},
	{name: "Parquet, ready batches", limit: "pqarrow, ready batches", streams: true, run: writeReady},
	{name: "map, then pqarrow: 40 columns", run: pqarrowNarrow},
	{name: "Parquet, 40 columns", limit: "map, then pqarrow: 40 columns", streams: true,
		run: func(w *work) error { return w.export(w.narrow(), pipeline.Parquet, pipeline.PerForm) }},
}

// readyBatch is a full batch of the narrow study.
func (w *work) readyBatch() (arrow.Record, error) {
	m, err := tables.NewRecordMapper(newInMemory(1, narrowVariables, min(w.Rows, tables.DefaultBatchRows)))
	if err != nil {
		return nil, err
	}
	reader, err := m.MapForm(w.ctx, studyKey, formKey(0), tables.MapOptions{}).Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	if !reader.Next() {
		return nil, errors.Join(errNoBatch, reader.Err())
	}
	batch := reader.Record()
	batch.Retain()
	return batch, nil
}

// repeat hands the batch out until the rows are complete.
func repeat(batch arrow.Record, rows int, use func(arrow.Record) error) (err error) {
	for left := int64(rows); left > 0 && err == nil; left -= batch.NumRows() {
		part := batch.NewSlice(0, min(batch.NumRows(), left))
		err = use(part)
		part.Release()
	}
	return err
}

func writeReady(w *work) error {
	batch, err := w.readyBatch()
	if err != nil {
		return err
	}
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	list := []pipeline.Table{{Name: formKey(0), Schema: batch.Schema()}}
	return w.measure(func() (rows int64, err error) {
		manifest, err := p.WriteTables(w.ctx, studyKey, w.path("data"), pipeline.Parquet, list, pipeline.TableOptions{}, func(to *pipeline.TableWriter) error {
			return repeat(batch, w.Rows, func(b arrow.Record) error { return to.Write(formKey(0), b) })
		})
		if err != nil {
			return 0, err
		}
		return rowsOf(manifest), nil
	})
}

func pqarrowReady(w *work) error {
	batch, err := w.readyBatch()
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) { return int64(w.Rows), w.writeAlone(pipeline.Parquet, "ready", batch, w.Rows) })
}

// pqarrowNarrow writes the batches of the mapper as they come: the least that a program of its own
// would do.
func pqarrowNarrow(w *work) error {
	m, err := tables.NewRecordMapper(w.narrow())
	if err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		reader, err := m.MapForm(w.ctx, studyKey, formKey(0), tables.MapOptions{}).Reader()
		if err != nil {
			return 0, err
		}
		defer reader.Release()
		out, err := newArrowParquet(w.path("mapped"), reader.Schema())
		if err != nil {
			return 0, err
		}
		for reader.Next() && err == nil {
			rows += reader.Record().NumRows()
			err = out.write(reader.Record())
		}
		return rows, errors.Join(err, reader.Err(), out.close())
	})
}
