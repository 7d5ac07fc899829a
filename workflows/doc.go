// Package workflows is the namespace over one Client: [Workflows] builds the workflows of the
// packages below it, each when it is first asked for.
//
//   - [github.com/imednetgo/imednet/workflows/tables]: records as typed Arrow tables.
//   - [github.com/imednetgo/imednet/workflows/queries]: data queries, their states and their ages.
//   - [github.com/imednetgo/imednet/workflows/subjects]: everything about one subject.
//   - [github.com/imednetgo/imednet/workflows/structure]: a study's design, and what changed in it.
//   - [github.com/imednetgo/imednet/workflows/profiles]: what the answers of each field look like.
//   - [github.com/imednetgo/imednet/workflows/criteria]: records by criteria, and the audit trail.
//   - [github.com/imednetgo/imednet/workflows/submissions]: records and registrations, checked,
//     sent once and accounted for.
//   - [github.com/imednetgo/imednet/workflows/jobs]: waiting for what the server does with them.
//
// A program that needs one of them imports that package alone, and links nothing of the others:
// only tables knows Arrow, and only submissions/sqlitejournal needs a C compiler.
//
//	w, err := workflows.NewWorkflows(client)
//	if err != nil {
//		return err
//	}
//	counts, err := w.QueryManagement().QueryStateCounts(ctx, "DEMO", queries.Options{})
//
// Packages that need more than a Client have constructors of their own and are not part of the
// namespace: the mirror (cache), canonical data (extraction), data sets in files (pipeline) and
// the DuckDB database (warehouse).
package workflows
