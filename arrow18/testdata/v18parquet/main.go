// Command v18parquet is a program of another module that links the mapper and v18's parquet.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	m, err := tables.NewRecordMapper(server.Client())
	if err != nil {
		return err
	}
	reader, err := m.Map(ctx, "DEMO", tables.MapOptions{}).Reader()
	if err != nil {
		return err
	}
	defer reader.Release()
	converted, err := arrow18.Reader(reader)
	if err != nil {
		return err
	}
	defer converted.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(converted.Schema(), &out, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	rows := int64(0)
	for converted.Next() {
		rows += converted.RecordBatch().NumRows()
		if err := w.Write(converted.RecordBatch()); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	in, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		return err
	}
	back, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	table, err := back.ReadTable(ctx)
	if err != nil {
		return err
	}
	defer table.Release()
	fmt.Println("rows agree:", rows == table.NumRows() && rows > 0)
	return nil
}
