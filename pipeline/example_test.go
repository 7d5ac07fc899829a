package pipeline_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows"
)

func exampleMapper() *workflows.RecordMapper {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	mapper, err := workflows.NewRecordMapper(imednettest.NewServer(study).Client())
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
	fmt.Println(manifest.Tables[0].FormKey, manifest.Tables[0].Files[0].Path)
	fmt.Println("files as written:", manifest.Verify(dir) == nil)
	// Output:
	// records reconcile: true
	// DM DM/records_chunk_00001.parquet
	// files as written: true
}

// Any reader of batches in files of a fixed number of rows.
func ExampleChunkedRecordPipeline_WriteParquetChunks() {
	dir := exampleDir()
	defer os.RemoveAll(dir)
	reader, err := exampleMapper().FormReader(context.Background(), "DEMO", "DM", workflows.MapOptions{})
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
