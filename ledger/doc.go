// Package ledger records how far each stream of each study has been processed, so that a nightly
// extraction reads only new data, and reads them again after a failure.
//
// # The ledger
//
// An [ExtractionStateLedger] stores one mark, a UTC instant, for each study and stream ("records",
// "revisions" or any other name). A job runs in a transaction:
//
//	store, err := ledger.OpenFile("/var/lib/imednet/pipeline_ledger.json")
//	…
//	l, err := ledger.NewExtractionStateLedger(store)
//	…
//	err = l.Transaction(ctx, "DEMO", "records", firstDay, func(ctx context.Context, tx *ledger.Tx) error {
//		newest, n, err := extract(ctx, tx.LastTimestamp) // commits its data itself
//		tx.NewTimestamp, tx.RecordsProcessed = newest, n
//		return err
//	})
//
// Code that commits data elsewhere advances the mark afterwards with
// [ExtractionStateLedger.Advance]. Because the data are committed before the mark, a crash in
// between makes a job repeat work but never skip any.
//
// # Guarantees
//
//   - A failure never moves a mark and never creates one; a first run that fails creates no entry.
//     The last success and the last attempt are recorded separately.
//   - A mark moves backward only with AllowBackward and a reason; a reset
//     ([ExtractionStateLedger.DeleteEntry]) requires a reason. Reasons, failures and successful
//     runs are recorded in the history ([ExtractionStateLedger.Runs]), whose size is limited.
//   - A job locks only one stream of one study, not the ledger. Writes compare and set the entry
//     that was read: an entry that has changed meanwhile is [ErrConflict].
//   - Waiting ends with the context or the lock timeout ([ErrLocked]). Using a stream inside its
//     own transaction is [ErrReentrant].
//   - Runs and entries record who ran them ([WithAuthor]), and runs are chained by hashes:
//     [ExtractionStateLedger.Verify] detects tampering and writes by other programs.
//   - Marks have a precision of one microsecond; a finer fraction is truncated, never rounded up.
//
// # Stores
//
// [OpenFile] uses the JSON file of the Python package, with the same fields, time format and lock,
// so that a Python process can use the file at the same time. If both run whole jobs in
// transactions, open it with [WithPythonLock]. Data that the Python package does not know are
// stored under metadata._imednet, where it preserves them, and in files next to the ledger; see
// [FileStore]. [OpenSQLite] (in programs built with cgo) uses a SQLite file, and [NewMemoryStore]
// only memory. [NewDatabaseStore] uses the tables of a database server, for processes on several machines;
// package postgres opens it. To write your own store, implement [Store] and test it with package ledgertest.
// [ExtractionStateLedger.Export], [ExtractionStateLedger.Import] and
// [ExtractionStateLedger.CopyFrom] move a ledger between stores.
//
// A file that is not a ledger, including an empty one, is [ErrDamaged]. Nothing is overwritten, a
// call that would write first saves the file's bytes under the name given by the error
// ([DamageError]), and [FileStore.RestoreBackup] restores the last good state.
//
// # Errors
//
// Every error is an *[imednet.Error] with operation, study, stream and a hint, except an error
// returned by a transaction's function, which is returned unchanged. Error texts are stored with
// failed runs, so such a function must not put subject data into them.
package ledger
