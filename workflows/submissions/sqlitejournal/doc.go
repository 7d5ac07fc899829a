// Package sqlitejournal stores the journal of package submissions in a SQLite file, so that a crash
// between sending and receiving the response loses track of nothing and sends nothing twice.
//
//	j, err := sqlitejournal.Open(ctx, "submissions.sqlite3")
//	defer j.Close()
//	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(j, "anna"))
//
// Several processes can share the file: the journal is the lock between them. Every step is durable
// before the next one begins, because the file is in WAL mode with synchronous FULL.
//
// # Leases
//
// The process that sends a submission holds its lease in the file, for as long as it renews it.
// Beside the file lies FILE.alive-…, which an open journal keeps locked while it has leases: the
// operating system frees the lock when the process dies, and other processes on the same computer,
// also in other containers that share the folder, take the lease over at once. Where that cannot be
// seen, on another computer or without such locks, the lease ends by its time.
//
// # The file
//
// The file has mode 0600 in a directory with mode 0700, because payloads are subject data. Table
// submissions has one row per call or file, and submission_items one per record.
// docs/formats/journal.md describes every column.
//
// # Evidence
//
// Table submission_events has one row per change of a record: its new state, when, and by whom,
// with a hash of all of that, of the record's payload, and of the previous event. Triggers prevent
// events and payloads from being rewritten by mistake, and [Journal.Verify] detects deliberate
// changes. Store the head that it returns elsewhere, because anyone with write access could write a
// whole new history. [Journal.ExportLog] writes a copy that proves itself without this package.
// Whenever an item is read, changed, sent or asked whether it protects against a repeat,
// it is compared with its history in the same transaction; if they differ the call fails with
// submissions.ErrDamaged and writes nothing, so that use does not hide an edit. Nor does an edit hide an item: taking a
// submission and listing those of a study fail if any state in it is not the one that the history has, and listing and
// preparing fail if a submission that the history has is gone. Only Verify
// finds an older item whose content hash or intent key was edited, because a new item does not lead to it. This
// package never deletes anything, and does not write to a file that was removed or replaced while it was open.
package sqlitejournal
