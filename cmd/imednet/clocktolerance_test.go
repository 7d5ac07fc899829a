package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
)

// After a clock was set forward and back, entries are written with the configuration file's leave alone. They have the
// time of the one before them and say what the clock said, and the logs are intact.
func TestAClockThatWasSetForwardIsGotOver(t *testing.T) {
	s := newShell(t)
	s.write("found.json", twoFindings)
	s.write("b.json", `{"studyKey": "S1", "version": "2.0.0"}`)
	ahead := storetest.NewClock()
	ahead.Advance(time.Now().Add(30 * time.Hour).Sub(ahead.Now()))
	queue, err := triage.NewTriageStore(t.Context(), filepath.Join(s.dir, ".imednet", "triage.sqlite3"), triage.WithClock(ahead))
	require.NoError(t, err)
	_, err = queue.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S1", Severity: "HIGH", UserID: "checks"})
	require.NoError(t, err)
	require.NoError(t, queue.Close())
	history, err := versioning.NewConfigVersionStore(t.Context(), filepath.Join(s.dir, ".imednet", "config_versions.sqlite3"), versioning.WithClock(ahead))
	require.NoError(t, err)
	first, err := imednet.ParseStudyConfiguration([]byte(`{"studyKey": "S1", "version": "1.0.0"}`), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	_, err = history.CommitConfig(t.Context(), "S1", &first, versioning.CommitOptions{Author: "anna", Reason: "first"})
	require.NoError(t, err)
	require.NoError(t, history.Close())

	write := []string{"triage", "annotate", "a", "seen", "--user", "anna"}
	_, problem := s.run(exitInvalid, write...)
	require.Contains(t, problem, "clockTolerance in the configuration file")
	s.write("brief.yaml", "clockTolerance: 29h\n")
	s.run(exitInvalid, append(write, "--config", "brief.yaml")...)
	s.write("wrong.yaml", "clockTolerance: -1h\n")
	s.run(exitUsage, append(write, "--config", "wrong.yaml")...)
	s.write("long.yaml", "clockTolerance: 31h\n")
	s.ok(append(write, "--config", "long.yaml")...)
	var log []struct {
		Timestamp time.Time
		Change    struct {
			ClockAt time.Time `json:"clock_at"`
		}
	}
	s.json(&log, "triage", "log")
	require.Len(t, log, 2)
	require.Equal(t, log[0].Timestamp, log[1].Timestamp)
	require.InDelta(t, 30*time.Hour, log[1].Timestamp.Sub(log[1].Change.ClockAt), float64(time.Minute))
	s.ok("triage", "verify")

	commit := []string{"config", "commit", "S1", "b.json", "-m", "second", "--author", "anna"}
	_, problem = s.run(exitInvalid, commit...)
	require.Contains(t, problem, "clockTolerance in the configuration file")
	s.ok(append(commit, "--config", "long.yaml")...)
	s.ok("config", "verify")
}
