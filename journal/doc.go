// Package journal keeps a write journal of submissions in a SQLite file, so that a crash between
// "about to send" and "the server said" loses track of nothing and sends nothing twice.
//
//	j, err := journal.Open(ctx, "submissions.sqlite3")
//	defer j.Close()
//	update, err := workflows.NewRecordUpdate(client, workflows.WithJournal(j))
//
// A Journal satisfies workflows.Journal. Every step of an entry is durable before the next begins:
// the file is in WAL mode with synchronous FULL. Several processes may share it; a step is taken by
// one of them only, the other gets ErrConflict.
//
// # The file
//
// Application id 0x696D6A6E, mode 0600 in a directory of mode 0700, because payloads are subject
// data. Table submissions has one row per POST:
//
//	sequence     the order of preparation
//	id           chosen by the workflow, unique
//	study_key    of the study
//	state        prepared, sending, accepted, confirmed or refused
//	payload      the body of the POST, byte for byte
//	items        number of records in it
//	prepared_at  UTC, RFC 3339 with nanoseconds; likewise sent_at, empty until it was sent
//	server_time  1 when sent_at is the server's time
//	batch_id     of the job, empty until it is known
//	job_state    of the ended job, as received
//	refusal      HTTP status of a refusal, or 0
//	read_back    1 when the records were found on the server
//	closed       1 when nobody needs to look at the entry again
//
// Table submission_steps has one row per change of state, with its time, and triggers keep it from
// being changed: what was sent when can be shown later. Nothing is ever deleted by this package.
package journal
