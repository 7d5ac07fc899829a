package main

import (
	"bufio"
	"errors"
	"os"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/csv"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/pipeline"
)

// arrowWriter is a file of batches, written by what Arrow itself has for its format.
type arrowWriter interface {
	write(arrow.Record) error
	close() error
}

var arrowWriters = map[pipeline.Format]func(path string, schema *arrow.Schema) (arrowWriter, error){
	pipeline.Parquet: newArrowParquet, pipeline.CSV: newArrowCSV, pipeline.NDJSON: newArrowJSON,
}

// writeAlone writes a file of a batch again and again, as many rows as told.
func (w *work) writeAlone(format pipeline.Format, name string, batch arrow.Record, rows int) error {
	out, err := arrowWriters[format](w.path(name), batch.Schema())
	if err != nil {
		return err
	}
	return errors.Join(repeat(batch, rows, out.write), out.close())
}

// pqarrowRows is the length of a row group, as in package pipeline.
const pqarrowRows = 65_536

type arrowParquet struct{ out *pqarrow.FileWriter }

func newArrowParquet(path string, schema *arrow.Schema) (arrowWriter, error) {
	columns, err := arrow18.Schema(schema)
	if err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithVersion(parquet.V2_LATEST), parquet.WithMaxRowGroupLength(pqarrowRows))
	out, err := pqarrow.NewFileWriter(columns, file, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return arrowParquet{out}, nil
}

func (w arrowParquet) write(batch arrow.Record) error {
	rows, err := arrow18.Record(batch)
	if err != nil {
		return err
	}
	defer rows.Release()
	return w.out.WriteBuffered(rows)
}

func (w arrowParquet) close() error { return w.out.Close() }

type arrowCSV struct {
	file *os.File
	out  *csv.Writer
}

func newArrowCSV(path string, schema *arrow.Schema) (arrowWriter, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return arrowCSV{file, csv.NewWriter(file, schema, csv.WithHeader(true))}, nil
}

func (w arrowCSV) write(batch arrow.Record) error { return w.out.Write(batch) }

func (w arrowCSV) close() error {
	return errors.Join(w.out.Flush(), w.out.Error(), w.file.Close())
}

type arrowJSON struct {
	file *os.File
	out  *bufio.Writer
}

func newArrowJSON(path string, _ *arrow.Schema) (arrowWriter, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return arrowJSON{file, bufio.NewWriter(file)}, nil
}

func (w arrowJSON) write(batch arrow.Record) error { return array.RecordToJSON(batch, w.out) }

func (w arrowJSON) close() error { return errors.Join(w.out.Flush(), w.file.Close()) }
