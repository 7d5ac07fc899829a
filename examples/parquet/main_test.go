package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

func output(t *testing.T, data, keep string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, data, keep))
	return out.String()
}

func golden(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

func TestGeneratedStudy(t *testing.T) {
	require.Equal(t, golden(t, "generated.txt"), output(t, "", ""))
}

func TestPilotStudy(t *testing.T) {
	data := os.Getenv("IMEDNET_PILOT")
	if data == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	require.Equal(t, golden(t, "pilot.txt"), output(t, data, ""))
}

func TestWhatIsKept(t *testing.T) {
	dir := t.TempDir()
	output(t, "", dir)
	require.FileExists(t, filepath.Join(dir, "plan.json"))
	second := filepath.Join(dir, "second")
	m, err := pipeline.ReadManifest(second, "")
	require.NoError(t, err)
	require.NoError(t, m.Verify(second))

	damaged := filepath.Join(second, "AE", "records_chunk_00001.parquet")
	content, err := os.ReadFile(damaged)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(damaged, content, 0o600))
	require.ErrorContains(t, m.Verify(second), "AE/records_chunk_00001.parquet: differs from what its manifest says")
}

func TestAMissingFolderIsNamed(t *testing.T) {
	var out strings.Builder
	require.ErrorContains(t, run(t.Context(), &out, "no-such-folder", ""), "no-such-folder")
	require.Empty(t, out.String())
}
