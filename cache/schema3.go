package cache

// schema3 marks records whose deletion flag cannot be read, and remembers where the versions of a
// purged study ended, so that a follower of the former mirror is not misled.
const schema3 = `
ALTER TABLE imednet_record ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imednet_history ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;
CREATE INDEX imednet_record_doubtful ON imednet_record (study, record_id) WHERE doubtful = 1;

CREATE TABLE imednet_purged (
	study_key TEXT    NOT NULL PRIMARY KEY,
	version   INTEGER NOT NULL
) WITHOUT ROWID;
`
