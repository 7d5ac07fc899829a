package versioning_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	storetest.Inspect(t, dir, true, strings.Join(lines, "\n"))
	wrong := slices.Clone(lines)
	wrong[0] = strings.Replace(wrong[0], lines[0][len(lines[0])-8:], "00000000", 1)
	require.Contains(t, storetest.Inspect(t, dir, false, strings.Join(wrong, "\n")), "the log lacks the entry of the head")
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "meaning review, key ")
	files, err := filepath.Glob(filepath.Join(dir, "dictionary-*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	storetest.SpoilCopy(t, dir, "entries.ndjson", "bodies.ndjson", "index.html", "check.py", "manifest.json", filepath.Base(files[0]))
	storetest.RewriteCopy(t, dir, lines, "entries.ndjson", "bodies.ndjson")

	forged := storetest.Copy(t, path)
	storetest.WithoutGuards(t, forged, `UPDATE config_commits SET config_data = replace(config_data, 'AETERM2', 'AETERM3')`)
	require.Contains(t, storetest.Inspect(t, export(forged), false), "was changed")
	storetest.WithoutGuards(t, forged, `UPDATE dictionary_files SET content = x'00' WHERE instr(content, x'e900')`)
	require.Contains(t, storetest.Inspect(t, export(forged), false), "file CHOICES.csv of entry S2 2 is missing or was changed")
}

// Whoever changes a body's study, removes a body or adds one, and writes the new hash into the manifest, is found too.
func TestTheCopyHasTheBodiesOfItsEntries(t *testing.T) {
	path, _ := written(t)
	dir := filepath.Join(t.TempDir(), "copy")
	_, err := open(t, path).ExportHistories(t.Context(), dir)
	require.NoError(t, err)
	bodies, err := os.ReadFile(filepath.Join(dir, "bodies.ndjson"))
	require.NoError(t, err)
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	lines := strings.SplitAfter(strings.TrimSuffix(string(bodies), "\n"), "\n")
	require.Greater(t, len(lines), 1)
	sum := func(text string) string { h := sha256.Sum256([]byte(text)); return hex.EncodeToString(h[:]) }
	for says, changed := range map[string]string{
		"is missing":   strings.Join(lines[1:], "") + "\n",
		"was changed":  strings.Replace(string(bodies), `"study_key":"`, `"study_key":"X`, 1),
		"was changed ": string(bodies) + `{"body":"{}","commit_id":"` + sum("{}") + `","study_key":"S"}` + "\n",
	} {
		require.NotEqual(t, string(bodies), changed)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bodies.ndjson"), []byte(changed), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(strings.Replace(string(manifest), sum(string(bodies)), sum(changed), 1)), 0o600))
		require.Contains(t, storetest.Inspect(t, dir, false), strings.TrimSpace(says))
	}
}
