package imednettest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

func dictionaryOf(study *imednettest.Study) (*dictionary.Dictionary, error) {
	return dictionary.ReadFiles(study.DesignExport(), dictionary.ReadOptions{StudyKey: study.Key()})
}

func checkerOf(t *testing.T, d *dictionary.Dictionary) *dictionary.Checker {
	t.Helper()
	checker, err := dictionary.NewChecker(d)
	require.NoError(t, err)
	return checker
}

func TestEveryStudyHasADictionary(t *testing.T) {
	for name, study := range map[string]*imednettest.Study{
		"generated": imednettest.Generate(imednettest.GenerateOptions{Records: 500}),
		"lifelike":  imednettest.GenerateLifelike(imednettest.LifelikeOptions{Subjects: 5}),
	} {
		d, err := dictionaryOf(study)
		require.NoError(t, err, name)
		require.NoError(t, d.Strict(), name)
		require.Equal(t, study.DesignExport(), study.DesignExport(), name)
		client := imednettest.NewServer(study).Client()
		var forms []imednet.Form
		for f, err := range client.Forms(t.Context(), study.Key(), imednet.ListOptions{}) {
			require.NoError(t, err)
			forms = append(forms, f)
		}
		var variables []imednet.Variable
		for v, err := range client.Variables(t.Context(), study.Key(), imednet.ListOptions{}) {
			require.NoError(t, err)
			variables = append(variables, v)
		}
		joined, err := d.Join(forms, variables, dictionary.JoinOptions{})
		require.NoError(t, err, name)
		require.Empty(t, joined.OnlyInDictionary, name)
		for _, c := range joined.Conflicts {
			require.Equal(t, "VS020", c.Variable, "%s: %s", name, c) // stands twice on its form, with two types
		}
		checker, err := dictionary.NewChecker(d)
		require.NoError(t, err)
		survey, err := joined.Survey(t.Context(), checker, client.Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err)
		for _, f := range survey.Forms {
			for _, q := range f.Questions {
				require.Zero(t, q.Unlisted, "%s: an answer to %s.%s is not on its list", name, f.Form, q.Question)
			}
		}
	}
}

// sendItem submits one item and returns what became of it.
func sendItem(t *testing.T, study *imednettest.Study, item imednet.Submission) imednettest.SubmittedItem {
	t.Helper()
	client := imednettest.NewServer(study).Client()
	_, err := client.SubmitRecords(t.Context(), study.Key(), []imednet.Submission{item}, imednet.SubmitOptions{})
	require.NoError(t, err)
	study.FinishJobs()
	all := study.Submissions()
	return all[len(all)-1].Items[0]
}

func queriesOf(t *testing.T, study *imednettest.Study, record int64) (open, closed []string) {
	t.Helper()
	for q, err := range imednettest.NewServer(study).Client().Queries(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, record)}) {
		require.NoError(t, err)
		last := q.QueryComments[len(q.QueryComments)-1]
		if last.Closed.Or(false) {
			closed = append(closed, q.Variable.Or(""))
		} else {
			open = append(open, q.Variable.Or(""))
		}
	}
	return open, closed
}

func TestTheServerRunsEditChecksWhenAsked(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	study.SetTime(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	ae := func(data map[string]any) imednet.Submission {
		return imednet.Submission{Kind: imednet.RegisterSubject, FormKey: "AE", SiteName: "Site 01", Data: data}
	}
	d, err := dictionaryOf(study)
	require.NoError(t, err)
	subjects := study.Count(imednet.Subjects)

	without := sendItem(t, study, ae(map[string]any{"AESTDTC": "2026-03-02"}))
	require.True(t, without.Stored, "no check runs unless it is asked for")
	study.EnforceChecks(checkerOf(t, d))

	late := sendItem(t, study, ae(map[string]any{"AETERM": "x", "AESEV": "Mild", "AEENDTC": "2026-03-02"}))
	require.False(t, late.Stored)
	require.Contains(t, late.Problem, "edit check")
	require.Equal(t, subjects+1, study.Count(imednet.Subjects), "a refused registration leaves no subject")

	stored := sendItem(t, study, ae(map[string]any{"AESTDTC": "2026-01-02", "AESEV": "Mild"}))
	require.True(t, stored.Stored, stored.Problem)
	open, closed := queriesOf(t, study, stored.RecordID)
	require.Contains(t, open, "AETERM", "an answer that is required by a query is missing")
	require.Empty(t, closed)
	record, _ := study.Record(stored.RecordID)
	require.NotEmpty(t, record.Keywords)

	changed := sendItem(t, study, imednet.Submission{Kind: imednet.ExistingRecord, FormKey: "AE", RecordID: stored.RecordID, Data: map[string]any{"AETERM": "Headache"}})
	require.True(t, changed.Stored, changed.Problem)
	still, closed := queriesOf(t, study, stored.RecordID)
	require.NotContains(t, still, "AETERM")
	require.Equal(t, []string{"AETERM"}, closed)

	wrong := sendItem(t, study, imednet.Submission{Kind: imednet.ExistingRecord, FormKey: "AE", RecordID: stored.RecordID, Data: map[string]any{"AEENDTC": "2025-01-01"}})
	require.False(t, wrong.Stored, "the rule compares with an answer that is stored already")
	after, _ := study.Record(stored.RecordID)
	before, _ := after.RecordData.Get("AEENDTC")
	require.True(t, before.Missing())

	study.EnforceChecks(nil)
	require.True(t, sendItem(t, study, imednet.Submission{Kind: imednet.ExistingRecord, FormKey: "AE", RecordID: stored.RecordID, Data: map[string]any{"AEENDTC": "2025-01-01"}}).Stored)
}

func TestRulesClearAnswers(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	d, err := dictionaryOf(study)
	require.NoError(t, err)
	study.EnforceChecks(checkerOf(t, d))
	item := sendItem(t, study, imednet.Submission{Kind: imednet.RegisterSubject, FormKey: "VS", SiteName: "Site 01", Data: map[string]any{"SYSBP": 120, "PULSE": 60, "VSND": true, "VSPOS": "Sitting"}})
	require.True(t, item.Stored, item.Problem)
	record, _ := study.Record(item.RecordID)
	pressure, _ := record.RecordData.Get("SYSBP")
	require.True(t, pressure.Missing())
	pulse, _ := record.RecordData.Get("PULSE")
	require.Equal(t, "60", pulse.Text())
}

func TestChecksLeaveNothingOfABatchThatIsRefused(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	server := imednettest.NewServer(study)
	server.Configure(imednettest.Settings{AllOrNothing: true})
	d, err := dictionaryOf(study)
	require.NoError(t, err)
	study.EnforceChecks(checkerOf(t, d))
	queries := study.Count(imednet.Queries)
	item := imednet.Submission{Kind: imednet.RegisterSubject, FormKey: "AE", SiteName: "Site 01", Data: map[string]any{"AESEV": "Mild"}}
	unknown := item
	unknown.FormKey = "NOSUCH"
	for range 2 { // the ids of what was undone come again
		_, err = server.Client().SubmitRecords(t.Context(), study.Key(), []imednet.Submission{item, unknown}, imednet.SubmitOptions{})
		require.NoError(t, err)
		study.FinishJobs()
		require.Equal(t, queries, study.Count(imednet.Queries))
	}
	_, err = server.Client().SubmitRecords(t.Context(), study.Key(), []imednet.Submission{item}, imednet.SubmitOptions{})
	require.NoError(t, err)
	study.FinishJobs()
	require.Greater(t, study.Count(imednet.Queries), queries)
}
