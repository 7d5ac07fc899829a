// Package sqlitejournal keeps the journal of package submissions in a SQLite file, so that a crash
// between "about to send" and "the server said" loses track of nothing and sends nothing twice.
//
//	j, err := sqlitejournal.Open(ctx, "submissions.sqlite3")
//	defer j.Close()
//	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(j, "anna"))
//
// Several processes may share the file: the journal is the lock between them. Everything is durable
// before the next step begins, since the file is in WAL mode with synchronous FULL.
//
// # Leases
//
// Whoever sends a submission has its lease in the file, for as long as it renews it. Beside the file lies
// FILE.alive-…, which an open journal keeps locked while it has leases: the operating system frees the
// lock when the process dies, and other processes on the same computer, also in other containers that
// share the folder, take the lease over at once. Where that cannot be seen, on another computer or
// without such locks, the lease ends by its time.
//
// # The file
//
// Mode 0600 in a directory of mode 0700, because payloads are subject data. Table submissions has one
// row for each call or file, submission_items one for each record. docs/formats/journal.md describes
// every column.
//
// # Evidence
//
// Table submission_events has one row for each change of a record: what it became, when, and by whom,
// with a hash over all of that, over the record's payload, and over the event before. Triggers keep
// events and payloads from being rewritten by mistake, and [Journal.Verify] finds out when somebody
// did it on purpose; keep the head that it returns elsewhere, because whoever can write the file could
// write a whole new history. A payload that is not the one that was prepared is never sent. Nothing is
// ever deleted by this package.
package sqlitejournal
