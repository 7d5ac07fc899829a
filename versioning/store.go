package versioning

import (
	"context"

	"github.com/imednetgo/imednet/internal/audit"
)

// ConfigVersionStore is the history of study configurations in a SQLite file or in a database. It is
// safe for concurrent use, and several processes can use the same one.
type ConfigVersionStore struct {
	settings
	file *audit.Store
}

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists. A store in a database has no file.
func (s *ConfigVersionStore) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", "", s.file.Backup(ctx, path))
}

// Close closes the file. Calls under way end with an error. A database stays open for other stores.
func (s *ConfigVersionStore) Close() error { return s.file.Close() }
