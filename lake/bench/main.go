// Command bench measures what reading a lake costs after many small commits, beside a fresh lake of the same rows.
//
//	cd lake && go run ./bench                   100 commits of three changes each to 400 records
//	cd lake && go run ./bench -commits 500 -n 9 as many as the promise names
//
// A scan reads every table at the newest moment, from the catalog on. CPU is user and system time of this process,
// the least of some rounds in which the lakes take turns; the ratio is that of a job to the fresh lake's, and at most 2
// once the lake is compacted and expired. Beyond it the exit code is 1, with at least 100 commits. What was measured
// is in docs/scale.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/imednetgo/imednet/lake"
)

func main() {
	lake.UsePrivateFiles()
	var o options
	flag.IntVar(&o.records, "records", 400, "records of the study")
	flag.IntVar(&o.commits, "commits", 100, "commits of three changes each")
	flag.IntVar(&o.rounds, "n", 5, "rounds")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	jobs, err := measure(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d records, %d commits, least of %d rounds\n\n    rows   CPU ms  ratio  job\n", o.records, o.commits, o.rounds)
	for _, j := range jobs {
		fmt.Println(j)
	}
	return withinLimit(jobs, o)
}
