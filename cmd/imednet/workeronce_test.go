package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run that is not repeated fails if the ledger could not be told of it, and says so: whoever reads the mark would
// believe the data to be older than they are.
func TestARunThatTheLedgerDoesNotHaveFails(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	const foreign = `{"studyKey":"DEMO","mappings":[]}`
	for name, text := range map[string]string{"configuration.json": foreign, "damaged.json": `{"stud`, "empty.json": ""} {
		s.write(name, text)
		out, problem := s.run(exitFailure, "worker", "DEMO", "--once", "--stream", "mirror", "--ledger-path", name)
		require.Contains(t, out, "Synced 497 cached records for study 'DEMO'.", name)
		require.Contains(t, problem, "study DEMO was synced, but the ledger does not say so: ", name)
		require.Contains(t, problem, "the ledger is damaged", name)
		now, err := os.ReadFile(filepath.Join(s.dir, name))
		require.NoError(t, err)
		require.Equal(t, text, string(now))
	}
	s.ok("worker", "DEMO", "--once", "--stream", "mirror", "--ledger-path", "new.json")
	require.Contains(t, s.ok("state", "show", "--ledger-path", "new.json"), "DEMO | mirror | ")
}
