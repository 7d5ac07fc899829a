package submissions_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// What a submission says was stored stands on the server once, and what it does not say so of does not
// stand there, whichever way a server takes what the API leaves open.
func TestSubmissionsUnderEverySetting(t *testing.T) {
	for i, settings := range imednettest.SettingsPairs() {
		if testing.Short() && i > 1 {
			break
		}
		name, err := json.Marshal(settings)
		require.NoError(t, err)
		t.Run(string(name), func(t *testing.T) {
			d := newDesk(t)
			d.server.Configure(settings)
			for n, plan := range []imednettest.JobPlan{
				{}, {ShowResults: true}, {NotFoundPolls: 2}, {Reject: map[int]string{1: "refused"}}, {Reject: map[int]string{0: "refused"}, ShowResults: true},
				{States: []string{"running", "Cancelled"}},
			} {
				terms := []string{fmt.Sprint("first ", n), fmt.Sprint("second ", n)}
				d.study.PlanJobs(plan)
				_, err := d.submit(d.events(terms...), wait)
				states := d.states()
				for k, term := range terms {
					state, standing := states[len(states)-2+k], d.standing(term)
					require.LessOrEqual(t, standing, 1, "%s: %s", term, state)
					switch state {
					case submissions.Standing:
						require.Equal(t, 1, standing, term)
					case submissions.Absent, submissions.Refused:
						require.Zero(t, standing, "%s: %s", term, state)
					}
					if standing == 0 {
						require.Error(t, err, "%s: %s", term, state)
					}
				}
			}
		})
	}
}
