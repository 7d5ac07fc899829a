package submissions_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAJobThatIsGone: the server took a batch and no longer knows its job. The study is asked instead.
func TestAJobThatIsGone(t *testing.T) {
	empty := ""
	for name, c := range map[string]struct {
		fault imednettest.Fault
		wait  bool
		after time.Duration
		ends  bool // the records are stored by then
		want  submissions.State
	}{
		"404, stored":                  {imednettest.Fault{Status: 404}, true, 0, true, submissions.Standing},
		"404, nothing shows":           {imednettest.Fault{Status: 404}, true, 0, false, submissions.Unknown},
		"no body, stored":              {imednettest.Fault{Status: 200, Body: &empty}, true, 0, true, submissions.Standing},
		"without a wait, a day later":  {imednettest.Fault{Status: 404}, false, 24 * time.Hour, true, submissions.Standing},
		"without a wait, nothing":      {imednettest.Fault{Status: 404}, false, 24 * time.Hour, false, submissions.Unknown},
		"without a wait, at once":      {imednettest.Fault{Status: 404}, false, 0, true, submissions.Accepted},
		"a server that is out of work": {imednettest.Fault{Status: 503}, true, 0, true, submissions.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			receipt, err := d.submit(d.events("Headache"), submissions.Options{})
			require.NoError(t, err)
			if c.ends {
				d.study.FinishJobs()
			}
			d.clock.Advance(c.after)
			c.fault.Path, c.fault.Times = receipt.Items[0].BatchID, -1
			d.server.Inject(c.fault)
			for range 2 { // the second time knows no less
				resumed, err := d.resume(submissions.ResumeOptions{Wait: c.wait})
				if len(resumed) == 0 {
					continue // all of it stands
				}
				item := resumed[0].Items[0]
				require.Equal(t, c.want, item.State, item.Reason)
				if c.want == submissions.Unknown {
					require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
					require.False(t, errors.Is(err, imednet.ErrNotFound), "a job that is gone is no error by itself: %v", err)
					require.Contains(t, item.Reason, "the server does not know its job any more")
				}
			}
			_, err = d.submit(d.events("Headache"), submissions.Options{})
			require.Error(t, err, "whatever it is, it protects")
			require.Len(t, d.study.Submissions(), 1)
		})
	}
}

// TestAJobThatComesBack: what was taken for gone is settled by its job when that is known again.
func TestAJobThatComesBack(t *testing.T) {
	d := newDesk(t)
	receipt, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.server.Inject(imednettest.Fault{Path: receipt.Items[0].BatchID, Status: 404, Times: imednet.DefaultPollTolerance + 1})
	_, err = d.resume(submissions.ResumeOptions{Wait: true})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	_, err = d.resume(submissions.ResumeOptions{Wait: true})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing}, d.states())
}
