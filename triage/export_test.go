package triage_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// exported is an inspection copy of a store with every kind of entry.
func exported(t *testing.T, path string) (dir string, e triage.Export) {
	t.Helper()
	s, err := triage.NewTriageStore(t.Context(), path, triage.WithoutCheck())
	require.NoError(t, err)
	defer s.Close()
	dir = filepath.Join(t.TempDir(), "copy")
	e, err = s.ExportLog(t.Context(), dir)
	require.NoError(t, err)
	return dir, e
}

// The copy is proven by its own script alone; whatever is changed in it, and in the store before, the
// script finds.
func TestTheCopyProvesItself(t *testing.T) {
	path, head := reviewed(t)
	dir, e := exported(t, path)
	require.Equal(t, head, e.Head)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.EqualValues(t, 0o700, info.Mode().Perm())
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "meaning approval, key ")
	require.Contains(t, string(page), head.String())

	storetest.Inspect(t, dir, true, head.String())
	storetest.Inspect(t, dir, false, "imednet-triage-head/1 99 "+head.Hash)
	storetest.SpoilCopy(t, dir, "events.ndjson", "index.html", "check.py", "manifest.json")
	storetest.RewriteCopy(t, dir, []string{head.String()}, "events.ndjson")

	forged := storetest.Copy(t, path)
	storetest.WithoutGuards(t, forged, `UPDATE triage_events SET user_id = 'mallory' WHERE sequence = 9`)
	spoiled, _ := exported(t, forged)
	require.Contains(t, storetest.Inspect(t, spoiled, false), "entry  9 is not what was written")
}

func TestTheScriptIsShort(t *testing.T) {
	dir, _ := exported(t, newPath(t))
	text, err := os.ReadFile(filepath.Join(dir, "check.py"))
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(text), "\n"), 52, "whoever inspects a copy can read it")
	if _, err := exec.LookPath("python3"); err == nil {
		storetest.Inspect(t, dir, true)
	}
}

// What somebody puts into a copy, or takes out of it, is found also where the manifest was written anew.
func TestAManifestBringsNothingIntoACopy(t *testing.T) {
	for says, change := range map[string]func(t *testing.T, dir string, files map[string]string){
		"dictionary-0 is not of this copy": func(t *testing.T, dir string, files map[string]string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "dictionary-0"), []byte("x"), 0o600))
			files["dictionary-0"] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
		},
		"index.html is missing": func(t *testing.T, dir string, files map[string]string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "index.html")))
			delete(files, "index.html")
		},
	} {
		dir, _ := exported(t, newPath(t))
		path := filepath.Join(dir, "manifest.json")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var manifest struct {
			Store string            `json:"store"`
			Heads []string          `json:"heads"`
			Files map[string]string `json:"files"`
		}
		require.NoError(t, json.Unmarshal(text, &manifest))
		change(t, dir, manifest.Files)
		text, err = json.Marshal(manifest)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
		require.Contains(t, storetest.Inspect(t, dir, false), says)
	}
}
