package cache_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// exampleMirror opens a mirror of a small study on a server in memory.
func exampleMirror() (study *imednettest.Study, mirror *cache.CachedRecordsLoader, done func()) {
	study = imednettest.Generate(imednettest.GenerateOptions{Records: 400})
	dir, err := os.MkdirTemp("", "mirror")
	if err != nil {
		log.Fatal(err)
	}
	client := imednettest.NewServer(study).Client() // rest.New(…) against the real one
	mirror, err = cache.NewCachedRecordsLoader(context.Background(), client, filepath.Join(dir, "records_cache.sqlite3"))
	if err != nil {
		log.Fatal(err)
	}
	return study, mirror, func() {
		if err := errors.Join(mirror.Close(), os.RemoveAll(dir)); err != nil {
			log.Fatal(err)
		}
	}
}

// A first sync reads everything; the next one brings what changed.
func ExampleCachedRecordsLoader_SyncRecords() {
	ctx := context.Background()
	study, mirror, done := exampleMirror()
	defer done()
	report, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("first:", report.First, "added:", report.Added)

	ids := study.RecordIDs()
	must(study.EditRecord(ids[10], "NOTE", "corrected"))
	must(study.DeleteRecord(ids[20], false)) // dateModified does not move
	must(study.RemoveRecord(ids[30]))        // nothing at all shows it
	report, err = mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("updated:", report.Updated, "deleted:", report.Deleted, "vanished:", report.Vanished)

	proof, err := mirror.Verify(ctx, "DEMO")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("compared:", proof.Compared, "equal:", proof.OK())
	// Output:
	// first: true added: 400
	// updated: 1 deleted: 1 vanished: 1
	// compared: 399 equal: true
}

// Records of one form, from the file alone.
func ExampleCachedRecordsLoader_Records() {
	ctx := context.Background()
	_, mirror, done := exampleMirror()
	defer done()
	if _, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		log.Fatal(err)
	}
	active, deleted := 0, 0
	opts := imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE")}
	for rec, err := range mirror.Records(ctx, "DEMO", opts) {
		if err != nil {
			log.Fatal(err)
		}
		if rec.IsDeleted() {
			deleted++
		} else {
			active++
		}
	}
	fmt.Println(active > 0, deleted < active)
	// Output: true true
}

// A follower keeps the last version that it has seen.
func ExampleCachedRecordsLoader_ChangesSince() {
	ctx := context.Background()
	study, mirror, done := exampleMirror()
	defer done()
	report, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{})
	if err != nil {
		log.Fatal(err)
	}
	seen := report.Version
	must(study.DeleteRecord(study.RecordIDs()[0], true))
	if _, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		log.Fatal(err)
	}
	for change, err := range mirror.ChangesSince(ctx, "DEMO", seen) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(change.Record.RecordID == study.RecordIDs()[0], change.State)
		seen = change.Version
	}
	// Output: true deleted
}

// A lost permission looks like a study without records. It is refused.
func ExampleMassDeletionError() {
	ctx := context.Background()
	study, mirror, done := exampleMirror()
	defer done()
	if _, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		log.Fatal(err)
	}
	for _, id := range study.RecordIDs()[100:] {
		must(study.RemoveRecord(id))
	}
	_, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{})
	var refused *cache.MassDeletionError
	if errors.As(err, &refused) {
		fmt.Println(refused.Missing, "of", refused.Held)
	}
	// Output: 300 of 400
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// What changed since a moment, with the names that people know.
func ExampleCachedRecordsLoader_ChangeList() {
	ctx := context.Background()
	study, mirror, done := exampleMirror()
	defer done()
	if _, err := mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		log.Fatal(err)
	}
	study.Advance(time.Hour)
	monday := study.Now()
	for _, id := range study.RecordIDs() {
		if r, _ := study.Record(id); r.FormKey.Or("") == "AE" && !r.IsDeleted() {
			must(study.EditRecord(id, "AETERM", "Headache"))
			break
		}
	}
	if _, err := mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		log.Fatal(err)
	}
	for e, err := range mirror.ChangeList(ctx, "DEMO", cache.ChangeFilter{Since: monday, Variable: "AETERM"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.FormKey, e.Label, "is now", e.New.Text(), e.Reasons)
	}
	// Output: AE Event term is now Headache [Data entry error]
}
