package datasets_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// A study becomes Parquet, and the Parquet becomes Dataset-JSON with a define.xml.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	if err != nil {
		log.Fatal(err)
	}
	writer, err := pipeline.New()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := writer.WriteParquet(ctx, mapper, "DEMO", dir+"/tables", pipeline.DataSetOptions{}); err != nil {
		log.Fatal(err)
	}

	set, err := datasets.Open(dir+"/tables", "")
	if err != nil {
		log.Fatal(err)
	}
	manifest, err := cdisc.Export(ctx, dir+"/submission", set.Sources(), cdisc.ExportOptions{
		Formats: []cdisc.Format{cdisc.JSON},
		JSON:    cdisc.JSONOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), StudyOID: "DEMO", MetaDataVersionOID: "MDV.1"},
		Define:  &cdisc.DefineOptions{},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(manifest.Datasets[0].Name, manifest.Files[0].Path)
	fmt.Println("everything is in a table:", len(set.Problems()) == 0)
	// Output:
	// DM dm.json
	// everything is in a table: false
}
