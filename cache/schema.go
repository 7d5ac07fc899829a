package cache

// applicationID marks a file as ours ("IMNC"). The Python package leaves it 0, which is accepted where
// the file holds the Python package's table.
const applicationID = 0x494d4e43

// pythonTable is the one table that the Python package and this library share.
const pythonTable = "record_cache"

// migrations bring a file's schema up to date. Nothing here needs a newer SQLite than the
// reference's own Python: a STRICT table, for one, would make the file unreadable to it.
var migrations = []string{schema1, schema1Triggers, schema3, schema4, schema5, schema6, schema7}

// schema1 is described field by field in docs/formats/mirror.md.
const schema1 = `
CREATE TABLE IF NOT EXISTS record_cache (
	study_key     TEXT    NOT NULL,
	record_id     INTEGER NOT NULL,
	form_key      TEXT    NOT NULL,
	date_modified TEXT    NOT NULL,
	payload       TEXT    NOT NULL,
	PRIMARY KEY (study_key, record_id)
);
CREATE INDEX IF NOT EXISTS idx_record_cache_study_modified ON record_cache (study_key, date_modified);

CREATE TABLE imednet_study (
	id        INTEGER PRIMARY KEY,
	study_key TEXT    NOT NULL UNIQUE,
	phase     INTEGER NOT NULL DEFAULT 0,
	version   INTEGER NOT NULL DEFAULT 0,
	top       INTEGER NOT NULL DEFAULT 0,
	mark      INTEGER,
	modified  INTEGER,
	as_of     INTEGER,
	revision  INTEGER NOT NULL DEFAULT 0,
	seen      BLOB    NOT NULL DEFAULT x'',
	active    INTEGER NOT NULL DEFAULT 0,
	deleted   INTEGER NOT NULL DEFAULT 0,
	vanished  INTEGER NOT NULL DEFAULT 0,
	purged    INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE imednet_record (
	study       INTEGER NOT NULL,
	record_id   INTEGER NOT NULL,
	state       INTEGER NOT NULL,
	version     INTEGER NOT NULL,
	form_id     INTEGER,
	form_key    TEXT,
	site_id     INTEGER,
	interval_id INTEGER,
	visit_id    INTEGER,
	subject_id  INTEGER,
	subject_key TEXT,
	modified    INTEGER,
	PRIMARY KEY (study, record_id)
) WITHOUT ROWID;
CREATE INDEX imednet_record_subject ON imednet_record (study, subject_id, record_id);
CREATE INDEX imednet_record_version ON imednet_record (study, version, record_id);

CREATE TABLE imednet_tombstone (
	study     INTEGER NOT NULL,
	record_id INTEGER NOT NULL,
	reason    TEXT    NOT NULL,
	listed    INTEGER NOT NULL,
	payload   TEXT    NOT NULL,
	PRIMARY KEY (study, record_id)
);

CREATE TABLE imednet_history (
	study       INTEGER NOT NULL,
	record_id   INTEGER NOT NULL,
	state       INTEGER NOT NULL,
	version     INTEGER NOT NULL,
	replaced    INTEGER NOT NULL,
	form_id     INTEGER,
	form_key    TEXT,
	site_id     INTEGER,
	interval_id INTEGER,
	visit_id    INTEGER,
	subject_id  INTEGER,
	subject_key TEXT,
	modified    INTEGER,
	payload     TEXT    NOT NULL,
	PRIMARY KEY (study, record_id, version)
);
CREATE INDEX imednet_history_version ON imednet_history (study, version, record_id);

CREATE TABLE imednet_version (
	study   INTEGER NOT NULL,
	version INTEGER NOT NULL,
	seen_at INTEGER,
	PRIMARY KEY (study, version)
) WITHOUT ROWID;

CREATE TABLE imednet_pending (
	study     INTEGER NOT NULL,
	record_id INTEGER NOT NULL,
	deleted   INTEGER NOT NULL,
	PRIMARY KEY (study, record_id)
) WITHOUT ROWID;

CREATE TABLE imednet_structure (
	study    INTEGER NOT NULL,
	resource TEXT    NOT NULL,
	row_id   INTEGER NOT NULL,
	payload  TEXT    NOT NULL,
	PRIMARY KEY (study, resource, row_id)
);

CREATE TABLE imednet_structure_sync (
	study     INTEGER NOT NULL,
	resource  TEXT    NOT NULL,
	synced_at INTEGER NOT NULL,
	PRIMARY KEY (study, resource)
) WITHOUT ROWID;

CREATE TABLE imednet_run (
	id       INTEGER PRIMARY KEY,
	study    INTEGER NOT NULL,
	kind     TEXT    NOT NULL,
	ended_at INTEGER NOT NULL,
	version  INTEGER NOT NULL,
	report   TEXT    NOT NULL
);

CREATE TABLE imednet_foreign (
	study_key TEXT    NOT NULL,
	record_id INTEGER NOT NULL,
	times     INTEGER NOT NULL,
	payload   TEXT,
	PRIMARY KEY (study_key, record_id)
) WITHOUT ROWID;

CREATE TABLE imednet_writer (active INTEGER NOT NULL);
`

// schema1Triggers are the triggers of the first schema.
const schema1Triggers = foreignInsert + foreignChanges

// foreignInsert and foreignChanges note what another program does to record_cache: which record, how often, and
// the payload that stood there before the first time. Our own transactions hold a row in
// imednet_writer, which silences them.
const foreignInsert = `
CREATE TRIGGER imednet_foreign_insert BEFORE INSERT ON record_cache
WHEN NOT EXISTS (SELECT 1 FROM imednet_writer) BEGIN
	INSERT INTO imednet_foreign (study_key, record_id, times, payload)
	VALUES (NEW.study_key, NEW.record_id, 1, (SELECT payload FROM record_cache WHERE study_key = NEW.study_key AND record_id = NEW.record_id))
	ON CONFLICT (study_key, record_id) DO UPDATE SET times = times + 1;
END;
`

const foreignChanges = `CREATE TRIGGER imednet_foreign_update BEFORE UPDATE ON record_cache
WHEN NOT EXISTS (SELECT 1 FROM imednet_writer) BEGIN
	INSERT INTO imednet_foreign (study_key, record_id, times, payload)
	VALUES (OLD.study_key, OLD.record_id, 1, OLD.payload)
	ON CONFLICT (study_key, record_id) DO UPDATE SET times = times + 1;
	INSERT INTO imednet_foreign (study_key, record_id, times, payload)
	VALUES (NEW.study_key, NEW.record_id, 1, NULL)
	ON CONFLICT (study_key, record_id) DO UPDATE SET times = times + 1;
END;
CREATE TRIGGER imednet_foreign_delete BEFORE DELETE ON record_cache
WHEN NOT EXISTS (SELECT 1 FROM imednet_writer) BEGIN
	INSERT INTO imednet_foreign (study_key, record_id, times, payload)
	VALUES (OLD.study_key, OLD.record_id, 1, OLD.payload)
	ON CONFLICT (study_key, record_id) DO UPDATE SET times = times + 1;
END;
`
