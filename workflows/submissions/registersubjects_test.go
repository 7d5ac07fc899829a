package submissions_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

func (d *desk) register() *submissions.RegisterSubjects {
	r, err := submissions.NewRegisterSubjects(d.client, submissions.WithJournal(d.journal, "anna"), submissions.WithClock(d.clock))
	require.NoError(d, err)
	return r
}

func (d *desk) sites() []string {
	var names []string
	for s, err := range d.client.Sites(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		names = append(names, s.SiteName.Or(""))
	}
	return names
}

func TestRegisteredSubjectsAreNamed(t *testing.T) {
	for _, results := range []bool{false, true} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: results})
		sites := d.sites()
		out, err := d.register().RegisterSubjects(t.Context(), d.study.Key(), []imednet.Submission{
			{FormKey: "DM", SiteName: sites[0]}, {FormKey: "DM", SiteName: sites[1]},
		}, wait)
		require.NoError(t, err)
		require.Len(t, out.Subjects, 2)
		for i, s := range out.Subjects {
			require.Equal(t, sites[i], s.SiteName)
			require.NotEmpty(t, s.SubjectKey)
			require.False(t, s.Inferred, "its record is known")
		}
	}
}

func TestDryRunOfARegistration(t *testing.T) {
	d := newDesk(t)
	items := []imednet.Submission{{FormKey: "DM", SiteName: d.sites()[0]}}
	batches, err := d.register().DryRun(t.Context(), d.study.Key(), items, submissions.Options{})
	require.NoError(t, err)
	require.Len(t, batches, 1)
	require.Equal(t, []imednet.SubmissionKind{imednet.RegisterSubject}, batches[0].Kinds)
	require.JSONEq(t, `[{"formKey": "DM", "siteName": "`+items[0].SiteName+`", "data": {}}]`, string(batches[0].Payload))
	items[0].SiteName = "Atlantis"
	_, err = d.register().DryRun(t.Context(), d.study.Key(), items, submissions.Options{})
	require.ErrorAs(t, err, new(*submissions.SiteError))
	require.Empty(t, d.study.Submissions())
}

func TestRegistrationsAreCheckedInOnePass(t *testing.T) {
	d := newDesk(t)
	site := d.sites()[0]
	_, err := d.register().RegisterSubjects(t.Context(), d.study.Key(), []imednet.Submission{
		{FormKey: "DM", SiteName: " "},
		{FormKey: "DM", SiteName: "Atlantis"},
		{FormKey: "DM", SiteName: strings.ToUpper(site) + " "},
		{FormKey: "DM", SiteName: site, SubjectKey: "01-001"},
		{FormKey: "DM", SiteName: site},
		{FormKey: "DM", SiteName: site},
	}, submissions.Options{})
	var wrong *submissions.SiteError
	require.ErrorAs(t, err, &wrong)
	require.Contains(t, err.Error(), "item 1: siteName is required; item 2: site not found; ")
	require.Contains(t, err.Error(), "item 4: a subject is named; the server assigns the key of a new one")
	require.Contains(t, err.Error(), "item 6: the same registration as item 5")
	require.Empty(t, d.study.Submissions())
}

// TestASiteIDThatTheStudyDoesNotHaveIsNotSent: an id is checked as a name is.
func TestASiteIDThatTheStudyDoesNotHaveIsNotSent(t *testing.T) {
	d := newDesk(t)
	var known int64
	for site, err := range d.client.Sites(t.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		known = site.SiteID
	}
	registrations := []imednet.Submission{{FormKey: "DM", SiteID: known}, {FormKey: "DM", SiteID: 987654, Line: 3}}
	_, dry := d.register().DryRun(t.Context(), d.study.Key(), registrations, submissions.Options{})
	_, sent := d.register().RegisterSubjects(t.Context(), d.study.Key(), registrations, submissions.Options{})
	for _, err := range []error{dry, sent} {
		var wrong *submissions.SiteError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, []submissions.RecordProblem{{Index: 1, Line: 3, Reason: "site id not found"}}, wrong.Problems)
	}
	require.Empty(t, d.study.Submissions())
	_, err := d.register().RegisterSubjects(t.Context(), d.study.Key(), registrations[:1], wait)
	require.NoError(t, err)
}

// A name is sent as it is written, so a padded one is none of the study's.
func TestAPaddedSiteNameIsNotSent(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"Site 01 ", " Site 01", "Site 01\t"} {
		_, err := d.register().RegisterSubjects(t.Context(), d.study.Key(), []imednet.Submission{{FormKey: "DM", SiteName: name}}, submissions.Options{})
		require.ErrorAs(t, err, new(*submissions.SiteError), "%q", name)
	}
	require.Empty(t, d.study.Submissions())
}

// Problems of sites and of records are found together, each once and in the order of the records.
func TestProblemsOfSitesHideNoOthers(t *testing.T) {
	d := newDesk(t)
	site := d.sites()[0]
	_, err := d.register().RegisterSubjects(t.Context(), d.study.Key(), []imednet.Submission{
		{FormKey: "DM", SiteName: site, Data: map[string]any{"AGE": "old"}},
		{FormKey: "DM", SiteName: "Atlantis", Data: map[string]any{"AGE": "old"}},
		{FormKey: "DM", Data: map[string]any{"AGE": 41}},
		{FormKey: "DM", SiteName: site, SubjectKey: "01-001", Data: map[string]any{"NONE": 1}},
		{FormKey: "XX", SiteName: " ", Line: 9},
	}, submissions.Options{})
	var wrong *submissions.SiteError
	require.ErrorAs(t, err, &wrong)
	var found []string
	for _, p := range wrong.Problems {
		found = append(found, fmt.Sprint(p.Index, " ", p.Variable, p.Place, " ", strings.SplitAfter(p.Reason, " ")[0]))
	}
	require.Equal(t, []string{"0 AGE Value ", "1  site ", "1 AGE Value ", "2  siteName ", "3  a ", "3 variable 1 of 1 in ascending order unknown ", "4  siteName ", "4 formKey Form "}, found)
	require.Empty(t, d.study.Submissions())
}
