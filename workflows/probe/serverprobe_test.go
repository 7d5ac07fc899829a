package probe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/probe"
)

// examine examines a study that a server shows with the settings, after every kind of change that history can show.
func examine(t *testing.T, settings imednettest.Settings, prepare ...func(*imednettest.Server, *imednettest.Study)) *probe.Report {
	t.Helper()
	report, err := tryExamine(t, settings, prepare...)
	require.NoError(t, err)
	return report
}

func tryExamine(t *testing.T, settings imednettest.Settings, prepare ...func(*imednettest.Server, *imednettest.Study)) (*probe.Report, error) {
	t.Helper()
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "PROBE", Records: 1200})
	server := imednettest.NewServer(study)
	server.Configure(settings)
	makeHistory(t, study)
	for _, p := range prepare {
		p(server, study)
	}
	report, err := examineServer(t, server)
	require.LessOrEqual(t, len(server.Requests()), 199, "it is polite")
	return report, err
}

func examineServer(t *testing.T, server http.Handler) (*probe.Report, error) {
	t.Helper()
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(listener.URL), rest.WithHTTPClient(listener.Client()))
	require.NoError(t, err)
	p, err := probe.NewServerProbe(client, probe.WithPause(0))
	require.NoError(t, err)
	return p.Examine(t.Context(), "PROBE")
}

// makeHistory deletes records, changes the status of others and the keywords of one, days apart: as many as the
// examination looks at, so that they are the newest cases.
func makeHistory(t *testing.T, study *imednettest.Study) {
	t.Helper()
	ids := study.RecordIDs()
	for n := range 8 {
		study.Advance(24 * time.Hour)
		require.NoError(t, study.DeleteRecord(ids[100+n], true))
		study.Advance(24 * time.Hour)
		require.NoError(t, study.SetStatus(ids[200+n], "Record Locked"))
	}
	study.Advance(24 * time.Hour)
	now := imednet.NewTime(study.Now())
	require.NoError(t, study.SetKeywords(ids[7], []imednet.Keyword{{
		KeywordName: imednet.Some("SDV"), KeywordKey: imednet.Some("SDV"), KeywordID: imednet.Some(int64(1)), DateAdded: imednet.Some(now),
	}}))
}

// Servers that differ in one setting are told apart by it, and only by it.
func TestEachSettingIsFound(t *testing.T) {
	strict := examine(t, imednettest.Settings{RoleDates: imednettest.RoleDatesSeconds})
	require.Equal(t, map[string]any{"roleDates": "6"}, strict.Settings)

	for name, settings := range map[string]imednettest.Settings{
		"clampSize":           {ClampSize: true},
		"pagesPastEnd":        {PagesPastEnd: true},
		"repeatAttributes":    {RepeatAttributes: true},
		"mixConnectors":       {MixConnectors: true},
		"quoteAnything":       {QuoteAnything: true},
		"connectorWords":      {ConnectorWords: true},
		"studyKeyInFilter":    {StudyKeyInFilter: true},
		"deletedInFilter":     {DeletedInFilter: true},
		"booleansInFilter":    {BooleansInFilter: true},
		"sortByAttributes":    {SortByAttributes: true},
		"dataFilterAsText":    {DataFilterAsText: true},
		"hideDeleted":         {HideDeleted: true},
		"unknownStudyStatus":  {UnknownStudyStatus: 404},
		"gatewayErrors":       {GatewayErrors: true},
		"emptyUnknownJob":     {EmptyUnknownJob: true},
		"statusKeepsDate":     {StatusKeepsDate: true},
		"keywordsMoveDate":    {KeywordsMoveDate: true},
		"deleteLeavesNoTrace": {DeleteLeavesNoTrace: true},
	} {
		t.Run(name, func(t *testing.T) {
			settings.RoleDates = imednettest.RoleDatesSeconds
			report := examine(t, settings)
			require.Equal(t, settings, playedBy(t, report), "the settings found: %v", report.Settings)
		})
	}
	for _, form := range []imednettest.RoleDate{imednettest.RoleDatesMinutes, imednettest.RoleDatesNanos, imednettest.RoleDatesText, imednettest.RoleDatesNull} {
		t.Run("roleDates "+string(form), func(t *testing.T) {
			require.Equal(t, imednettest.Settings{RoleDates: form}, playedBy(t, examine(t, imednettest.Settings{RoleDates: form})))
		})
	}
}

