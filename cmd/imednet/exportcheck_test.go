package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

func TestExportCheck(t *testing.T) {
	s := newShell(t)
	for _, layout := range []string{"forms", "wide", "hive", "hive-forms"} {
		s.ok("export", "DEMO", "--dir", layout, "--layout", layout, "--format", "csv", "--forms", "DM")
		for _, flags := range [][]string{nil, {"--layout", layout}, {"--layout", "hive"}} {
			out := s.ok(append([]string{"export", "DEMO", "--dir", layout, "--check"}, flags...)...)
			require.Contains(t, out, "every file of generation 1", "%s, %v", layout, flags)
		}
		var manifest pipeline.Manifest
		s.json(&manifest, "export", "DEMO", "--dir", layout, "--check")
		require.Equal(t, pipeline.Layout(layout), manifest.Layout)

		s.run(exitNotFound, "export", "DEMO", "--dir", layout, "--check", "--prefix", "other")
		_, problem := s.run(exitNotFound, "export", "demo", "--dir", layout, "--check")
		require.NotContains(t, problem, "matches")

		dir := pipeline.DataSetDir(filepath.Join(s.dir, layout), pipeline.Layout(layout), "DEMO")
		file := filepath.Join(dir, manifest.Tables[0].Files[0].Path)
		require.NoError(t, os.WriteFile(file, []byte("changed"), 0o600))
		_, problem = s.run(exitFailure, "export", "DEMO", "--dir", layout, "--check")
		require.Contains(t, problem, manifest.Tables[0].Files[0].Path)
	}
	_, problem := s.run(exitNotFound, "export", "DEMO", "--dir", "nothing", "--check")
	require.Contains(t, problem, filepath.Join("nothing", "_records_manifest.json"))
}
