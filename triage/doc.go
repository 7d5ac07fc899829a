// Package triage maintains a review queue: what checks found in a study's data, who reviewed it,
// what was decided, and why. It is an audit record (21 CFR Part 11): every change records who, what
// and when, every decision records why, nothing is overwritten, and the integrity of the whole can
// be verified.
//
//	store, err := triage.NewTriageStore(ctx, "triage.sqlite3")
//	findings, err := triage.ReadFindings(file, triage.FindingsOptions{StudyKey: "DEMO", Severity: "MEDIUM"})
//	reported, err := store.ReportFindings(ctx, "nightly-checks", findings)
//	item, err := store.ClaimNext(ctx, triage.QueueOptions{StudyKey: "DEMO", Order: triage.OrderSeverity}, triage.Claim{UserID: "anna"})
//	item, err = store.UpdateStatus(ctx, triage.StatusUpdate{
//		ItemID: item.ItemID, Version: item.Version, To: triage.StatusUnderReview, UserID: "anna",
//	})
//
// # Review
//
// An item moves NEW → UNDER_REVIEW → RESOLVED, or back from RESOLVED to UNDER_REVIEW. Resolving and
// reopening require a comment. A second person confirms a resolution with
// [TriageStore.ConfirmItem]. A signature ([TriageStore.SignItem]) binds a person, a meaning and a
// time to a version of an item. A finding that is reported again updates the item with its
// fingerprint; if that item is resolved, it becomes NEW again and counts as a regression.
// [TriageStore.UpsertItem] and [TriageStore.ReportFindings] never change history and comments, and
// never move an item to another study.
//
// Every change increments [Item.Version]. [TriageStore.UpdateStatus] and [TriageStore.AssignItem]
// must name the version on which the caller decided; if the item has changed meanwhile, the error
// is [ErrVersionConflict] and [ItemError.Current] is the current item. A claim gives an item to one
// reviewer for a limited time: others can still comment on it and assign it, but can neither claim
// it nor change its status.
//
// # The log
//
// Each change is one entry of the table triage_events. The same transaction writes its effects to
// triage_items, triage_annotations and triage_history, which are the tables of the Python package
// and remain readable by it. An entry's hash is the SHA-256 of a domain separator, all its stored
// columns, and the hash of the previous entry, each preceded by its length. Triggers prevent
// changes to and deletions of entries and allow only rows that match the log in the other tables,
// so that a program that writes to them directly gets a constraint error.
//
// [TriageStore.Verify] checks everything and names the first bad entry. Without help it cannot
// detect that the last entries were removed together with their effects: store the result of
// [TriageStore.Head] elsewhere and pass it to Verify later. Nor can a chain of hashes prevent
// someone with write access from rewriting the whole file; the stored head reveals that as well.
//
// # Files
//
// A store is one SQLite file in WAL mode with synchronous FULL and file mode 0600, which any number
// of processes can open. Calls wait for one another and return [ErrBusy] only after the time set by
// [WithWait]. Once a call has returned without error, its entries survive a crash of the process or
// the machine. [WithImport] imports a file of the Python package (user_version 0 or 1) in place:
// each row becomes an entry of kind IMPORTED… with unchanged columns. Data in such rows that could
// not be written today are listed in [Item.Problems] and block nothing.
//
// [NewDatabaseStore] uses the same tables in a database server, for processes on several machines;
// package postgres opens it. A program built without cgo has only that.
//
// # Data
//
// Summaries and comments are stored in clear text. No error text of this package contains an item
// id, a user, a comment or a summary; it may contain study keys.
package triage
