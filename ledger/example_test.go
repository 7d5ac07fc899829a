package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// A nightly job in three runs: the first begins at the fallback, the second fails halfway, the
// third begins again where the first had ended.
func ExampleExtractionStateLedger_Transaction() {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	store, err := ledger.OpenFile(filepath.Join(dir, "pipeline_ledger.json"))
	if err != nil {
		panic(err)
	}
	l, err := ledger.NewExtractionStateLedger(store)
	if err != nil {
		panic(err)
	}

	ctx := context.Background()
	firstDay := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for run := 1; run <= 3; run++ {
		err := l.Transaction(ctx, "DEMO", "records", firstDay, func(_ context.Context, tx *ledger.Tx) error {
			fmt.Printf("run %d reads what changed since %s\n", run, tx.LastTimestamp.Format(time.DateOnly))
			tx.NewTimestamp = tx.LastTimestamp.AddDate(0, 0, 1)
			tx.RecordsProcessed = 250
			if run == 2 {
				return errors.New("the server went away")
			}
			return nil
		})
		if err != nil {
			fmt.Println("  failed:", err)
		}
	}
	for r, err := range l.Runs(ctx, ledger.RunFilter{StudyKey: "DEMO"}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(r.Kind, r.Status, r.MarkAfter.Format(time.DateOnly))
	}
	// Output:
	// run 1 reads what changed since 2026-05-01
	// run 2 reads what changed since 2026-05-02
	//   failed: the server went away
	// run 3 reads what changed since 2026-05-02
	// transaction success 2026-05-03
	// transaction failed 2026-05-02
	// transaction success 2026-05-02
}

// Code that commits its data elsewhere moves the mark afterwards. A mark does not go back
// unless somebody says why.
func ExampleExtractionStateLedger_Advance() {
	store, err := ledger.NewMemoryStore()
	if err != nil {
		panic(err)
	}
	l, err := ledger.NewExtractionStateLedger(store)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	noon := time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)
	fmt.Println(l.Advance(ctx, "DEMO", "records", imednet.Watermark{Time: noon, Records: 12}))
	err = l.Advance(ctx, "DEMO", "records", imednet.Watermark{Time: noon.Add(-time.Hour)})
	fmt.Println(errors.Is(err, ledger.ErrBackward))
	err = l.SetLastTimestamp(ctx, "DEMO", "records", noon.Add(-time.Hour), ledger.SetOptions{AllowBackward: true, Reason: "site 12 was corrected"})
	fmt.Println(err)
	mark, known, err := l.LastTimestamp(ctx, "DEMO", "records")
	fmt.Println(mark.Format(time.RFC3339), known, err)
	// Output:
	// <nil>
	// true
	// <nil>
	// 2026-05-22T11:00:00Z true <nil>
}
