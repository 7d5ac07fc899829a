// Command inject passes its own clients to a workflow of the library, which does not notice: a fake
// of a few lines, as in a test, and a decorator that shows a user only the sites that the user may
// see.
//
// The report of all sites and the report of Anna's sites come from one function; only the client
// differs. Everything runs offline on a generated study.
//
//	go run ./examples/inject
package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "inject:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	closed := imednet.QueryComment{Sequence: imednet.Some[int64](1), Closed: imednet.Some(true)}
	fake := fakeQueries{rows: []imednet.Query{
		{AnnotationID: 1, QueryComments: []imednet.QueryComment{closed}},
		{AnnotationID: 2}, // no comment decides its state
	}}
	counting, err := queries.NewQueryManagement(fake)
	if err != nil {
		return err
	}
	counts, err := counting.QueryStateCounts(ctx, "ANY", queries.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "A fake of two queries: %d open, %d closed, %d unknown.\n", counts.Open, counts.Closed, counts.Unknown)

	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000})
	client := imednettest.NewServer(study).Client() // a *rest.Client in your own program
	if err := report(ctx, out, "everything", client, study); err != nil {
		return err
	}
	anna := siteView{client: client, sites: map[int64]bool{701: true, 703: true}} // Site 01 and Site 03
	return report(ctx, out, "what Anna may see", anna, study)
}

// report prints the queries of a study by site. It knows the client only by the interface that the
// workflow requires.
func report(ctx context.Context, out io.Writer, title string, client queries.Client, study *imednettest.Study) error {
	management, err := queries.NewQueryManagement(client)
	if err != nil {
		return err
	}
	m, err := management.QueryMetrics(ctx, study.Key(), queries.MetricsOptions{AsOf: study.Now()})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s, %s: %d queries, %d of them open\n", study.Key(), title, m.Read, m.Total.States.Open)
	for _, g := range m.BySite {
		fmt.Fprintf(out, "  %-26s %3d open %3d closed %3d unknown\n", g.Name, g.States.Open, g.States.Closed, g.States.Unknown)
	}
	return nil
}

// fakeQueries answers one listing. The embedded interface, which is nil, represents everything else:
// a workflow that called it would panic, and the test would show where.
type fakeQueries struct {
	queries.Client
	rows []imednet.Query
}

func (f fakeQueries) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		for _, q := range f.rows {
			if !yield(q, nil) {
				return
			}
		}
	}
}
