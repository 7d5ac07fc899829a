// Package triage keeps a review queue: what checks found in a study's data, who looked at it, what
// was decided, and why. It is a record for auditors (21 CFR Part 11): every change says who, what and
// when, every decision says why, nothing is overwritten, and the whole can be proven.
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
// An item goes NEW → UNDER_REVIEW → RESOLVED, or back from RESOLVED to UNDER_REVIEW. Resolving and
// reopening need a comment. A second person confirms with [TriageStore.ConfirmItem]; a signature
// ([TriageStore.SignItem]) binds a person, a meaning and a time to a version of an item.
// A finding that is reported again updates the item that has its fingerprint; if that item is
// resolved, it becomes NEW again and counts as a regression. UpsertItem and ReportFindings never
// touch history and comments, and never move an item to another study.
//
// Every change makes Item.Version grow by one. UpdateStatus and AssignItem must name the version
// that the caller decided on; if the item has changed meanwhile, the error is ErrVersionConflict
// and ItemError.Current is the item as it is. A claim gives one reviewer an item for a while: others
// can still comment and assign, but neither claim it nor move its status.
//
// # The log
//
// Each change is one entry of the table triage_events, written in the same transaction as what
// follows from it in triage_items, triage_annotations and triage_history, which are the tables of
// the Python package and stay readable by it. An entry's hash is the SHA-256 over a domain, all its
// stored columns, and the hash of the entry before, each preceded by its length. Triggers refuse
// to change or delete an entry and let only such rows into the readable tables as the log has, so
// a program that writes them directly gets a constraint error.
//
// Verify re-proves everything and names the first bad entry. It cannot see on its own that the
// last entries were cut off together with what followed from them: export Head to another place
// and give it to Verify later. Nor can a chain of hashes stop somebody who may write the file from
// rewriting all of it; the exported head shows that too.
//
// # Files
//
// A store is one SQLite file in WAL mode with synchronous FULL, mode 0600, opened by any number of
// processes. Calls wait for one another; ErrBusy comes only after WithWait. When a call has
// returned without error, its entries survive the death of the process and of the machine. A file
// that the Python package wrote (user_version 0 or 1) is taken over in place by [WithImport]: each row
// becomes an entry of kind IMPORTED…, with its columns as they stood. What such a row holds that could not be
// written today is listed in Item.Problems and blocks nothing.
//
// # Data
//
// Summaries and comments are stored in clear text. No error text of this package has an item id, a
// user, a comment or a summary in it; study keys it may have.
package triage
