package cache

// schema4 keeps every other resource of a study as the records are kept: current rows, former states
// and what the server no longer lists, all under the study's one version; and data cuts.
const schema4 = `
CREATE TABLE imednet_resource (
	id         INTEGER PRIMARY KEY,
	study      INTEGER NOT NULL,
	name       TEXT    NOT NULL,
	since      INTEGER,
	top        INTEGER NOT NULL DEFAULT 0,
	mark       INTEGER,
	listed     INTEGER NOT NULL DEFAULT 0,
	vanished   INTEGER NOT NULL DEFAULT 0,
	changed_at INTEGER,
	refused_at INTEGER,
	UNIQUE (study, name)
);

CREATE TABLE imednet_row (
	resource  INTEGER NOT NULL,
	row_id    BLOB    NOT NULL,
	state     INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	record_id INTEGER,
	payload   TEXT    NOT NULL,
	PRIMARY KEY (resource, row_id)
) WITHOUT ROWID;
CREATE INDEX imednet_row_version ON imednet_row (resource, version);
CREATE INDEX imednet_row_record ON imednet_row (resource, record_id) WHERE record_id IS NOT NULL;

CREATE TABLE imednet_row_history (
	resource  INTEGER NOT NULL,
	row_id    BLOB    NOT NULL,
	state     INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	replaced  INTEGER NOT NULL,
	record_id INTEGER,
	payload   TEXT    NOT NULL,
	PRIMARY KEY (resource, row_id, version)
) WITHOUT ROWID;
CREATE INDEX imednet_row_history_version ON imednet_row_history (resource, version);

CREATE TABLE imednet_cut (
	study    INTEGER NOT NULL,
	name     TEXT    NOT NULL,
	version  INTEGER NOT NULL,
	made_at  INTEGER NOT NULL,
	manifest TEXT    NOT NULL,
	PRIMARY KEY (study, name)
);

INSERT INTO imednet_resource (study, name, since, changed_at)
	SELECT y.study, y.resource, s.version, y.synced_at FROM imednet_structure_sync y JOIN imednet_study s ON s.id = y.study;
INSERT INTO imednet_resource (study, name, since)
	SELECT id, 'records', version FROM imednet_study WHERE phase = 2;
INSERT INTO imednet_row (resource, row_id, state, version, payload)
	SELECT r.id, t.row_id, 0, r.since, t.payload FROM imednet_structure t JOIN imednet_resource r ON r.study = t.study AND r.name = t.resource;
UPDATE imednet_resource SET listed = (SELECT count(*) FROM imednet_row WHERE resource = id), top = (SELECT coalesce(max(row_id), 0) FROM imednet_row WHERE resource = id)
	WHERE name <> 'records';
DROP TABLE imednet_structure;
DROP TABLE imednet_structure_sync;
`
