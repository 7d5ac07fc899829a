package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

// TestRemoveTakesTheDataSetAndNothingElse.
func TestRemoveTakesTheDataSetAndNothingElse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	recipe := pipeline.Recipe{Plan: "nightly", Output: "tables", Settings: "ab"}
	for _, prefix := range []string{"records", "other"} {
		m, err := newPipeline(t).WriteNDJSON(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{Prefix: prefix, Recipe: recipe})
		require.NoError(t, err)
		require.Equal(t, recipe, m.Recipe)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "note.txt"), []byte("mine"), 0o600))
	temporary := filepath.Join(dir, ".records_chunk_00001.ndjson.7.tmp")
	require.NoError(t, os.WriteFile(temporary, nil, 0o600))

	require.NoError(t, pipeline.Remove(dir, "records"))
	_, err := pipeline.ReadManifest(dir, "records")
	require.ErrorIs(t, err, os.ErrNotExist)
	other, err := pipeline.ReadManifest(dir, "other")
	require.NoError(t, err)
	require.NoError(t, other.Verify(dir), "the data set beside it is whole")
	require.Equal(t, recipe, other.Recipe)
	require.NoFileExists(t, temporary)
	require.ElementsMatch(t, append(listed(other), "_other_manifest.json", "note.txt"), filesIn(t, dir))

	require.NoError(t, os.Remove(filepath.Join(dir, "note.txt")))
	require.NoError(t, pipeline.Remove(dir, "other"))
	require.NoDirExists(t, dir)
	require.NoError(t, pipeline.Remove(dir, "other"), "removing what is not there")
}

// TestRemoveThatWasKilled: a note that says what to remove, and no manifest, is what a kill leaves.
func TestRemoveThatWasKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	m, err := newPipeline(t).WriteNDJSON(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{})
	require.NoError(t, err)
	note := `{"generation": 2, "placed": ["` + m.Tables[0].Files[0].Path + `"], "replaced": []}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "_records_commit.json"), []byte(note), 0o600))
	_, err = pipeline.Recover(dir, "")
	require.NoError(t, err)
	require.NoError(t, m.Verify(dir), "killed before the manifest went: everything is there")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "_records_commit.json"), []byte(note), 0o600))
	require.NoError(t, os.Remove(filepath.Join(dir, "_records_manifest.json")))
	require.NoError(t, pipeline.Remove(dir, ""))
	require.NoFileExists(t, filepath.Join(dir, m.Tables[0].Files[0].Path), "killed after it: the rest goes")
}

// TestRemoveWaitsForNoWriter.
func TestRemoveWaitsForNoWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	p := newPipeline(t)
	_, err := p.WriteTables(t.Context(), "DEMO", dir, pipeline.NDJSON, nil, pipeline.TableOptions{}, func(*pipeline.TableWriter) error {
		require.ErrorIs(t, pipeline.Remove(dir, ""), pipeline.ErrBusy)
		return context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
}
