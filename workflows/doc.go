// Package workflows gives access to all workflows of one [imednet.Client]. [Workflows] builds each
// workflow of the packages below on first use.
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
//   - [github.com/imednetgo/imednet/workflows/probe]: how a live server behaves where the API
//     contract leaves it open.
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
// Packages that need more than a Client have their own constructors and are not included here: the
// mirror (cache), the examination of a server (workflows/probe), canonical data (extraction), data set files (pipeline) and the DuckDB database
// (warehouse).
package workflows
