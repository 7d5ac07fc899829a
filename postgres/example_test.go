package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
)

// A connection to another computer is encrypted, or it is not made.
func ExampleOpen() {
	_, err := postgres.Open(context.Background(), "postgres://imednet@db.example.com/imednet")
	fmt.Println(errors.Is(err, postgres.ErrInsecure))
	// Output: true
}

// Processes on several machines share one ledger.
func ExampleDB_Ledger() {
	ctx := context.Background()
	db, err := postgres.Open(ctx, os.Getenv("IMEDNET_DATABASE"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	store, err := db.Ledger(ctx)
	if err != nil {
		log.Fatal(err)
	}
	marks, err := ledger.NewExtractionStateLedger(store)
	if err != nil {
		log.Fatal(err)
	}
	if err := marks.Advance(ctx, "DEMO", "records", imednet.Watermark{Time: imednet.SystemClock().Now()}); err != nil {
		log.Fatal(err)
	}
}
