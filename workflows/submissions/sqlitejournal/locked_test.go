package sqlitejournal_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestTheWholeFileIsReadWithoutTheLock: the question whether a file was edited takes the longer the more it holds,
// and another process may be sending meanwhile. It is answered while somebody else writes, so it keeps nobody
// from writing.
func TestTheWholeFileIsReadWithoutTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, entry := journalWithHistory(t, path)
	require.NoError(t, j.Close())
	storetest.WithoutGuards(t, path, `UPDATE submission_items SET intent_key = 'edited' WHERE item = 0`)

	writer, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate")
	require.NoError(t, err)
	defer writer.Close()
	tx, err := writer.Begin()
	require.NoError(t, err)
	defer tx.Rollback()

	lease := submissions.Lease{Holder: "p", For: time.Minute}
	reader := open(t, path)
	_, err = reader.Prepare(t.Context(), submissions.Preparation{
		ID: "another", StudyKey: "S", Author: "anna", Lease: lease, Items: []submissions.Item{{Kind: "new record", ContentHash: "2:0", Ordinal: 1, Payload: []byte(`{}`)}},
	})
	require.ErrorIs(t, err, submissions.ErrDamaged)
	_, err = reader.Take(t.Context(), entry.ID, lease)
	require.ErrorIs(t, err, submissions.ErrDamaged)
}
