package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

func exampleMapper() *tables.RecordMapper {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	if err != nil {
		log.Fatal(err)
	}
	return mapper
}

func exampleDir() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	return dir
}

// A study as Parquet, a directory per form, with a manifest that proves it whole.
func ExampleChunkedRecordPipeline_WriteParquet() {
	dir := exampleDir()
	defer os.RemoveAll(dir)
	p, err := pipeline.New()
	if err != nil {
		log.Fatal(err)
	}
	manifest, err := p.WriteParquet(context.Background(), exampleMapper(), "DEMO", dir, pipeline.DataSetOptions{})
	if err != nil {
		log.Fatal(err)
	}
	r := manifest.Report
	fmt.Println("records reconcile:", r.Records == r.Rows+r.RecordsRejected+r.Deleted)
	fmt.Println(manifest.Tables[0].Name, manifest.Tables[0].Files[0].Path)
	fmt.Println("files as written:", manifest.Verify(dir) == nil)
	// Output:
	// records reconcile: true
	// DM DM/records_chunk_00001.parquet
	// files as written: true
}

// One wide table over all forms.
func ExampleChunkedRecordPipeline_WriteCSV() {
	dir := exampleDir()
	defer os.RemoveAll(dir)
	p, err := pipeline.New()
	if err != nil {
		log.Fatal(err)
	}
	manifest, err := p.WriteCSV(context.Background(), exampleMapper(), "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Wide})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(manifest.Tables), "table,", manifest.Tables[0].Rows, "rows in", manifest.Tables[0].Files[0].Path)
	// Output: 1 table, 298 rows in records_chunk_00001.csv
}

// Tables that come from elsewhere, with what a person should look at beside them.
func ExampleChunkedRecordPipeline_WriteTables() {
	dir := exampleDir()
	defer os.RemoveAll(dir)
	p, err := pipeline.New()
	if err != nil {
		log.Fatal(err)
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "SITEID", Type: arrow.BinaryTypes.String}, {Name: "VISITS", Type: arrow.PrimitiveTypes.Int64}}, nil)
	rows, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(`[{"SITEID": "01", "VISITS": 12}, {"SITEID": "02", "VISITS": 0}]`))
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Release()
	manifest, err := p.WriteTables(context.Background(), "DEMO", dir, pipeline.NDJSON, []pipeline.Table{{Name: "SITES", Schema: schema}}, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error {
		return errors.Join(w.Write("SITES", rows), w.AddFinding(map[string]string{"site": "02", "finding": "no visits"}))
	})
	if err != nil {
		log.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, manifest.Tables[0].Files[0].Path))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s%d finding in %s\n", content, manifest.Findings.Rows, manifest.Findings.Path)
	// Output:
	// {"SITEID":"01","VISITS":12}
	// {"SITEID":"02","VISITS":0}
	// 1 finding in _records_findings.jsonl
}

// Any reader of batches in files of a fixed number of rows.
func ExampleChunkedRecordPipeline_WriteParquetChunks() {
	dir := exampleDir()
	defer os.RemoveAll(dir)
	reader, err := exampleMapper().MapForm(context.Background(), "DEMO", "DM", tables.MapOptions{}).Reader()
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Release()
	p, err := pipeline.New(pipeline.WithChunkRows(5))
	if err != nil {
		log.Fatal(err)
	}
	paths, err := p.WriteParquetChunks(context.Background(), reader, dir, "dm")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(paths[0]), filepath.Base(paths[1]))
	// Output: dm_chunk_00001.parquet dm_chunk_00002.parquet
}

// Items in chunks, each mapped.
func ExampleMapChunks() {
	items := func(yield func(int, error) bool) {
		for i := range 3 {
			if !yield(i+1, nil) {
				return
			}
		}
	}
	for chunk, err := range pipeline.MapChunks(items, 2, func(n int) (int, error) { return n * 10, nil }) {
		fmt.Println(chunk, err)
	}
	// Output:
	// [10 20] <nil>
	// [30] <nil>
}

// What an earlier run wrote, without reading its files.
func ExampleReadManifest() {
	dir := exampleDir()
	defer os.RemoveAll(dir)
	p, err := pipeline.New()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := p.WriteCSV(context.Background(), exampleMapper(), "DEMO", dir, pipeline.DataSetOptions{}); err != nil {
		log.Fatal(err)
	}
	manifest, err := pipeline.ReadManifest(dir, "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(manifest.StudyKey, manifest.Format, len(manifest.Tables))
	// Output: DEMO csv 9
}
