package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const duckSettings = `SELECT current_setting('memory_limit') AS memory, current_setting('temp_directory') AS temp`

// A warehouse in memory would lose everything without a word.
func TestAWarehouseIsAFile(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	for _, name := range []string{":memory:", ":MEMORY:x"} {
		_, problem := s.run(exitUsage, "warehouse", "ingest", "DEMO", "--db", name)
		require.Contains(t, problem, "name a file")
	}
}

func TestDuckDBKeepsToItsLimits(t *testing.T) {
	s := newShell(t)
	s.ok("warehouse", "ingest", "DEMO", "--memory-limit", "400MB")
	temp := filepath.Join(t.TempDir(), "spilled")
	var rows []struct{ Memory, Temp string }
	s.json(&rows, "warehouse", "query", duckSettings, "--memory-limit", "400MB", "--temp-dir", temp)
	require.Equal(t, "381.4 MiB", rows[0].Memory)
	require.Equal(t, temp, rows[0].Temp)

	s.write("c.yaml", "warehouseMemory: 300MB\nwarehouseTemp: "+temp+"\n")
	s.json(&rows, "warehouse", "query", duckSettings, "--config", "c.yaml")
	require.Equal(t, "286.1 MiB", rows[0].Memory)
	require.Equal(t, temp, rows[0].Temp)
	s.json(&rows, "warehouse", "query", duckSettings, "--config", "c.yaml", "--memory-limit", "200MB")
	require.Equal(t, "190.7 MiB", rows[0].Memory, "a flag wins over the file")
	_, problem := s.run(exitInvalid, "warehouse", "query", "SELECT 1", "--memory-limit", "much")
	require.Contains(t, problem, "512MB")
}

func TestTooLittleMemoryNamesTheFlag(t *testing.T) {
	s := newShell(t)
	s.ok("warehouse", "ingest", "DEMO")
	for _, command := range [][]string{
		{"warehouse", "ingest", "DEMO", "--replace"}, {"warehouse", "silver", "DEMO"},
		{"warehouse", "query", "SELECT list(sha256(i::VARCHAR)) FROM range(1000000) t(i)"},
	} {
		_, problem := s.run(exitFailure, append(command, "--memory-limit", "5MB")...)
		require.Contains(t, problem, "DuckDB needs more memory than it may use", command)
		require.Contains(t, problem, "--memory-limit 1GB", command)
		require.NotContains(t, problem, "SET ", command)
	}
	s.ok("warehouse", "silver", "DEMO", "--memory-limit", "400MB")
}
