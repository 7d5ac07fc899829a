package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/report"
)

// loads is what makes a page fetch something.
var loads = regexp.MustCompile(`(?i)(src|href)\s*=\s*["']?(https?:)?//|url\(\s*["']?(https?:)?//|@import`)

var queriesAndReports = qualification.Scenario{
	ID: "OQ-RPT-1", Title: "Queries are counted as their comments say, and pages name no subject and load nothing",
	Requirements: []string{"RPT-01", "RPT-03", "RPT-08", "RPT-10", "RPT-13"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 1000)
		if err != nil {
			return err
		}
		defer s.close()
		if err := queryCounts(ctx, t, s); err != nil {
			return err
		}
		_, rows, err := s.records(ctx)
		if err != nil {
			return err
		}
		profiler, err := profiles.NewSchemaProfiler(s.client)
		if err != nil {
			return err
		}
		profile, err := profiler.ProfileRecords(ctx, s.study.Key(), profiles.Options{})
		if err != nil {
			return err
		}
		var page bytes.Buffer
		if err := profile.WriteHTML(&page, profiles.PageOptions{}); err != nil {
			return err
		}
		judgePage(t, "profile", page.Bytes(), rows)
		workflow, err := report.NewStudyReport(s.client, report.WithClock(t.Clock))
		if err != nil {
			return err
		}
		built, err := workflow.Build(ctx, s.study.Key(), report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})
		if err != nil {
			return err
		}
		page.Reset()
		if err := built.WriteHTML(&page, report.PageOptions{}); err != nil {
			return err
		}
		judgePage(t, "study report", page.Bytes(), rows)
		return t.Evidence("report.html", page.Bytes())
	},
}

// judgePage looks for what names a subject, and for what would be loaded.
func judgePage(t *qualification.Trial, name string, page []byte, rows []row) {
	found := 0
	for _, r := range rows {
		for _, token := range []string{r.SubjectKey, r.SubjectOID} {
			if len(token) >= 4 && bytes.Contains(page, []byte(token)) {
				found++
			}
		}
	}
	t.Equal(name+": keys and OIDs of subjects in the page", 0, found)
	t.Equal(name+": what the page would load", "", strings.Join(loads.FindAllString(string(page), -1), " "))
}

// queryCounts compares the states of queries with those that the comments of the server's rows say.
func queryCounts(ctx context.Context, t *qualification.Trial, s *site) error {
	messages, err := s.rows(ctx, "queries", "annotationId")
	if err != nil {
		return err
	}
	var expected queries.StateCounts
	for _, message := range messages {
		switch stateOf(message) {
		case "open":
			expected.Open++
		case "closed":
			expected.Closed++
		default:
			expected.Unknown++
		}
	}
	management, err := queries.NewQueryManagement(s.client)
	if err != nil {
		return err
	}
	counts, err := management.QueryStateCounts(ctx, s.study.Key(), queries.Options{})
	if err != nil {
		return err
	}
	t.Equal("queries: open, closed, unknown", list(expected.Open, expected.Closed, expected.Unknown), list(counts.Open, counts.Closed, counts.Unknown))
	for _, err = range management.QueriesBySite(ctx, s.study.Key(), "no such site", queries.Options{}) {
		break
	}
	t.Refused("queries of a site that does not exist", imednet.ErrNotFound, err)
	return nil
}

// stateOf is the state of a query by the comment with the highest sequence.
func stateOf(message json.RawMessage) string {
	var query struct {
		QueryComments []struct {
			Sequence *int64
			Closed   *bool
		}
	}
	if json.Unmarshal(message, &query) != nil {
		return "unreadable"
	}
	state, highest := "unknown", int64(-1)
	for _, c := range query.QueryComments {
		if c.Sequence == nil || *c.Sequence <= highest {
			continue
		}
		highest, state = *c.Sequence, "unknown"
		if c.Closed != nil && *c.Closed {
			state = "closed"
		} else if c.Closed != nil {
			state = "open"
		}
	}
	return state
}
