// Command queries is a dashboard of a study's data queries for the terminal: how many are open,
// how old they are, how long answers and closes take, and where they pile up.
//
// It reads from an embedded server; nothing outside this computer is contacted. Subjects and the
// texts of queries are not shown.
//
//	go run ./examples/queries                          a generated study
//	go run ./examples/queries -data DIR                a study stored as NDJSON
//	go run ./examples/queries -data DIR -asof 2014-01-01
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

func main() {
	data := flag.String("data", "", "directory of a study in NDJSON; by default a study is generated")
	asOf := flag.String("asof", "", "day or time to report on, in UTC; by default the study's latest")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *data, *asOf); err != nil {
		fmt.Fprintln(os.Stderr, "queries:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, data, asOf string) error {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000})
	if data != "" {
		loaded, err := imednettest.LoadDir(data)
		if err != nil {
			return err
		}
		study = loaded
	}
	moment := study.Now()
	if asOf != "" {
		day, err := imednet.ParseInstant(asOf)
		if err != nil {
			return fmt.Errorf("-asof: %w", err)
		}
		moment = day
	}
	// Your own program has rest.New here; everything below is unchanged.
	management, err := queries.NewQueryManagement(imednettest.NewServer(study).Client())
	if err != nil {
		return err
	}
	metrics, err := management.QueryMetrics(ctx, study.Key(), queries.MetricsOptions{AsOf: moment})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, dashboard(metrics))
	return err
}
