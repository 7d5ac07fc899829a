package main

import (
	"errors"
	"os"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

var parquetJobs = []job{
	{name: "pqarrow, ready batches", run: pqarrowReady},
	{name: "Parquet, ready batches", limit: "pqarrow, ready batches", streams: true, run: writeReady},
	{name: "map, then pqarrow: 40 columns", run: func(w *work) error { return w.pqarrowForms(w.narrow(), tables.MapOptions{}) }},
	{name: "Parquet, 40 columns", limit: "map, then pqarrow: 40 columns", streams: true,
		run: func(w *work) error { return w.parquet(w.narrow(), pipeline.PerForm) }},
	{name: "map, then pqarrow: many forms", share: wideShare, run: func(w *work) error { return w.pqarrowForms(w.wide(), tables.MapOptions{}) }},
	{name: "Parquet, many forms", limit: "map, then pqarrow: many forms", share: wideShare, streams: true,
		run: func(w *work) error { return w.parquet(w.wide(), pipeline.PerForm) }},
	{name: "map, then pqarrow: one wide table", share: wideShare, run: pqarrowWide},
	{name: "Parquet, one wide table", limit: "map, then pqarrow: one wide table", share: wideShare, streams: true,
		run: func(w *work) error { return w.parquet(w.wide(), pipeline.Wide) }},
	{name: "map, then pqarrow: many forms, one schema", share: wideShare,
		run: func(w *work) error { return w.pqarrowForms(w.wide(), tables.MapOptions{OneSchema: true}) }},
	{name: "Parquet, hive", limit: "map, then pqarrow: many forms, one schema", share: wideShare, streams: true,
		run: func(w *work) error { return w.parquet(w.wide(), pipeline.Hive) }},
}

// parquet maps and writes a study.
func (w *work) parquet(src tables.Source, layout pipeline.Layout) error {
	m, err := tables.NewRecordMapper(src)
	if err != nil {
		return err
	}
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		manifest, err := p.WriteParquet(w.ctx, m, studyKey, w.path("data"), pipeline.DataSetOptions{Layout: layout})
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
		return nil, errors.Join(errors.New("no batch"), reader.Err())
	}
	batch := reader.Record()
	batch.Retain()
	return batch, nil
}

// repeat hands the batch out until the rows are complete.
func (w *work) repeat(batch arrow.Record, use func(arrow.Record) error) (rows int64, err error) {
	for rows < int64(w.Rows) && err == nil {
		err = use(batch.NewSlice(0, min(batch.NumRows(), int64(w.Rows)-rows)))
		rows += batch.NumRows()
	}
	return int64(w.Rows), err
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
			_, err := w.repeat(batch, func(b arrow.Record) error { return to.Write(formKey(0), b) })
			return err
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
	return w.measure(func() (rows int64, err error) {
		files := parquetFiles{w: w}
		rows, err = w.repeat(batch, func(b arrow.Record) error { return files.write(formKey(0), b) })
		return rows, errors.Join(err, files.close())
	})
}

// pqarrowForms writes the batches of the mapper as they come, a file a form: the least that a program
// of its own would do, whose files take the memory of a row group each.
func (w *work) pqarrowForms(src tables.Source, opts tables.MapOptions) error {
	m, err := tables.NewRecordMapper(src)
	if err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		files := parquetFiles{w: w}
		for batch, err := range m.MapForms(w.ctx, studyKey, opts).Batches() {
			if err == nil {
				err = files.write(batch.FormKey, batch.Record)
			}
			if err != nil {
				return rows, errors.Join(err, files.close())
			}
			rows += batch.Record.NumRows()
		}
		return rows, files.close()
	})
}

func pqarrowWide(w *work) error {
	m, err := tables.NewRecordMapper(w.wide())
	if err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		files := parquetFiles{w: w}
		for batch, err := range m.Map(w.ctx, studyKey, tables.MapOptions{}).Batches() {
			if err == nil {
				err = files.write("wide", batch)
			}
			if err != nil {
				return rows, errors.Join(err, files.close())
			}
			rows += batch.NumRows()
		}
		return rows, files.close()
	})
}

// parquetFiles are the open files of a program of its own, by name.
type parquetFiles struct {
	w    *work
	open map[string]*pqarrow.FileWriter
}

// pqarrowRows is the length of a row group, as in package pipeline.
const pqarrowRows = 65_536

func (f *parquetFiles) write(name string, batch arrow.Record) error {
	rows, err := arrow18.Record(batch)
	if err != nil {
		return err
	}
	defer rows.Release()
	out, open := f.open[name]
	if !open {
		file, err := os.Create(f.w.path(name + ".parquet"))
		if err != nil {
			return err
		}
		properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
			parquet.WithVersion(parquet.V2_LATEST), parquet.WithMaxRowGroupLength(pqarrowRows))
		if out, err = pqarrow.NewFileWriter(rows.Schema(), file, properties, pqarrow.DefaultWriterProps()); err != nil {
			return errors.Join(err, file.Close())
		}
		if f.open == nil {
			f.open = map[string]*pqarrow.FileWriter{}
		}
		f.open[name] = out
	}
	return out.WriteBuffered(rows)
}

func (f *parquetFiles) close() (err error) {
	for _, out := range f.open {
		err = errors.Join(err, out.Close())
	}
	return err
}
