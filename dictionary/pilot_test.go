package dictionary_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/studytest"
)

// pilotFacts are counts made without this library.
type pilotFacts struct {
	Forms, Questions, Choices int
	OnlyInAPI                 []string
	ActiveRecords             map[string]int64
	EmptyRequired             map[string]map[dictionary.Required]int64
	ValuesOutsideChoiceText   int64
}

func pilot(t *testing.T) (*dictionary.Joined, *dictionary.Checker, *imednettest.Client) {
	t.Helper()
	d := read(t, filepath.Join(samples(t), "pilot"), "CDISCPILOT01")
	client := studytest.PilotServer(t).Client()
	forms, err := listing.Collect(client.Forms(t.Context(), "CDISCPILOT01", imednet.ListOptions{}))
	require.NoError(t, err)
	variables, err := listing.Collect(client.Variables(t.Context(), "CDISCPILOT01", imednet.ListOptions{}))
	require.NoError(t, err)
	joined, err := d.Join(forms, variables, dictionary.JoinOptions{})
	require.NoError(t, err)
	checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))))
	require.NoError(t, err)
	return joined, checker, client
}

// TestPilotJoinsMissingAndMembership compares with what a Python program counted from the same files.
func TestPilotJoinsMissingAndMembership(t *testing.T) {
	joined, checker, client := pilot(t)
	var facts pilotFacts
	text, err := os.ReadFile(filepath.Join(samples(t), "pilot", "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &facts))
	require.Equal(t, facts.OnlyInAPI, joined.OnlyInAPI)
	require.Empty(t, joined.OnlyInDictionary)
	survey, err := joined.Survey(t.Context(), checker, client.Records(t.Context(), "CDISCPILOT01", imednet.ListOptions{}))
	require.NoError(t, err)
	records, empty, outside := map[string]int64{}, map[string]map[dictionary.Required]int64{}, int64(0)
	for _, f := range survey.Forms {
		records[f.Form] = f.Records
		for _, q := range f.Questions {
			outside += q.Unlisted
			require.Equal(t, f.Records, q.Answered+q.Empty, q.Question)
			if queried, _ := q.Required.Queried(); !queried || q.Empty == 0 {
				continue
			}
			if empty[f.Form] == nil {
				empty[f.Form] = map[dictionary.Required]int64{}
			}
			empty[f.Form][q.Required] += q.Empty
		}
	}
	require.Equal(t, facts.ActiveRecords, records)
	require.Equal(t, facts.EmptyRequired, empty)
	require.Equal(t, facts.ValuesOutsideChoiceText, outside)
}

// TestPilotChecksEqualAnIndependentEvaluation compares with testdata/pilot_checks.py, which reads the
// same rules and records without any code of this library.
func TestPilotChecksEqualAnIndependentEvaluation(t *testing.T) {
	joined, checker, client := pilot(t)
	var want struct {
		Evaluated, Undecided int64
		Acting               map[string]int64
	}
	text, err := os.ReadFile(filepath.Join("testdata", "pilot_checks.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &want))
	queries, err := listing.Collect(client.Queries(t.Context(), "CDISCPILOT01", imednet.ListOptions{}))
	require.NoError(t, err)
	run := checker.Study(t.Context(), joined, client.Records(t.Context(), "CDISCPILOT01", imednet.ListOptions{}), queries)
	acting, unqueried := map[string]int64{}, int64(0)
	for b, err := range run.Breaches() {
		require.NoError(t, err)
		acting[b.Outcome.RuleID]++
		if b.Unqueried {
			unqueried++
		}
	}
	report := run.Report()
	require.Equal(t, want.Acting, acting)
	require.Equal(t, want.Evaluated, report.Evaluated)
	require.Equal(t, want.Undecided, report.Undecided)
	require.Equal(t, report.Evaluated, report.Acting+report.Quiet+report.Undecided)
	require.Equal(t, unqueried, report.Unqueried)
}
