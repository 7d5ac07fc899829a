package storetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Inspect runs the script of an inspection copy, which must find it intact or not, and returns what it
// says. Without a python3 it skips the test.
func Inspect(t *testing.T, dir string, intact bool, heads ...string) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to run the script")
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{filepath.Join(dir, "check.py"), dir}, heads...)...)
	out, err := cmd.CombinedOutput()
	require.Equal(t, intact, err == nil, "%s", out)
	require.NotContains(t, string(out), "SyntaxError")
	return string(out)
}

// SpoilCopy changes each of the files in turn, in its middle, removes it, and adds a stranger: the
// original script must find each.
func SpoilCopy(t *testing.T, dir string, files ...string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(dir, "check.py"))
	require.NoError(t, err)
	kept := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(kept, "check.py"), script, 0o600))
	found := func(what string) {
		python, err := exec.LookPath("python3")
		if err != nil {
			t.Skip("no python3 to run the script")
		}
		out, err := exec.CommandContext(t.Context(), python, filepath.Join(kept, "check.py"), dir).CombinedOutput()
		require.Error(t, err, "%s: %s", what, out)
	}
	for _, name := range files {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		spoiled := bytes.Clone(text)
		at := len(spoiled) / 2
		for spoiled[at] < '0' || spoiled[at] > '9' {
			at++
		}
		spoiled[at] ^= 1
		require.NoError(t, os.WriteFile(path, spoiled, 0o600))
		found(name + " changed")
		require.NoError(t, os.Remove(path))
		found(name + " removed")
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
	stranger := filepath.Join(dir, "stranger.txt")
	require.NoError(t, os.WriteFile(stranger, nil, 0o600))
	found("a stranger")
	require.NoError(t, os.Remove(stranger))
}
