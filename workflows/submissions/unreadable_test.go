package submissions_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

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

// Waiting after another process ends with its lease still there, when the time is over, or with the
// caller's reason; it never goes on without the lease.
func TestWaitingAfterAnotherProcessEndsWithoutItsLease(t *testing.T) {
	d := newDesk(t)
	_, err := d.update.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	u, err := submissions.NewRecordUpdate(d.client, submissions.WithJournal(seized{d.journal, submissions.ErrLeased}, "anna"), submissions.WithClock(d.clock))
	require.NoError(t, err)
	before := d.clock.Now()
	options := submissions.ResumeOptions{Wait: true, Poll: imednet.PollOptions{Timeout: 5 * time.Second}}
	_, err = u.Resume(t.Context(), d.study.Key(), options)
	require.ErrorIs(t, err, submissions.ErrLeased)
	require.GreaterOrEqual(t, d.clock.Now().Sub(before), 5*time.Second)

	over := errors.New("the program ends")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(over)
	_, err = u.Resume(ctx, d.study.Key(), options)
	require.ErrorIs(t, err, over)
}

// forgetful is a journal that cannot be read.
type forgetful struct {
	submissions.Journal
	err error
}

func (j forgetful) Items(context.Context, submissions.Query) ([]submissions.Item, error) {
	return nil, j.err
}

// What cannot be compared with what was sent before is not sent.
func TestNothingIsSentWhileTheJournalCannotBeRead(t *testing.T) {
	d := newDesk(t)
	broken := errors.New("disk broken")
	u, err := submissions.NewRecordUpdate(d.client, submissions.WithJournal(forgetful{d.journal, broken}, "anna"), submissions.WithClock(d.clock))
	require.NoError(t, err)
	item := d.event("Headache")
	item.IntentKey = "row 7"
	_, err = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), []imednet.Submission{item}, wait)
	require.ErrorIs(t, err, broken)
	require.Empty(t, d.study.Submissions())
}

func TestItemsAreCountedByState(t *testing.T) {
	counts := submissions.Count([]submissions.Item{{State: submissions.Standing}, {State: submissions.Refused}, {State: submissions.Standing}})
	require.Equal(t, submissions.Counts{submissions.Standing: 2, submissions.Refused: 1}, counts)
	require.Equal(t, 3, counts.Total())
	require.Zero(t, submissions.Count(nil).Total())
}

func TestAReferenceSaysByWhatAndNotWhat(t *testing.T) {
	for want, form := range map[string]submissions.FormRef{
		"form by text": submissions.FormByKey("SECRET"), "form by id": submissions.FormByID(77), "form by nothing": {},
	} {
		for _, text := range []string{form.String(), fmt.Sprint(form), fmt.Sprintf("%+v", form), fmt.Sprintf("%s", form)} {
			require.Equal(t, want, text)
		}
	}
}
