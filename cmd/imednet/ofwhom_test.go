package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/triage"
)

// Items to review are shown with site and subject of their record, as the mirror knows them; without a mirror they
// stay blank, and nothing is made.
func TestReviewsNameSiteAndSubject(t *testing.T) {
	s := newShell(t)
	store, err := triage.NewTriageStore(t.Context(), filepath.Join(s.dir, ".imednet", "triage.sqlite3"))
	require.NoError(t, err)
	for id, record := range map[string]int64{"item-1": 100001, "item-2": 999, "item-3": 0} {
		_, err = store.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: id, StudyKey: "DEMO", UserID: "check", Severity: "HIGH", Link: triage.Link{RecordID: record}})
		require.NoError(t, err)
	}
	require.NoError(t, store.Close())
	queue := func() []string {
		lines := strings.Split(strings.TrimSpace(s.ok("triage", "queue", "DEMO", "--format", "csv", "--no-header", "--columns", "item,site,subject,record")), "\n")
		return lines
	}
	require.ElementsMatch(t, []string{"item-1,,,100001", "item-2,,,999", "item-3,,,"}, queue())
	require.NoDirExists(t, filepath.Join(s.dir, ".imednet", "cache"))
	s.ok("sync", "DEMO")
	require.ElementsMatch(t, []string{"item-1,Site 01,01-001,100001", "item-2,,,999", "item-3,,,"}, queue())
}

func TestFindingsNameSiteAndSubject(t *testing.T) {
	s := newShell(t)
	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(t, err)
	s.write("own.json", string(configuration))
	out, _ := s.run(exitInvalid, "extract", "--configuration", "own.json")
	_, findings, found := strings.Cut(out, "\nFINDING")
	require.True(t, found)
	lines := strings.Split(findings, "\n")
	require.Equal(t, []string{"SEVERITY", "DOMAIN", "SITE", "SUBJECT", "RECORD", "FORM", "FIELD", "MESSAGE"}, strings.Fields(lines[0]))
	require.Regexp(t, `Site \d\d\s+\d\d-\d\d\d`, lines[1])
}
