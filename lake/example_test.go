package lake_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/lake"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	mirror, err := cache.NewCachedRecordsLoader(ctx, server.Client(), filepath.Join(dir, "mirror.sqlite3"))
	if err != nil {
		log.Fatal(err)
	}
	defer mirror.Close()
	if _, err := mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		log.Fatal(err)
	}

	cat, closeCatalog, err := lake.OpenCatalog(ctx, "sqlite://"+filepath.Join(dir, "catalog.sqlite3"), lake.CatalogOptions{Warehouse: filepath.Join(dir, "files")})
	if err != nil {
		log.Fatal(err)
	}
	defer closeCatalog()
	l, err := lake.New(mirror, cat)
	if err != nil {
		log.Fatal(err)
	}
	report, err := l.Sync(ctx, "DEMO", lake.SyncOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed:", report.Changed)
	if report, err = l.Sync(ctx, "DEMO", lake.SyncOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed again:", report.Changed)
	tag, err := l.Tag(ctx, "DEMO", "lock-1", 0)
	if err != nil {
		log.Fatal(err)
	}
	cut, err := l.Open(ctx, "DEMO", tag.Name)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range cut.Tables {
		if t.FormKey == "VS" {
			fmt.Println(t.Table, t.Rows, "rows")
		}
	}
	// Output:
	// changed: true
	// changed again: false
	// VS 25 rows
}
