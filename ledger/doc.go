// Package ledger remembers how far each stream of each study has been taken over, so that an
// extraction that runs every night reads only what is new, and reads it again after a failure.
//
// # The ledger
//
// An [ExtractionStateLedger] keeps one mark, a UTC instant, for each study and stream ("records",
// "revisions", any name). A job runs in a transaction:
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
// Code that commits data elsewhere moves the mark afterwards, with [ExtractionStateLedger.Advance]: data first, the ledger
// second, so that a crash between them makes a job repeat work and never skip it.
//
// # Guarantees
//
//   - A failure never moves a mark and never invents one; a first run that fails makes no entry.
//     The last success and the last attempt are kept apart.
//   - A mark goes back only with AllowBackward and a reason; a reset (DeleteEntry) needs a reason.
//     Reasons, failures and clean runs stand in the history (Runs), which is bounded.
//   - While work runs, one stream of one study is locked, not the ledger. Writing is a
//     compare-and-set on the entry that was read: an entry that changed meanwhile is [ErrConflict].
//   - Waiting ends with the context or the lock timeout ([ErrLocked]). Using a stream inside its
//     own transaction is [ErrReentrant].
//   - Runs and entries say who ran them ([WithAuthor]), and runs are chained by hashes:
//     [ExtractionStateLedger.Verify] finds what was changed, and what another program wrote.
//   - Marks have a precision of one microsecond; a finer fraction is cut off, never rounded up.
//
// # Stores
//
// [OpenFile] keeps the JSON file of the Python package: same fields, same text of times, same
// lock, so that a Python process can use the file at the same time; where both run whole jobs in
// transactions, open it with [WithPythonLock]. What the Python package does not
// know stands under metadata._imednet, where it survives, and in files beside the ledger; see
// [FileStore]. OpenSQLite (in programs built with cgo) keeps a SQLite file, [NewMemoryStore] nothing. A
// store of your own implements [Store] and proves itself with package ledgertest. Export, Import and
// CopyFrom move a ledger between stores.
//
// A file that is not a ledger, an empty one included, is [ErrDamaged]: nothing is overwritten, a call
// that would write saves its bytes under the name that the error gives ([DamageError]), and [FileStore.RestoreBackup] brings the
// last good state back.
//
// # Errors
//
// Every error is an [imednet.Error] with operation, study, stream and a hint, except what a transaction's
// own function returned, which comes back as it is. Texts of errors are stored with failed runs: a
// function must not put subject data into them.
package ledger
