//go:build cgo

package ledger_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/ledger"
)

// A SQLite ledger damaged anywhere either cannot be read, is not intact, or says the same.
func TestEveryFlippedBitOfTheSQLiteFileIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.sqlite3")
	use := func(do func(*ledger.ExtractionStateLedger) error) error {
		store, err := ledger.OpenSQLite(t.Context(), path)
		if err != nil {
			return err
		}
		err = do(newLedger(t, store, ledger.WithAuthor(anna)))
		require.NoError(t, store.Close())
		return err
	}
	var head string
	require.NoError(t, use(func(l *ledger.ExtractionStateLedger) error {
		for _, stream := range []string{"records", "queries"} {
			require.NoError(t, l.Advance(t.Context(), "S", stream, imednet.Watermark{Time: noon, Records: 3}))
		}
		v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
		head = v.Head
		return err
	}))
	shown := func() (text string) {
		require.NoError(t, use(func(l *ledger.ExtractionStateLedger) error {
			for _, stream := range []string{"records", "queries"} {
				entry, err := entryOf(t, l, "S", stream).MarshalJSON()
				require.NoError(t, err)
				text += string(entry)
			}
			return nil
		}))
		return text
	}
	want := shown()
	storetest.FlipBits(t, path, storetest.Flips(), func(at string) bool {
		err := use(func(l *ledger.ExtractionStateLedger) error {
			_, err := l.Verify(t.Context(), ledger.VerifyOptions{Head: head})
			return err
		})
		if err == nil {
			require.Equal(t, want, shown(), at)
		}
		return err != nil
	})
}
