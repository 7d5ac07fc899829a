package cache_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// A program that cron starts runs every study once. A service calls Run instead and stops it by
// its context or by Stop; see examples/worker.
func ExampleSyncWorker_RunOnce() {
	server := imednettest.NewServer(
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "CARDIO", Records: 120}),
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DERMA", Records: 80}))
	dir, err := os.MkdirTemp("", "worker")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	mirror, err := cache.NewCachedRecordsLoader(ctx, server.Client(), filepath.Join(dir, "records_cache.sqlite3"))
	if err != nil {
		panic(err)
	}
	defer mirror.Close()
	worker, err := cache.NewSyncWorker(mirror, []string{"CARDIO", "DERMA", "NONE"})
	if err != nil {
		panic(err)
	}

	reports, err := worker.RunOnce(ctx)
	for _, r := range reports {
		fmt.Println(r.StudyKey, "added", r.Added, "held", r.After.Total())
	}
	fmt.Println(err)
	fmt.Println(worker.Status().Studies[2].State)
	// Output:
	// CARDIO added 120 held 120
	// DERMA added 80 held 80
	// cache: sync: study NONE: imednet: GET /api/v1/edc/studies/NONE/records: status 403 (forbidden, or no such study), code 9001
	// stopped
}
