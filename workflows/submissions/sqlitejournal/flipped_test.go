package sqlitejournal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// TestEveryFlippedBitIsFound: a journal damaged anywhere cannot be read, is found by Verify, or says the
// same. An index that lost an entry would let a record be sent twice.
func TestEveryFlippedBitIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	v, err := j.Verify(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, j.Close())
	before, err := shown(t.Context(), path)
	require.NoError(t, err)
	storetest.FlipBits(t, path, storetest.Flips(), func(at string) bool {
		j, err := sqlitejournal.Open(t.Context(), path, sqlitejournal.ReadOnly())
		if err != nil {
			return true
		}
		_, err = j.Verify(t.Context(), v.Head)
		require.NoError(t, j.Close())
		if err == nil {
			now, readErr := shown(t.Context(), path)
			require.True(t, readErr != nil || before == now, "%s changes what is shown", at)
		}
		return err != nil
	})
}

// TestVerifyMissesNoIndex: without an index of its own a journal would find no earlier record.
func TestVerifyMissesNoIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	require.NoError(t, j.Close())
	for name, statement := range map[string]string{
		"missing":  `DROP INDEX submission_items_content`,
		"replaced": `DROP INDEX submission_items_content; CREATE INDEX submission_items_content ON submission_items (study_key)`,
		"stale":    `PRAGMA writable_schema = 1; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'submission_items_open') WHERE name = 'submission_items_content'`,
	} {
		copied := storetest.Copy(t, path)
		storetest.Exec(t, copied, statement)
		forged, err := sqlitejournal.Open(t.Context(), copied)
		if err != nil {
			continue // found even earlier
		}
		_, err = forged.Verify(t.Context(), "")
		require.ErrorIs(t, err, submissions.ErrDamaged, name)
		require.NoError(t, forged.Close())
	}
}

// shown is everything that a reader of a journal sees, but for leases, which are no part of its history.
func shown(ctx context.Context, path string) (string, error) {
	j, err := sqlitejournal.Open(ctx, path, sqlitejournal.ReadOnly())
	if err != nil {
		return "", err
	}
	defer j.Close()
	entries, err := j.Entries(ctx, submissions.Query{})
	if err != nil {
		return "", err
	}
	items, err := j.Items(ctx, submissions.Query{})
	text := ""
	for _, e := range entries {
		e.Holder, e.LeaseUntil, e.Fence = "", time.Time{}, 0
		text += fmt.Sprintf("%+v\n", e)
	}
	for i := range items {
		text += fmt.Sprintf("%v %s %s %d\n", items[i], items[i].Payload, items[i].ServerMessage, items[i].RecordID)
	}
	return text, err
}
