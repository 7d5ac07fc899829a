package versioning

import (
	"context"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ErrNotEmpty means that a store to which another was to be copied has other content.
var ErrNotEmpty = audit.ErrNotEmpty

var copied = []audit.Table{
	{Name: "config_entries", Columns: entryColumns, Order: "study_key, sequence"},
	{Name: "config_commits", Columns: "commit_id, study_key, version_tag, config_data, modified_by, description, timestamp", Order: "rowid"},
	{Name: "dictionary_files", Columns: "sha256, content", Order: "sha256"},
}

// CopyFrom copies another store, in a file or in a database, to this one, which must be empty, or have the same
// rows from a copy before ([ErrNotEmpty]): every row as it is, hashes included. The other one is verified first, and both
// are compared row by row and by their heads afterwards. It returns the number of rows. Nobody should write
// to the other store meanwhile.
func (s *ConfigVersionStore) CopyFrom(ctx context.Context, from *ConfigVersionStore) (rows int64, err error) {
	if err := argument.Required("versioning.ConfigVersionStore.CopyFrom", "from", from); err != nil {
		return 0, err
	}
	was, err := from.Verify(ctx, VerifyOptions{})
	if err == nil {
		rows, err = audit.Copy(ctx, s.file, from.file, copied)
	}
	if err == nil {
		_, err = s.Verify(ctx, VerifyOptions{Heads: was.Heads})
	}
	return rows, wrap("copy", "", "", err)
}
