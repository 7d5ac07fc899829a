package probe_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/probe"
)

// Without a declared test study nothing is posted; with one, one record is, and nothing is stored.
func TestOnlyADeclaredTestStudyIsWrittenTo(t *testing.T) {
	for name, c := range map[string]struct {
		options  []probe.Option
		settings imednettest.Settings
		plan     imednettest.JobPlan
		posts    int
		answers  map[string]probe.Answer
		found    map[string]any
	}{
		"not declared":       {posts: 0, answers: map[string]probe.Answer{"post-status": probe.Open, "failed-job": probe.Open, "job-results": probe.Open}},
		"another":            {options: []probe.Option{probe.WithTestStudy("OTHER")}, answers: map[string]probe.Answer{"post-status": probe.Open}},
		"declared":           {options: declared, posts: 1, answers: map[string]probe.Answer{"post-status": probe.Seen, "failed-job": probe.Seen, "job-results": probe.No}},
		"with results":       {options: declared, posts: 1, plan: imednettest.JobPlan{ShowResults: true}, answers: map[string]probe.Answer{"job-results": probe.Yes}},
		"another status":     {options: declared, posts: 1, settings: imednettest.Settings{PostStatus: 200}, answers: map[string]probe.Answer{"post-status": probe.Seen}, found: map[string]any{"postStatus": 200}},
		"failed in capitals": {options: declared, posts: 1, settings: imednettest.Settings{AllOrNothing: true, FailedJobs: imednettest.FailedUpperCase}, answers: map[string]probe.Answer{"failed-job": probe.Seen}, found: map[string]any{"failedJobs": "upper"}},
		"failed undated":     {options: declared, posts: 1, settings: imednettest.Settings{AllOrNothing: true, FailedJobs: imednettest.FailedUndated}, answers: map[string]probe.Answer{"failed-job": probe.Seen}, found: map[string]any{"failedJobs": "undated"}},
		"failed with words":  {options: declared, posts: 1, settings: imednettest.Settings{AllOrNothing: true, FailedJobs: imednettest.FailedWithWords}, answers: map[string]probe.Answer{"failed-job": probe.Seen}, found: map[string]any{"failedJobs": "words"}},
	} {
		t.Run(name, func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "PROBE", Records: 300})
			study.SetJobPlan(c.plan)
			server := imednettest.NewServer(study)
			server.Configure(c.settings)
			listener := httptest.NewServer(server)
			defer listener.Close()
			client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(listener.URL))
			require.NoError(t, err)
			p, err := probe.NewServerProbe(client, append(c.options, probe.WithPause(0))...)
			require.NoError(t, err)
			records := study.RecordIDs()
			report, err := p.Examine(t.Context(), "PROBE")
			require.NoError(t, err)
			require.Equal(t, c.posts, server.CountRequests(func(r imednettest.Request) bool { return r.Method != "GET" }))
			require.Equal(t, records, study.RecordIDs())
			for id, answer := range c.answers {
				point, found := report.Point(id)
				require.True(t, found)
				require.Equal(t, answer, point.Answer, "%s: %s", id, point.Came)
			}
			for name, value := range c.found {
				require.Equal(t, value, report.Settings[name])
			}
		})
	}
}

var declared = []probe.Option{probe.WithTestStudy("PROBE")}
