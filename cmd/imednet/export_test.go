package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

func TestExport(t *testing.T) {
	s := newShell(t)
	for _, format := range []string{"parquet", "csv", "ndjson"} {
		out := s.ok("export", "DEMO", "--dir", format, "--format", format)
		require.Contains(t, out, "500 records = 497 rows in "+format+" + 0 rejected + 3 deleted")
		manifest, err := pipeline.ReadManifest(filepath.Join(s.dir, format), "")
		require.NoError(t, err)
		require.NoError(t, manifest.Verify(filepath.Join(s.dir, format)))
		require.Equal(t, pipeline.Format(format), manifest.Format)
	}
}

func TestExportDeidentified(t *testing.T) {
	s := newShell(t)
	s.write("secret", "sixteen bytes or more")
	var manifest pipeline.Manifest
	for _, layout := range []string{"forms", "wide", "hive", "hive-forms"} {
		s.json(&manifest, "export", "DEMO", "--dir", "safe-"+layout, "--layout", layout, "--forms", "DM", "--deidentify-key-file", "secret", "--phi", "DM.AGE")
		require.True(t, manifest.Deidentified)
		require.Equal(t, pipeline.Layout(layout), manifest.Layout)
	}
	s.run(exitNotFound, "export", "DEMO", "--dir", "safe", "--deidentify-key-file", "missing")
	for _, flag := range []string{"--phi", "--free-text", "--ages"} {
		_, problem := s.run(exitInvalid, "export", "DEMO", "--dir", "safe", "--deidentify-key-file", "secret", flag, "DM.AEG")
		require.Contains(t, problem, "DM.AEG: the study has no such variable", "a misspelt name would protect nothing")
	}
}

func TestExportWide(t *testing.T) {
	s := newShell(t)
	s.ok("export", "DEMO", "--dir", "out", "--format", "csv")
	require.FileExists(t, filepath.Join(s.dir, "out", "AE", "records_chunk_00001.csv"))
	out := s.ok("export", "DEMO", "--dir", "out", "--format", "csv", "--layout", "wide", "--include-deleted")
	require.Contains(t, out, "all forms  500   1\n")
	require.Contains(t, out, "500 records = 500 rows in out")
	require.Contains(t, out, "values did not fit, listed in "+filepath.Join("out", "_records_rejects.r2.jsonl"))
	require.NoDirExists(t, filepath.Join(s.dir, "out", "AE"))
	require.NoFileExists(t, filepath.Join(s.dir, "out", "_records_rejects.jsonl"), "the second export takes the place of the first")
	wide, err := filepath.Glob(filepath.Join(s.dir, "out", "records_chunk_00001*.csv"))
	require.NoError(t, err)
	require.Len(t, wide, 1)
	table, err := os.ReadFile(wide[0])
	require.NoError(t, err)
	require.Contains(t, string(table), ",deleted,", "deleted records can be told apart")

	s.ok("export", "DEMO", "--dir", "out", "--format", "csv", "--prefix", "other")
	require.FileExists(t, filepath.Join(s.dir, "out", "AE", "other_chunk_00001.csv"))
	require.FileExists(t, wide[0], "another prefix is another export")
	for _, flags := range [][]string{{"--layout", "tall"}, {"--format", "xls"}, {"--file-rows", "0"}} {
		_, problem := s.run(exitUsage, append([]string{"export", "DEMO", "--dir", "out"}, flags...)...)
		require.Contains(t, problem, flags[0])
	}
	s.run(exitInvalid, "export", "DEMO", "--dir", "out", "--prefix", "../up")
	_, problem := s.run(exitInvalid, "export", "DEMO", "--dir", "out", "--strict")
	require.Contains(t, problem, "Hint: the directory is as it was before\n")
}
