package versioning

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// applicationID is "IMCV": it marks a file as a store of configuration versions.
const applicationID = 0x494D4356

func fileConfig(path string, adopt bool) sqlite.Config {
	var unadopted error
	if !adopt {
		unadopted = ErrNotImported
	}

	return sqlite.Config{
		Path:          path,
		ApplicationID: applicationID,
		Foreign:       "config_commits",
		Unadopted:     unadopted,
		Adopt: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, pythonSchema)
			return err
		},
		Migrations: []string{chainSchema + guards.SQL()},
	}
}

// pythonSchema is what the Python package creates, to the letter, without its triggers, which the
// guards replace under the same names.
const pythonSchema = `
CREATE TABLE IF NOT EXISTS config_commits (
	commit_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, version_tag TEXT NOT NULL, config_data TEXT NOT NULL,
	modified_by TEXT NOT NULL, description TEXT NOT NULL, timestamp TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS idx_config_commits_study ON config_commits (study_key, timestamp);`

// chainSchema adds the chain of each study. A body is stored once, in config_commits, with what
// the entry that brought it says.
const chainSchema = `
CREATE TABLE config_entries (
	study_key TEXT NOT NULL, sequence INTEGER NOT NULL, entry_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
	commit_id TEXT NOT NULL, version_tag TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, timestamp TEXT NOT NULL,
	details TEXT NOT NULL, parent_hash TEXT NOT NULL, entry_hash TEXT NOT NULL,
	PRIMARY KEY (study_key, sequence)) STRICT, WITHOUT ROWID;
CREATE INDEX config_entries_commit ON config_entries (commit_id, study_key, sequence);
`

// guards keep both tables append-only. INSERT OR REPLACE deletes without firing a delete trigger,
// hence the conditions on INSERT, rowid included.
var guards = audit.Guards{
	audit.NewGuard("trg_config_commits_no_update", "UPDATE", "config_commits", "", "Configuration history is immutable and cannot be modified"),
	audit.NewGuard("trg_config_commits_no_delete", "DELETE", "config_commits", "", "Configuration history is immutable and cannot be deleted"),
	audit.NewGuard("trg_config_commits_no_replace", "INSERT", "config_commits",
		`EXISTS (SELECT 1 FROM config_commits WHERE commit_id = NEW.commit_id OR rowid = NEW.rowid)`,
		"Configuration history is immutable and cannot be replaced"),
	audit.NewGuard("config_entries_no_update", "UPDATE", "config_entries", "", "Configuration history is immutable and cannot be modified"),
	audit.NewGuard("config_entries_no_delete", "DELETE", "config_entries", "", "Configuration history is immutable and cannot be deleted"),
	audit.NewGuard("config_entries_append", "INSERT", "config_entries",
		`EXISTS (SELECT 1 FROM config_entries WHERE entry_id = NEW.entry_id)
			OR NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM config_entries WHERE study_key = NEW.study_key)
			OR NEW.parent_hash <> coalesce((SELECT entry_hash FROM config_entries WHERE study_key = NEW.study_key ORDER BY sequence DESC LIMIT 1), '')`,
		"Configuration history is append-only"),
}
