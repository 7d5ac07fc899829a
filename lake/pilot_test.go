package lake_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

func newTableReader(t arrow.Table) *array.TableReader { return array.NewTableReader(t, 4096) }

// TestPilotStudyIsAsTheGroundTruthSays: the tables of the pilot study's forms have as many rows as its
// source says active records there are, cell by cell as a fresh mapping, and PyIceberg reads the same.
func TestPilotStudyIsAsTheGroundTruthSays(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT does not name the pilot study")
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	w := worldOf(t, study, "")
	report := w.sync()
	t.Log(report)
	list := w.requireEqual(nil)
	document, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	require.NoError(t, err)
	var facts struct {
		RecordsPerForm map[string]struct{ Total, Deleted, Active int64 }
	}
	require.NoError(t, json.Unmarshal(document, &facts))
	require.NotEmpty(t, facts.RecordsPerForm)
	got := map[string]int64{}
	for _, table := range list.Tables {
		if table.FormKey != "" && table.Rows > 0 {
			got[table.FormKey] = table.Rows
		}
	}
	want := map[string]int64{}
	for form, n := range facts.RecordsPerForm {
		want[form] = n.Active
	}
	require.Equal(t, want, got)
	w.requirePython(list)
	_, err = w.lake.Tag(t.Context(), study.Key(), "pilot", 0)
	require.NoError(t, err)
}
