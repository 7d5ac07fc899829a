package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// peek prints the number of rows of a file, and its columns of answers with their types and labels.
func peek(ctx context.Context, out io.Writer, path string) (err error) {
	in, err := file.OpenParquetFile(path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	reader, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	table, err := reader.ReadTable(ctx)
	if err != nil {
		return err
	}
	defer table.Release()
	fmt.Fprintf(out, "  %d rows\n", table.NumRows())
	for _, f := range table.Schema().Fields() {
		if label, answer := f.Metadata.GetValue("label"); answer {
			fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("  %-18s %-10s %s", f.Name, f.Type.Name(), label), " "))
		}
	}
	return nil
}
