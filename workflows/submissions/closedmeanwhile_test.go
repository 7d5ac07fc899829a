package submissions_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// polledClient lets somebody do something before the first poll of a job.
type polledClient struct {
	*imednettest.Client
	before func()
}

func (c *polledClient) Job(ctx context.Context, study, batch string) (imednet.Job, error) {
	if before := c.before; before != nil {
		c.before = nil
		before()
	}
	return c.Client.Job(ctx, study, batch)
}

// TestWhatSomebodyClosedMeanwhileIsTold: while a process waits for its job, which fails, another one closes its record.
// The record does not stand, and the process that sent it says so. What was closed before is not its affair.
func TestWhatSomebodyClosedMeanwhileIsTold(t *testing.T) {
	d := newDesk(t)
	d.study.SetJobPlan(imednettest.JobPlan{States: []string{"failed"}})
	client := &polledClient{Client: d.client}
	client.before = func() {
		d.clock.Advance(2 * submissions.DefaultLease)
		_, err := d.update.Discard(t.Context(), d.study.Key(), d.only(), []int{0}, "seen to")
		require.NoError(t, err)
	}
	receipt, err := d.process(client).CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Wibble", "Wobble"), wait)
	require.Len(t, incomplete(t, err).Items, 2)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.True(t, receipt.Items[0].Closed)

	d.study.SetJobPlan(imednettest.JobPlan{})
	receipt, err = d.update.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
	require.NoError(t, err)
	require.Equal(t, states{submissions.Absent, submissions.Standing}, statesOf(receipt.Items))
}
