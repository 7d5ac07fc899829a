package submissions_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// unlisted is a client to which the records of new subjects are no longer listed.
type unlisted struct{ *imednettest.Client }

func (c unlisted) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	ofNewSubjects := imednet.Where("recordId", imednet.GreaterOrEqual, int64(0)).Conditions()[0]
	if slices.ContainsFunc(opts.Filter.Conditions(), func(x imednet.Condition) bool {
		return x.Attribute == ofNewSubjects.Attribute && x.Operator == ofNewSubjects.Operator
	}) {
		return func(yield func(imednet.Record, error) bool) { yield(imednet.Record{}, imednet.ErrForbidden) }
	}
	return c.Client.Records(ctx, studyKey, opts)
}

// Whose records cannot be read is not called new: a registration that was accepted says so, and fails.
func TestSubjectsWhoseRecordsCannotBeReadAreNotNamed(t *testing.T) {
	d := newDesk(t)
	r, err := submissions.NewRegisterSubjects(unlisted{d.client}, submissions.WithJournal(d.journal, "anna"), submissions.WithClock(d.clock))
	require.NoError(t, err)
	out, err := r.RegisterSubjects(t.Context(), d.study.Key(), []imednet.Submission{{FormKey: "DM", SiteName: d.sites()[0]}}, wait)
	require.ErrorIs(t, err, imednet.ErrForbidden)
	require.ErrorContains(t, err, "the registration itself was accepted")
	require.Empty(t, out.Subjects)
	require.Len(t, out.Batches, 1)
	require.Equal(t, 1, d.study.StoredItems())
}

// seized is a journal whose leases cannot be taken.
type seized struct {
	submissions.Journal
	err error
}

func (j seized) Take(context.Context, string, submissions.Lease) (submissions.Entry, error) {
	return submissions.Entry{}, j.err
}

// A submission that could not even be looked at is reported with the reason, not passed over.
func TestASubmissionThatCannotBeTakenSaysWhy(t *testing.T) {
	d := newDesk(t)
	_, err := d.update.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	full := errors.New("disk full")
	u, err := submissions.NewRecordUpdate(d.client, submissions.WithJournal(seized{d.journal, full}, "anna"), submissions.WithClock(d.clock))
	require.NoError(t, err)
	resumed, err := u.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
	require.ErrorIs(t, err, full)
	require.Len(t, resumed, 1)
	require.ErrorIs(t, resumed[0].Err, full)
	require.Nil(t, resumed[0].Lease)
	require.ErrorIs(t, resumed[0].Incomplete(false), full)
	require.Len(t, resumed[0].Items, 1, "what the journal has is shown all the same")
}
