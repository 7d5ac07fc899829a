package dictionary_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/listing"
)

// Subjects are registered with one form; the records of all others are theirs, at visits or without, and show the same.
func TestATrialAtVisitsOfRegisteredSubjects(t *testing.T) {
	study, d, opts := testStudy(t)
	study.EnforceChecks(checkerOf(t, d))
	opts.Registration, opts.Most = "DM", 2
	before, err := listing.Collect(imednettest.NewServer(study).Client().Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	trial := try(t, study, d, opts)
	require.Empty(t, trial.Failed())
	require.True(t, trial.Passed())
	after, err := listing.Collect(imednettest.NewServer(study).Client().Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	unscheduled := map[string]bool{}
	for f, err := range imednettest.NewServer(study).Client().Forms(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		unscheduled[f.FormKey.Or("")] = f.UnscheduledVisit.Or(false)
	}
	forms := map[string]int{}
	registered := map[string]bool{}
	for _, r := range after[len(before):] {
		form := r.FormKey.Or("")
		forms[form]++
		if form == "DM" {
			registered[r.SubjectKey.Or("")] = true
			continue
		}
		require.True(t, registered[r.SubjectKey.Or("")], "%s: its subject was registered before", form)
		require.NotEqual(t, unscheduled[form], r.IntervalID.IsSet(), form)
	}
	require.Greater(t, len(forms), 3)
	for _, u := range trial.Untried {
		require.Contains(t, []string{"no interval has its form", "records of a site cannot be sent"}, u.Why, u.RuleID)
	}

	// A rule of another form that was built otherwise is found there too.
	for _, r := range d.Rules {
		if question, _ := r.Generated(); r.Form == "DM" || question == "" || !tried(trial, r.ID) {
			continue
		}
		study.EnforceChecks(checkerOf(t, withLogic(t, d, r, "<BusinessLogic><Conditions><not><true/></not></Conditions><Actions/></BusinessLogic>")))
		opts.Rules = []string{r.ID}
		require.Equal(t, []string{r.ID}, try(t, study, d, opts).Failed())
		break
	}
	for _, wrong := range []dictionary.TrialOptions{{StudyKey: study.Key(), SiteName: "Site 01", Registration: "GONE"}, {StudyKey: study.Key(), SubjectKey: "x", Registration: "DM"}} {
		_, err := checkerOf(t, d).Try(t.Context(), imednettest.NewServer(study).Client(), wrong)
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
}

func tried(trial *dictionary.Trial, rule string) bool {
	for _, r := range trial.Results {
		if r.RuleID == rule {
			return true
		}
	}
	return false
}

// A site or subject that the study does not have is named before anything is sent.
func TestATrialAtAnUnknownPlaceSendsNothing(t *testing.T) {
	study, d, opts := testStudy(t)
	study.EnforceChecks(checkerOf(t, d))
	client := imednettest.NewServer(study).Client()
	subjects, err := listing.Collect(client.Subjects(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	deleted := study.Key()
	for _, s := range subjects {
		if s.Deleted.Or(false) {
			deleted = s.SubjectKey.Or("")
		}
	}
	for _, c := range []struct{ site, subject, registration, named string }{
		{"Site 99", "", "", "Site 99"}, {"site 01", "", "", "site 01"}, {"Site 99", "", "DM", "Site 99"},
		{"", "nobody", "", "nobody"}, {"Site 01", "nobody", "", "nobody"}, {"", deleted, "", deleted},
	} {
		opts.SiteName, opts.SubjectKey, opts.Registration = c.site, c.subject, c.registration
		_, err := checkerOf(t, d).Try(t.Context(), client, opts)
		require.ErrorAs(t, err, new(*imednet.ValidationError), "%v", c)
		require.ErrorContains(t, err, c.named)
		require.ErrorContains(t, err, "nothing was sent")
	}
	require.Empty(t, study.Submissions())
}
