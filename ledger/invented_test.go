package ledger_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// An entry that is put into the file beside those of the runs is found, unless it is one of the Python package, which
// writes no history. It would say that data were processed which nobody has read.
func TestAnEntryThatNoRunLeftIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	l := newLedger(t, openFile(t, path))
	ran(t, l, 1, 3)
	_, err := l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var document struct {
		Studies map[string]struct {
			Streams map[string]map[string]any `json:"streams"`
		} `json:"studies"`
	}
	require.NoError(t, json.Unmarshal(text, &document))
	for key, study := range document.Studies {
		for stream, entry := range study.Streams {
			study.Streams["invented"] = entry
			text, err = json.MarshalIndent(document, "", "  ")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, text, 0o600))
			v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
			require.ErrorIs(t, err, ledger.ErrIntegrity, stream)
			require.Equal(t, []imednet.Problem{{Path: "entries/" + key + "/invented", Message: "was left by no run of the history"}}, v.Problems)
			return
		}
	}
	require.Fail(t, "the ledger has an entry")
}