// playedBy reads the report as the file that it becomes, and returns the settings of a server that plays it.
func playedBy(t *testing.T, report *probe.Report) imednettest.Settings {
	t.Helper()
	return scenarioBy(t, report).Settings
}

func scenarioBy(t *testing.T, report *probe.Report) imednettest.Scenario {
	t.Helper()
	file, err := json.Marshal(report)
	require.NoError(t, err)
	known, err := imednet.ReadCapabilities(bytes.NewReader(file))
	require.NoError(t, err)
	scenario, err := imednettest.ScenarioOf(known)
	require.NoError(t, err)
	return scenario
}

// What a deletion does to the date is found, too.
func TestADeletionThatLeavesTheDateIsFound(t *testing.T) {
	report := examine(t, imednettest.Settings{}, func(_ *imednettest.Server, study *imednettest.Study) {
		for _, id := range study.RecordIDs()[300:308] {
			study.Advance(24 * time.Hour)
			require.NoError(t, study.DeleteRecord(id, false))
		}
	})
	point, found := report.Point("delete-moves-date")
	require.True(t, found)
	require.Equal(t, probe.No, point.Answer, point.Came)
	require.Equal(t, "8 cases: 0 moved the date, 8 did not", point.Came)
}

func TestRightsAreFound(t *testing.T) {
	report := examine(t, imednettest.Settings{}, func(_ *imednettest.Server, study *imednettest.Study) {
		study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.RecordRevisions, imednet.Users}})
	})
	require.Equal(t, []imednet.Resource{imednet.RecordRevisions, imednet.Users}, report.Refused)
	point, _ := report.Point("rights")
	require.Equal(t, probe.No, point.Answer)
}

// A gateway that cuts large pages, and a server that ignores conditions, are found, and a client that knows of them
// lists everything.
func TestAClientTakesWhatWasFound(t *testing.T) {
	report := examine(t, imednettest.Settings{}, func(server *imednettest.Server, _ *imednettest.Study) {
		server.Inject(imednettest.Fault{OverRows: 100, Status: 413, Times: -1})
	})
	require.Equal(t, 100, report.MaxPageSize)
	require.Equal(t, 100, examine(t, imednettest.Settings{}, func(server *imednettest.Server, _ *imednettest.Study) {
		server.Play(scenarioBy(t, report))
	}).MaxPageSize, "a server that plays it is found alike")

	report = examine(t, imednettest.Settings{}, func(server *imednettest.Server, _ *imednettest.Study) {
		server.Inject(imednettest.Fault{Times: -1, Status: 400, Match: func(r imednettest.Request) bool {
			return strings.Contains(r.Query.Get("filter"), "recordId>")
		}})
	})
	require.True(t, report.OffsetPages)
}

// A study without a page's rows shows nothing about full pages; what its replies say of their size counts.
func TestASmallStudyShowsNoFullPage(t *testing.T) {
	for name, c := range map[string]struct {
		size, want int
		answer     probe.Answer
	}{"500 named": {500, 0, probe.Open}, "100 named": {100, 100, probe.No}} {
		t.Run(name, func(t *testing.T) {
			server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "PROBE", Records: 20}))
			report, err := examineServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				server.ServeHTTP(answer, r)
				w.WriteHeader(answer.Code)
				_, err := w.Write(bytes.ReplaceAll(answer.Body.Bytes(), []byte(`"size":500`), fmt.Appendf(nil, `"size":%d`, c.size)))
				assert.NoError(t, err)
			}))
			require.NoError(t, err)
			point, _ := report.Point("full-pages")
			require.Equal(t, c.answer, point.Answer, point.Came)
			require.Equal(t, c.want, report.MaxPageSize)
		})
	}
}

// The first 429 ends the examination; what was found until then is kept.
func TestTheFirst429EndsIt(t *testing.T) {
	report, err := tryExamine(t, imednettest.Settings{}, func(server *imednettest.Server, _ *imednettest.Study) {
		server.Inject(imednettest.Fault{Skip: 30, Times: -1, Status: 429, RetryAfter: "17"})
	})
	require.ErrorIs(t, err, imednet.ErrRateLimited)
	require.Equal(t, 31, report.Requests)
	require.Equal(t, "the server answered 429, too many requests", report.Stopped)
	require.Equal(t, "17", report.RetryAfter)
	last, _ := report.Point("error-bodies")
	require.Equal(t, probe.Open, last.Answer)
	require.Equal(t, "not asked: the server answered 429, too many requests", last.Came)
	first, _ := report.Point("page-size-over-500")
	require.Equal(t, probe.No, first.Answer)
}
