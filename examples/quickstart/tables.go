package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// tables writes the mirror as Parquet, one table per form, and reads back the first rows of one.
func (t *tour) tables(ctx context.Context, dir string) error {
	mapper, err := tables.NewRecordMapper(t.mirror)
	if err != nil {
		return err
	}
	writer, err := pipeline.New(pipeline.WithProgress(t.bar.show))
	if err != nil {
		return err
	}
	// Declared types, and a column for every key that has answers although no variable declares it.
	plan, _, err := mapper.InferPlan(ctx, t.studyKey, tables.InferOptions{ExtraColumns: true, KeepTypes: true})
	if err != nil {
		return err
	}
	manifest, err := writer.WriteParquet(ctx, mapper, t.studyKey, dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan}})
	t.bar.done()
	if err != nil {
		return err
	}
	if err := manifest.Verify(dir); err != nil {
		return err
	}
	r := manifest.Report
	t.say("\n%-12s %d tables, one per form: %d records = %d rows + %d deleted + %d rejected; %d answers = %d cells + %d in extra columns + %d rejected.\n", "Parquet",
		len(manifest.Tables), r.Records, r.Rows, r.Deleted, r.RecordsRejected, r.Values, r.Cells, r.Extra, r.Rejected)
	for _, table := range manifest.Tables {
		if table.Name == "AE" && len(table.Files) > 0 {
			t.say("\nThe first rows of AE:\n\n")
			return t.peek(ctx, filepath.Join(dir, filepath.FromSlash(table.Files[0].Path)))
		}
	}
	return nil
}

// peek prints a few rows and columns of a Parquet file.
func (t *tour) peek(ctx context.Context, path string) (err error) {
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: 3}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	records, err := reader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer records.Release()
	if !records.Next() {
		return records.Err()
	}
	return t.printRows(records.RecordBatch().Schema().Fields(), records.RecordBatch().Columns())
}

// printRows shows the record's id and subject and the first answers, with their types.
func (t *tour) printRows(fields []arrow.Field, columns []arrow.Array) error {
	table := tabwriter.NewWriter(t.out, 0, 0, 3, ' ', 0)
	var shown []int
	var titles, types []string
	for i, f := range fields {
		_, answer := f.Metadata.GetValue("name") // of the variable; metadata columns have none
		if len(shown) < 7 && (answer || f.Name == "recordId" || f.Name == "subjectKey") {
			shown = append(shown, i)
			titles = append(titles, f.Name)
			types = append(types, f.Type.String())
		}
	}
	fmt.Fprintln(table, strings.Join(titles, "\t"))
	fmt.Fprintln(table, strings.Join(types, "\t"))
	for row := range columns[0].Len() {
		cells := make([]string, len(shown))
		for i, column := range shown {
			cells[i] = columns[column].ValueStr(row)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}
