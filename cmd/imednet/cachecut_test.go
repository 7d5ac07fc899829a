package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
)

// TestADataCutOutlivesLaterSyncs makes a cut, goes on, reads the cut, and proves it.
func TestADataCutOutlivesLaterSyncs(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	manifest := s.ok("cache", "cut", "DEMO", "--name", "IA1")
	s.write("ia1.json", manifest)
	var m cache.Manifest
	require.NoError(t, json.Unmarshal([]byte(manifest), &m))
	require.Contains(t, m.Program, "imednet ")
	require.Len(t, m.Resources, 12)
	require.Contains(t, s.ok("cache", "cuts", "DEMO"), "IA1")
	require.Contains(t, s.ok("cache", "verify-cut", "DEMO", "--name", "IA1", "--manifest", "ia1.json"), "12 resources compared, 0 findings")
	s.ok("sync", "DEMO", "--sweep")
	s.ok("export", "DEMO", "--dir", "cut", "--cut", "IA1", "--format", "csv")
	s.ok("export", "DEMO", "--dir", "now", "--cached", "--format", "csv")
	one, err := os.ReadFile(filepath.Join(s.dir, "cut", "AE", "records_chunk_00001.csv"))
	require.NoError(t, err)
	other, err := os.ReadFile(filepath.Join(s.dir, "now", "AE", "records_chunk_00001.csv"))
	require.NoError(t, err)
	require.Equal(t, string(other), string(one))

	s.run(exitNotFound, "export", "DEMO", "--dir", "none", "--cut", "IA2")
	s.run(exitBusy, "cache", "cut", "DEMO", "--name", "IA1")
	s.run(exitBusy, "cache", "purge", "DEMO", "--reason", "ended", "--study")
	m.Program = "somebody else"
	forged, err := json.Marshal(m)
	require.NoError(t, err)
	s.write("forged.json", string(forged))
	s.run(exitInvalid, "cache", "verify-cut", "DEMO", "--name", "IA1", "--manifest", "forged.json")
	s.ok("cache", "purge", "DEMO", "--reason", "ended", "--study", "--break-cuts")
}
