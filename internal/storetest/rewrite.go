package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// RewriteCopy changes a copy in ways that its manifest, written anew, agrees with: what a file says, with a manifest
// that describes another log, and lines that read differently elsewhere. The script that was kept, given the heads that
// were, must find each.
func RewriteCopy(t *testing.T, dir string, heads []string, files ...string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to run the script")
	}
	kept := filepath.Join(t.TempDir(), "check.py")
	script, err := os.ReadFile(filepath.Join(dir, "check.py"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(kept, script, 0o600))
	check := func(dir string) ([]byte, error) {
		return exec.CommandContext(t.Context(), python, append([]string{"-IS", kept, dir}, heads...)...).CombinedOutput()
	}
	attempt := func(what string, forge func(c *rewritten)) {
		c := rewrite(t, dir)
		forge(c)
		c.finish(t)
		said, err := check(c.dir)
		require.Error(t, err, "%s: %s", what, said)
		require.NotContains(t, string(said), "SyntaxError")
	}
	c := rewrite(t, dir)
	c.finish(t)
	said, err := check(c.dir)
	require.NoError(t, err, "nothing was forged: %s", said)
	for _, name := range files {
		attempt(name+": a member more", func(c *rewritten) { c.edit(t, name, "{", `{"note":"approved",`) })
		attempt(name+": a member twice", func(c *rewritten) { c.edit(t, name, "{", `{"study_key":"OTHER",`) })
		attempt(name+": a line without an end", func(c *rewritten) { c.add(t, name, `{"note":"approved"}`) })
		attempt(name+" changed, and a manifest that asks for nothing", func(c *rewritten) {
			c.flip(t, name)
			c.manifest["chain"] = map[string]any{"file": files[0], "fields": []any{}, "rows": []any{}}
		})
	}
	attempt("another store", func(c *rewritten) { c.manifest["store"] = "another" })
	attempt("no heads", func(c *rewritten) { c.manifest["heads"] = []any{} })
	attempt("heads of another kind", func(c *rewritten) {
		heads := c.manifest["heads"].([]any)
		heads[0] = "another" + heads[0].(string)
	})
	attempt("a link in place of a file", func(c *rewritten) {
		path, elsewhere := filepath.Join(c.dir, files[0]), filepath.Join(t.TempDir(), "elsewhere")
		require.NoError(t, os.Rename(path, elsewhere))
		require.NoError(t, os.Symlink(elsewhere, path))
	})
	blank := rewrite(t, dir)
	blank.finish(t)
	blank.add(t, "manifest.json", " ")
	said, err = check(blank.dir)
	require.Error(t, err, "white space in the manifest: %s", said)
	attempt("the log beside another that the manifest names", func(c *rewritten) {
		text, err := os.ReadFile(filepath.Join(c.dir, files[0]))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(c.dir, "other.ndjson"), text, 0o600))
		c.manifest["files"].(map[string]any)["other.ndjson"], c.manifest["chain"] = "", map[string]any{"file": "other.ndjson"}
		c.flip(t, files[0])
	})
}

// rewritten is a copy of a copy, which is being forged.
type rewritten struct {
	dir      string
	manifest map[string]any
}

func rewrite(t *testing.T, dir string) *rewritten {
	t.Helper()
	c := &rewritten{dir: t.TempDir()}
	require.NoError(t, os.CopyFS(c.dir, os.DirFS(dir)))
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &c.manifest))
	return c
}

// edit replaces the first such text of a file.
func (c *rewritten) edit(t *testing.T, name, before, after string) {
	t.Helper()
	path := filepath.Join(c.dir, name)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte(before), []byte(after), 1), 0o600))
}

func (c *rewritten) add(t *testing.T, name, tail string) {
	t.Helper()
	path := filepath.Join(c.dir, name)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(text, tail...), 0o600))
}

// flip changes a digit in the middle of a file.
func (c *rewritten) flip(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join(c.dir, name)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	at := len(text)/2 + bytes.IndexAny(text[len(text)/2:], "0123456789")
	text[at] ^= 1
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

// finish writes the manifest with the hashes of the files as they are now.
func (c *rewritten) finish(t *testing.T) {
	t.Helper()
	files := c.manifest["files"].(map[string]any)
	for _, name := range slices.Collect(maps.Keys(files)) {
		text, err := os.ReadFile(filepath.Join(c.dir, name))
		require.NoError(t, err)
		sum := sha256.Sum256(text)
		files[name] = hex.EncodeToString(sum[:])
	}
	c.write(t)
}

// write writes the manifest as a copy has it, with members more behind its own.
func (c *rewritten) write(t *testing.T) {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(struct {
		Store any `json:"store"`
		Heads any `json:"heads"`
		Files any `json:"files"`
		Chain any `json:"chain,omitempty"`
	}{c.manifest["store"], c.manifest["heads"], c.manifest["files"], c.manifest["chain"]}))
	require.NoError(t, os.WriteFile(filepath.Join(c.dir, "manifest.json"), text.Bytes(), 0o600))
}
