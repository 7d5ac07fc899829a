package versioning_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// The copy is proven by its own script alone; whatever is changed in it, and in the store before, the
// script finds.
func TestTheCopyProvesItself(t *testing.T) {
	path, heads := written(t)
	export := func(path string) string {
		dir := filepath.Join(t.TempDir(), "copy")
		e, err := open(t, path).ExportHistories(t.Context(), dir)
		require.NoError(t, err)
		require.Len(t, e.Heads, len(heads))
		return dir
	}
	dir := export(path)
	var lines []string
	for _, h := range heads {
		lines = append(lines, h.String())
	}
	storetest.Inspect(t, dir, true, lines...)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "meaning review, key ")
	files, err := filepath.Glob(filepath.Join(dir, "dictionary-*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	storetest.SpoilCopy(t, dir, "entries.ndjson", "bodies.ndjson", "index.html", "check.py", "manifest.json", filepath.Base(files[0]))

	forged := storetest.Copy(t, path)
	storetest.WithoutGuards(t, forged, `UPDATE config_commits SET config_data = replace(config_data, 'AETERM2', 'AETERM3')`)
	require.Contains(t, storetest.Inspect(t, export(forged), false), "was changed")
	storetest.WithoutGuards(t, forged, `UPDATE dictionary_files SET content = x'00' WHERE instr(content, x'e900')`)
	require.Contains(t, storetest.Inspect(t, export(forged), false), "file CHOICES.csv of entry S2 2 is missing or was changed")
}
