package submissions_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// wrongClock is a machine's that differs from the journal's, as it may when the journal is in a database.
type wrongClock struct {
	imednet.Clock
	by time.Duration
}

func (c wrongClock) Now() time.Time { return c.Clock.Now().Add(c.by) }

var wrongBy = []time.Duration{0, -17 * time.Hour, 17 * time.Hour}

// TestAWrongClockSendsNothingSooner: what was refused is looked for before it is sent again, whatever the clock of
// the machine says that tries.
func TestAWrongClockSendsNothingSooner(t *testing.T) {
	for _, by := range wrongBy {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: []int{0}, Results: []byte(`[{"index":0,"status":"FAILED"}]`)})
		_, err := d.submit(d.events("Headache"), wait)
		require.ErrorIs(t, err, submissions.ErrRefused)
		require.Equal(t, states{submissions.Refused}, d.states())
		before, waited := d.clock.Now(), time.Duration(0)
		client := heldClient{d.client, func() { waited = d.clock.Now().Sub(before) }}
		_, err = d.process(client, submissions.WithClock(wrongClock{d.clock, by})).CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
		require.NoError(t, err)
		require.GreaterOrEqual(t, waited, submissions.DefaultSettleDelay, by)
	}
}

// unknownJobs is a server that does not know the jobs of what it took just now.
type unknownJobs struct{ *imednettest.Client }

func (unknownJobs) Job(context.Context, string, string) (imednet.Job, error) {
	return imednet.Job{}, fmt.Errorf("job: %w", imednet.ErrNotFound)
}

// TestAWrongClockTakesNoNewJobForGone: the job of a batch that was taken a moment ago may not be known yet.
func TestAWrongClockTakesNoNewJobForGone(t *testing.T) {
	for _, by := range wrongBy {
		d := newDesk(t)
		_, err := d.submit(d.events("Headache"), submissions.Options{})
		require.NoError(t, err)
		other := d.process(unknownJobs{d.client}, submissions.WithClock(wrongClock{d.clock, by}))
		_, err = other.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
		require.Error(t, err, by)
		require.Equal(t, states{submissions.Accepted}, d.states(), by)
	}
}
