package cache

import "github.com/imednetgo/imednet/internal/audit"

// schema5 keeps a tombstone of every purge, and notes what was purged before there were tombstones.
var schema5 = `
CREATE TABLE imednet_purge (
	sequence  INTEGER PRIMARY KEY,
	statement TEXT    NOT NULL,
	hash      TEXT    NOT NULL,
	signature TEXT
);

CREATE TABLE imednet_purge_before (
	study_key TEXT    NOT NULL PRIMARY KEY,
	whole     INTEGER NOT NULL,
	version   INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO imednet_purge_before (study_key, whole, version)
	SELECT k.study_key, coalesce(p.version, 0), coalesce(s.purged, 0)
	FROM (SELECT study_key FROM imednet_purged UNION SELECT study_key FROM imednet_study WHERE purged > 0) k
	LEFT JOIN imednet_purged p ON p.study_key = k.study_key
	LEFT JOIN imednet_study s ON s.study_key = k.study_key;
` + purgeGuards.SQL(audit.SQLite)

// purgeGuards refuse what would rewrite the history of purges.
var purgeGuards = audit.Guards{
	audit.NewGuard("imednet_purge_update", "UPDATE", "imednet_purge", "", "tombstones of purges are never changed"),
	audit.NewGuard("imednet_purge_delete", "DELETE", "imednet_purge", "", "tombstones of purges are never removed"),
	audit.NewGuard("imednet_purge_before_insert", "INSERT", "imednet_purge_before", "", "former purges are noted once"),
	audit.NewGuard("imednet_purge_before_update", "UPDATE", "imednet_purge_before", "", "former purges are noted once"),
	audit.NewGuard("imednet_purge_before_delete", "DELETE", "imednet_purge_before", "", "former purges are noted once"),
}
