package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/pipeline"
)

func output(t *testing.T, keyFile, keep string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, keyFile, keep))
	return out.String()
}

func TestOutput(t *testing.T) {
	want, err := os.ReadFile("testdata/output.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), output(t, "testdata/secret.key", ""))
}

func TestTheKeyIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	key, export := filepath.Join(dir, "secret.key"), filepath.Join(dir, "export")
	first := output(t, key, export)
	info, err := os.Stat(key)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Equal(t, first, output(t, key, export), "the same key gives the same pseudonyms")
	require.NotEqual(t, first, output(t, "", ""), "a new key gives other ones")

	manifest, err := pipeline.ReadManifest(export, "")
	require.NoError(t, err)
	require.True(t, manifest.Deidentified)
	require.NoError(t, manifest.Verify(export))
}

func TestAShortKeyIsRefused(t *testing.T) {
	key := filepath.Join(t.TempDir(), "secret.key")
	require.NoError(t, os.WriteFile(key, []byte("short"), 0o600))
	var out strings.Builder
	var refused *imednet.ValidationError
	require.ErrorAs(t, run(t.Context(), &out, key, ""), &refused)
	require.Empty(t, out.String())
}
