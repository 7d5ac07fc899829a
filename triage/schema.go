package triage

import "github.com/imednetgo/imednet/internal/audit"

// pythonSchema is what the Python package creates, to the letter.
const pythonSchema = `
CREATE TABLE IF NOT EXISTS triage_items (
	item_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, status TEXT NOT NULL, assignee TEXT,
	severity TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS triage_annotations (
	annotation_id TEXT PRIMARY KEY, item_id TEXT NOT NULL, user_id TEXT NOT NULL, comment TEXT NOT NULL,
	timestamp TEXT NOT NULL, FOREIGN KEY (item_id) REFERENCES triage_items (item_id) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS triage_history (
	transition_id TEXT PRIMARY KEY, item_id TEXT NOT NULL, from_status TEXT NOT NULL, to_status TEXT NOT NULL,
	user_id TEXT NOT NULL, comment TEXT, timestamp TEXT NOT NULL,
	FOREIGN KEY (item_id) REFERENCES triage_items (item_id) ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS idx_triage_items_study_status ON triage_items (study_key, status);
CREATE INDEX IF NOT EXISTS idx_triage_annotations_item ON triage_annotations (item_id, timestamp);
CREATE INDEX IF NOT EXISTS idx_triage_history_item ON triage_history (item_id, timestamp);
PRAGMA user_version = 1;`

// logSchema adds the log, and to the items what the Python package does not keep. The columns added to
// triage_items are invisible to a program that names the columns that it reads. The last columns of
// triage_items_severity let Summary count without touching the table.
const logSchema = `
CREATE TABLE triage_events (
	sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, study_key TEXT NOT NULL, item_id TEXT NOT NULL,
	version INTEGER NOT NULL, kind TEXT NOT NULL, user_id TEXT NOT NULL, timestamp TEXT NOT NULL,
	change TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX triage_events_item ON triage_events (item_id, version);
CREATE INDEX triage_events_study ON triage_events (study_key, sequence);
ALTER TABLE triage_items ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triage_items ADD COLUMN fingerprint TEXT;
ALTER TABLE triage_items ADD COLUMN summary TEXT NOT NULL DEFAULT '';
ALTER TABLE triage_items ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE triage_items ADD COLUMN form_key TEXT NOT NULL DEFAULT '';
ALTER TABLE triage_items ADD COLUMN variable TEXT NOT NULL DEFAULT '';
ALTER TABLE triage_items ADD COLUMN record_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triage_items ADD COLUMN revision_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triage_items ADD COLUMN opened_at TEXT NOT NULL DEFAULT '';
ALTER TABLE triage_items ADD COLUMN due_at TEXT;
ALTER TABLE triage_items ADD COLUMN resolved_revision_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triage_items ADD COLUMN regressions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triage_items ADD COLUMN claimed_by TEXT;
ALTER TABLE triage_items ADD COLUMN claimed_until TEXT;
ALTER TABLE triage_items ADD COLUMN resolved_by TEXT;
ALTER TABLE triage_items ADD COLUMN confirmed_by TEXT;
CREATE UNIQUE INDEX triage_items_fingerprint ON triage_items (study_key, fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX triage_items_updated ON triage_items (study_key, status, updated_at, item_id);
CREATE INDEX triage_items_created ON triage_items (study_key, status, created_at, item_id);
CREATE INDEX triage_items_due ON triage_items (study_key, status, due_at, item_id);
CREATE INDEX triage_items_severity ON triage_items (study_key, status, severity, updated_at, item_id,
	assignee, opened_at, due_at, claimed_until, regressions);
CREATE INDEX triage_items_assignee ON triage_items (study_key, assignee, status, updated_at, item_id);
`

// guards keep the log append-only, and the readable tables to what the log says. INSERT OR REPLACE
// deletes without firing a delete trigger, hence the conditions on INSERT, rowid included.
var guards = audit.Guards{
	audit.NewGuard("triage_events_no_update", "UPDATE", "triage_events", "", "the triage log is immutable"),
	audit.NewGuard("triage_events_no_delete", "DELETE", "triage_events", "", "the triage log is immutable"),
	audit.NewGuard("triage_events_append", "INSERT", "triage_events",
		`NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM triage_events)
			OR EXISTS (SELECT 1 FROM triage_events WHERE event_id = NEW.event_id)
			OR NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM triage_events WHERE item_id = NEW.item_id)`,
		"the triage log is append-only"),
	audit.NewGuard("triage_items_no_delete", "DELETE", "triage_items", "", "triage items are never deleted"),
	audit.NewGuard("triage_items_insert", "INSERT", "triage_items",
		`EXISTS (SELECT 1 FROM triage_items WHERE item_id = NEW.item_id OR rowid = NEW.rowid)
			OR NOT EXISTS (SELECT 1 FROM triage_events WHERE item_id = NEW.item_id AND version = NEW.version)`,
		"triage items are written through the log only"),
	audit.NewGuard("triage_items_update", "UPDATE", "triage_items",
		`NEW.item_id IS NOT OLD.item_id OR NEW.study_key IS NOT OLD.study_key OR NEW.rowid <> OLD.rowid OR NEW.version <= OLD.version
			OR NOT EXISTS (SELECT 1 FROM triage_events WHERE item_id = NEW.item_id AND version = NEW.version)`,
		"triage items are written through the log only"),
	audit.NewGuard("triage_annotations_no_update", "UPDATE", "triage_annotations", "", "triage annotations are immutable"),
	audit.NewGuard("triage_annotations_no_delete", "DELETE", "triage_annotations", "", "triage annotations are immutable"),
	audit.NewGuard("triage_annotations_insert", "INSERT", "triage_annotations",
		`EXISTS (SELECT 1 FROM triage_annotations WHERE annotation_id = NEW.annotation_id OR rowid = NEW.rowid)
			OR NOT EXISTS (SELECT 1 FROM triage_events WHERE event_id = NEW.annotation_id)`,
		"triage annotations are written through the log only"),
	audit.NewGuard("triage_history_no_update", "UPDATE", "triage_history", "", "triage history is immutable"),
	audit.NewGuard("triage_history_no_delete", "DELETE", "triage_history", "", "triage history is immutable"),
	audit.NewGuard("triage_history_insert", "INSERT", "triage_history",
		`EXISTS (SELECT 1 FROM triage_history WHERE transition_id = NEW.transition_id OR rowid = NEW.rowid)
			OR NOT EXISTS (SELECT 1 FROM triage_events WHERE event_id = NEW.transition_id)`,
		"triage history is written through the log only"),
}
