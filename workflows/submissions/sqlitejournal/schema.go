package sqlitejournal

import "github.com/imednetgo/imednet/internal/audit"

// applicationID marks our files: "imjn".
const applicationID = 0x696D6A6E

const schema = `
CREATE TABLE submissions (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, study_key TEXT NOT NULL, author TEXT NOT NULL, source TEXT NOT NULL,
	prepared_at TEXT NOT NULL, items INTEGER NOT NULL, holder TEXT NOT NULL, lease_until TEXT NOT NULL, fence INTEGER NOT NULL
) STRICT;
CREATE TABLE submission_items (
	submission INTEGER NOT NULL REFERENCES submissions (sequence), item INTEGER NOT NULL, study_key TEXT NOT NULL,
	line INTEGER NOT NULL, kind TEXT NOT NULL, form_key TEXT NOT NULL, intent_key TEXT NOT NULL, content_hash TEXT NOT NULL, ordinal INTEGER NOT NULL,
	payload BLOB NOT NULL, state TEXT NOT NULL, closed INTEGER NOT NULL, attempt INTEGER NOT NULL, position INTEGER NOT NULL, batch_size INTEGER NOT NULL,
	sent_at TEXT NOT NULL, server_time INTEGER NOT NULL, after_revision INTEGER NOT NULL, batch_id TEXT NOT NULL, job_state TEXT NOT NULL,
	record_id INTEGER NOT NULL, revision_id INTEGER NOT NULL, reason TEXT NOT NULL, server_message TEXT NOT NULL, changed_at TEXT NOT NULL,
	claim TEXT, PRIMARY KEY (submission, item)
) STRICT;
CREATE UNIQUE INDEX submission_items_claim ON submission_items (study_key, claim) WHERE claim IS NOT NULL;
CREATE INDEX submission_items_content ON submission_items (study_key, content_hash);
CREATE INDEX submission_items_intent ON submission_items (study_key, intent_key) WHERE intent_key <> '';
CREATE INDEX submission_items_open ON submission_items (study_key, submission) WHERE closed = 0;
CREATE TABLE submission_events (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT, submission_id TEXT NOT NULL, item INTEGER NOT NULL, state TEXT NOT NULL, closed INTEGER NOT NULL,
	at TEXT NOT NULL, author TEXT NOT NULL, payload_hash TEXT NOT NULL, state_hash TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE INDEX submission_events_item ON submission_events (submission_id, item, sequence);
`

// leaseMarks says by what others see whether the holder of a lease still lives.
const leaseMarks = `ALTER TABLE submissions ADD COLUMN holder_mark TEXT NOT NULL DEFAULT '';`

// guards keep the history, and what an item is, from being rewritten by mistake. Verify finds out
// when they are gone.
var guards = audit.Guards{
	audit.NewGuard("submission_events_no_update", "UPDATE", "submission_events", "", "the events of a journal are immutable"),
	audit.NewGuard("submission_events_no_delete", "DELETE", "submission_events", "", "the events of a journal are immutable"),
	audit.NewGuard("submission_items_no_delete", "DELETE", "submission_items", "", "the items of a journal are kept"),
	audit.NewGuard("submissions_no_delete", "DELETE", "submissions", "", "the submissions of a journal are kept"),
	audit.NewGuard("submission_items_payload", "UPDATE OF payload, content_hash, intent_key, kind, form_key, line, ordinal, submission, item, study_key", "submission_items", "",
		"what an item says is immutable"),
}
