// Package sqlitejournal keeps a write journal of submissions in a SQLite file, so that a crash between
// "about to send" and "the server said" loses track of nothing and sends nothing twice.
//
//	j, err := sqlitejournal.Open(ctx, "submissions.sqlite3")
//	defer j.Close()
//	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(j))
//
// A Journal satisfies submissions.Journal. Every step of an entry is durable before the next begins:
// the file is in WAL mode with synchronous FULL. Several processes may share it; a step is taken by
// one of them only, the other gets ErrConflict.
//
// # The file
//
// Mode 0600 in a directory of mode 0700, because payloads are subject data. Table submissions has one
// row per POST: its payload byte for byte, its state (prepared, sending, accepted, confirmed or refused)
// and what is known of its job. docs/formats/journal.md describes every column.
//
// Table submission_steps has one row per change of state, with its time, and triggers keep it from
// being changed: what was sent when can be shown later. Nothing is ever deleted by this package.
package sqlitejournal
