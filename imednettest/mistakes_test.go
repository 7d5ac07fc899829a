package imednettest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// What a scenario may not say, no test may set in code either: it would play something else.
func TestMistakesInCodeAreNotPlayed(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 20})
	plans := map[string]imednettest.JobPlan{
		`imednettest: job plan: states: "FAILED" ends the job, and nothing can follow`: {States: []string{"FAILED", "running"}},
		"imednettest: job plan: reject and lose both have the item 1":                  {Reject: map[int]string{1: ""}, Lose: []int{1}},
		"imednettest: job plan: notFoundPolls is negative":                             {NotFoundPolls: -1},
	}
	for message, plan := range plans {
		require.PanicsWithValue(t, message, func() { study.PlanJobs(imednettest.JobPlan{}, plan) })
		require.PanicsWithValue(t, message, func() { study.SetJobPlan(plan) })
	}
	require.PanicsWithValue(t, `imednettest: rights: refused names the resource "record"; the resources are studies, sites, forms, intervals, variables, subjects, visits, records, recordRevisions, queries, codings, users, jobs`, func() {
		study.SetRights(imednettest.Rights{Refused: []imednet.Resource{"record"}})
	})
	require.PanicsWithValue(t, "imednettest: commitLag is negative", func() { study.SetCommitLag(-1) })
	require.PanicsWithValue(t, `imednettest: "delte" is not a kind of change`, func() {
		study.PlanChanges(0, imednettest.Change{Kind: imednettest.ChangeInsert}, imednettest.Change{Kind: "delte"})
	})

	client := imednettest.NewServer(study).Client()
	for range client.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		continue // the insert of the refused plan is not pending
	}
	require.Equal(t, 20, study.Count(imednet.Records))
}

// Two spellings of one index would let one refusal win silently.
func TestAnIndexHasOneSpelling(t *testing.T) {
	for index, place := range map[string]string{"00": "jobs", "+1": "jobs", "-0": "otherJobs", "01": "otherJobs"} {
		plan := `{"reject": {"0": "first", "` + index + `": "second"}}`
		text := map[string]string{"jobs": `{"jobs": [{}, ` + plan + `]}`, "otherJobs": `{"otherJobs": ` + plan + `}`}[place]
		_, err := imednettest.ReadScenario(strings.NewReader(text))
		require.ErrorContains(t, err, `reject: "`+index+`" is not the index of an item; the first item is 0`)
		require.ErrorContains(t, err, place)
	}
	scenario, err := imednettest.ReadScenario(strings.NewReader(`{"jobs": [{"reject": {"0": "first", "10": ""}}]}`))
	require.NoError(t, err)
	require.Equal(t, map[int]string{0: "first", 10: ""}, scenario.Jobs[0].Reject)
}

// The dates of a job say nothing about its results.
func TestAFailedJobWithoutDatesShowsItsResults(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	server := imednettest.NewServer(study)
	server.Configure(imednettest.Settings{FailedJobs: imednettest.FailedUndated})
	study.SetJobPlan(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{0: "no"}})
	client := server.Client()

	job, err := client.SubmitRecords(t.Context(), study.Key(), []imednet.Submission{{FormKey: "DM", SiteID: 701, Data: map[string]any{"AGE": 40}}}, imednet.SubmitOptions{})
	require.NoError(t, err)
	for !job.Terminal() {
		job, err = client.Job(t.Context(), study.Key(), job.BatchID.Or(""))
		require.NoError(t, err)
	}
	require.True(t, job.Failed())
	require.False(t, job.DateStarted.IsSet() || job.DateFinished.IsSet())
	results, err := client.JobResults(t.Context(), job.ResultURL.Or(""))
	require.NoError(t, err)
	require.JSONEq(t, `[{"index":0,"status":"FAILED","message":"no"}]`, string(results.Body))
}
