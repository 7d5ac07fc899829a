// Package workflows gives access to the workflows of one [imednet.Client]. [Workflows] builds each
// workflow of these packages on first use:
//
//   - [github.com/imednetgo/imednet/workflows/tables]: records as typed Arrow tables.
//   - [github.com/imednetgo/imednet/workflows/queries]: data queries with their states and ages.
//   - [github.com/imednetgo/imednet/workflows/subjects]: everything about one subject.
//   - [github.com/imednetgo/imednet/workflows/structure]: a study's design and the changes in it.
//   - [github.com/imednetgo/imednet/workflows/profiles]: statistics of the answers to each field.
//   - [github.com/imednetgo/imednet/workflows/report]: a study at a glance, as figures and one page.
//   - [github.com/imednetgo/imednet/workflows/criteria]: records selected by criteria, and the
//     audit trail.
//   - [github.com/imednetgo/imednet/workflows/submissions]: records and registrations that are
//     validated, sent once and accounted for.
//   - [github.com/imednetgo/imednet/workflows/jobs]: waiting for the jobs that submissions start.
//
// A program that needs only one of them imports that package and links none of the others: only
// tables depends on Arrow, and only submissions/sqlitejournal needs a C compiler.
//
//	w, err := workflows.NewWorkflows(client)
//	if err != nil {
//		return err
//	}
//	counts, err := w.QueryManagement().QueryStateCounts(ctx, "DEMO", queries.Options{})
//
// What needs more than a Client has a constructor of its own and is not included here: the
// examination of a live server ([github.com/imednetgo/imednet/workflows/probe]), the mirror
// (cache), canonical data (extraction), data set files (pipeline) and the DuckDB database
// (warehouse).
package workflows
