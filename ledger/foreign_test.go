package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// A JSON file of another kind, such as a manifest, a policy or a study configuration, is no ledger: nothing is written
// to it, whatever is asked.
func TestAFileOfAnotherKindIsNoLedger(t *testing.T) {
	const entry = `{"studies":{"A":{"streams":{"records":{"last_timestamp":"2026-01-31T00:00:00Z"}}}}}`
	for _, foreign := range []string{
		`{"studyKey":"DEMO","mappings":[]}`, `{"files":{},"heads":[]}`, `{"roles":{}}`, `{"studies":null,"roles":{}}`, `{"study":{"A":{}}}`,
		`[]`, `"ledger"`, `1`, `{"studies":["A"]}`, `{"studies":{"A":"B"}}`,
	} {
		path := filepath.Join(t.TempDir(), "file.json")
		require.NoError(t, os.WriteFile(path, []byte(foreign), 0o600))
		l := newLedger(t, openFile(t, path))
		mark := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
		calls := map[string]func() error{
			"set":     func() error { return l.SetLastTimestamp(t.Context(), "A", "records", mark, ledger.SetOptions{}) },
			"advance": func() error { return l.Advance(t.Context(), "A", "records", imednet.Watermark{Time: mark}) },
			"import": func() error {
				_, err := l.Import(t.Context(), strings.NewReader(entry), ledger.ImportOptions{})
				return err
			},
			"verify": func() error { _, err := l.Verify(t.Context(), ledger.VerifyOptions{}); return err },
		}
		for what, call := range calls {
			require.ErrorIs(t, call(), ledger.ErrDamaged, "%s %s", what, foreign)
			now, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, foreign, string(now), what)
		}
	}
	for _, empty := range []string{`{}`, `{"studies":{}}`, `{"studies":null}`, `{"studies":{},"version":1}`} {
		path := filepath.Join(t.TempDir(), "file.json")
		require.NoError(t, os.WriteFile(path, []byte(empty), 0o600))
		_, err := newLedger(t, openFile(t, path)).Verify(t.Context(), ledger.VerifyOptions{})
		require.NoError(t, err, empty)
	}
}
