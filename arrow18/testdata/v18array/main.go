// Command v18array is a program of another module that links the mapper, the pipeline (which
// brings v17's parquet) and v18's array.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
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
	dir, err := os.MkdirTemp("", "v18array")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	manifest, err := p.WriteParquet(ctx, m, "DEMO", dir, pipeline.DataSetOptions{})
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
	rows := int64(0)
	for batch, err := range array.IterFromReader(converted) {
		if err != nil {
			return err
		}
		rows += batch.NumRows()
	}
	fmt.Println("rows agree:", rows == manifest.Report.Rows && rows > 0)
	return nil
}
