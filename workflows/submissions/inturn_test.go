package submissions_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// heldClient lets another process run before a POST.
type heldClient struct {
	*imednettest.Client
	before func()
}

func (c heldClient) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	c.before()
	return c.Client.SubmitRecords(ctx, study, items, opts)
}

// heldClock says when somebody begins to sleep, and lets nobody wake before it is told.
type heldClock struct {
	*imednettest.Clock
	once   sync.Once
	asleep chan struct{}
	wake   chan struct{}
}

func (c *heldClock) Sleep(ctx context.Context, _ time.Duration) error {
	c.once.Do(func() { close(c.asleep) })
	<-c.wake
	return ctx.Err()
}

// twoAtOnce runs a second submission of the same records while the first one is about to send them.
func twoAtOnce(t *testing.T, plan imednettest.JobPlan, resend bool) (d *desk, receipt submissions.Receipt, first, second error) {
	d = newDesk(t)
	d.study.PlanJobs(plan)
	clock := &heldClock{Clock: d.clock, asleep: make(chan struct{}), wake: make(chan struct{})}
	other := d.process(d.client, submissions.WithClock(clock))
	ended := make(chan struct{})
	one := d.process(heldClient{d.client, func() {
		go func() {
			defer close(ended)
			if resend {
				receipt, second = other.Resend(t.Context(), d.study.Key(), d.only(), nil, wait)
			} else {
				receipt, second = other.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Wibble"), wait)
			}
		}()
		select {
		case <-clock.asleep:
		case <-ended:
		}
	}})
	_, first = one.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Wibble"), wait)
	close(clock.wake)
	<-ended
	return d, receipt, first, second
}

// only is the id of the only submission.
func (d *desk) only() string {
	entries, err := d.journal.Entries(d.Context(), submissions.Query{})
	require.NoError(d, err)
	require.Len(d, entries, 1)
	return entries[0].ID
}

// TestWaitWaitsForWhoSendsTheSame: what the other process did is told, as it is in the end.
func TestWaitWaitsForWhoSendsTheSame(t *testing.T) {
	d, _, first, second := twoAtOnce(t, imednettest.JobPlan{}, false)
	require.NoError(t, first)
	var conflict *submissions.ConflictError
	require.ErrorAs(t, second, &conflict)
	require.ErrorIs(t, second, submissions.ErrRepeated)
	require.NotErrorIs(t, second, submissions.ErrInDoubt)
	require.Equal(t, submissions.Standing, conflict.Conflicts[0].Held.State)
	require.Positive(t, conflict.Conflicts[0].Held.RecordID)
	require.Equal(t, 1, d.standing("Wibble"))
}

// TestWaitTakesOverWhatAnotherDidNotGetStored: the job of the other process failed. Now it is this one's turn.
func TestWaitTakesOverWhatAnotherDidNotGetStored(t *testing.T) {
	d, receipt, first, second := twoAtOnce(t, imednettest.JobPlan{States: []string{"failed"}}, false)
	require.ErrorIs(t, first, submissions.ErrRefused)
	require.NoError(t, second)
	require.Equal(t, states{submissions.Standing}, statesOf(receipt.Items))
	require.Equal(t, states{submissions.Absent, submissions.Standing}, d.states())
	require.Equal(t, 1, d.standing("Wibble"))
}

// TestResendWaitsForWhoSends: another process sends the submission that is to be sent again.
func TestResendWaitsForWhoSends(t *testing.T) {
	d, _, first, second := twoAtOnce(t, imednettest.JobPlan{}, true)
	require.NoError(t, first)
	require.ErrorIs(t, second, submissions.ErrNotSendable)
	require.NotErrorIs(t, second, submissions.ErrLeased)
	require.Equal(t, 1, d.standing("Wibble"))
}

// TestWaitEndsByItsTime: the other process does not come to an end, or is not there any more.
func TestWaitEndsByItsTime(t *testing.T) {
	for lease, waited := range map[time.Duration]time.Duration{time.Hour: 90 * time.Second, 20 * time.Second: 20 * time.Second, 0: 0} {
		d := newDesk(t)
		_, err := d.process(d.client, submissions.WithLease(time.Hour)).CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Wibble"), submissions.Options{})
		require.NoError(t, err)
		items, err := d.journal.Items(t.Context(), submissions.Query{})
		require.NoError(t, err)
		stalled, err := submissions.NewMemoryJournal(d.clock)
		require.NoError(t, err)
		d.journal = stalled
		p := submissions.Preparation{ID: "stalled", StudyKey: d.study.Key(), Author: "anna", Items: items, Lease: submissions.Lease{Holder: "p", For: lease}}
		_, err = stalled.Prepare(t.Context(), p)
		require.NoError(t, err)
		before := d.clock.Now()
		opts := submissions.Options{Wait: true, Poll: imednet.PollOptions{Timeout: 90 * time.Second}}
		_, err = d.process(d.client).CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Wibble"), opts)
		require.ErrorIs(t, err, submissions.ErrInDoubt)
		require.Equal(t, waited, d.clock.Now().Sub(before))
	}
}
