package criteria_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/criteria"
)

func revisionIDs(t *testing.T, d *criteria.DataExtraction, study string, c criteria.AuditCriteria) ([]int64, criteria.AuditReport) {
	t.Helper()
	ids := []int64{}
	run := d.AuditTrail(t.Context(), study, c)
	for r, err := range run.Revisions() {
		require.NoError(t, err)
		ids = append(ids, r.RecordRevisionID)
	}
	return ids, run.Report()
}

func TestPilotAuditTrail(t *testing.T) {
	server := studytest.PilotServer(t)
	server.Configure(imednettest.Settings{DeletedInFilter: true})
	d := dataExtraction(t, server.Client())
	revisions := studytest.NDJSON[readingRow](t, "recordRevisions.ndjson")
	where := imednet.Where
	for name, c := range map[string]struct {
		criteria criteria.AuditCriteria
		sent     string
		match    func(r readingRow) bool
	}{
		"all of it": {criteria.AuditCriteria{}, "recordRevisions ", func(readingRow) bool { return true }},
		"between two moments": {criteria.AuditCriteria{From: moment("2013-01-01 00:00:00"), To: moment("2013-02-01 00:00:00")},
			"recordRevisions dateCreated>=2013-01-01T00:00:00Z",
			func(r readingRow) bool {
				return r.DateCreated >= "2013-01-01 00:00:00" && r.DateCreated < "2013-02-01 00:00:00"
			}},
		"the batch lock's second is in": {criteria.AuditCriteria{From: moment("2014-09-01 02:00:00"), To: moment("2014-09-01 02:00:01")},
			"recordRevisions dateCreated>=2014-09-01T02:00:00Z", func(r readingRow) bool { return r.DateCreated == "2014-09-01 02:00:00" }},
		"the end is out": {criteria.AuditCriteria{To: moment("2014-09-01 02:00:00")},
			"recordRevisions dateCreated<2014-09-01T02:00:00Z", func(r readingRow) bool { return r.DateCreated < "2014-09-01 02:00:00" }},
		"an end within a second is rounded up": {criteria.AuditCriteria{To: moment("2014-09-01 02:00:00.5")},
			"recordRevisions dateCreated<2014-09-01T02:00:01Z", func(r readingRow) bool { return r.DateCreated <= "2014-09-01 02:00:00" }},
		"a start within a second is rounded down": {criteria.AuditCriteria{From: moment("2014-09-01 02:00:00.5")},
			"recordRevisions dateCreated>=2014-09-01T02:00:00Z", func(r readingRow) bool { return r.DateCreated > "2014-09-01 02:00:00" }},
		"one user of one form": {criteria.AuditCriteria{From: moment("2013-01-01 00:00:00"), Users: []string{"coord701"}, Filter: where("formKey", imednet.Equal, "AE")},
			"recordRevisions formKey==AE;dateCreated>=2013-01-01T00:00:00Z;user==coord701",
			func(r readingRow) bool {
				return r.DateCreated >= "2013-01-01 00:00:00" && r.User == "coord701" && r.FormKey == "AE"
			}},
		"two users": {criteria.AuditCriteria{Users: []string{"coord701", "coord702"}}, "recordRevisions ",
			func(r readingRow) bool { return r.User == "coord701" || r.User == "coord702" }},
		"joined by OR": {criteria.AuditCriteria{From: moment("2014-01-01 00:00:00"), Users: []string{"coord701"}, Filter: where("formKey", imednet.Equal, "AE").Or("deleted", imednet.Equal, true)},
			"recordRevisions formKey==AE,deleted==true",
			func(r readingRow) bool {
				return r.DateCreated >= "2014-01-01 00:00:00" && r.User == "coord701" && (r.FormKey == "AE" || r.Deleted)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			want := []int64{}
			for _, r := range revisions {
				if c.match(r) {
					want = append(want, r.RevisionID)
				}
			}
			slices.Sort(want)
			require.NotEmpty(t, want)
			server.ResetRequests()
			got, report := revisionIDs(t, d, readingPilot, c.criteria)
			requests := len(server.Requests())
			assert.Equal(t, want, got)
			assert.Equal(t, []string{c.sent}, unpaged(sent(server))[:1])
			assert.LessOrEqual(t, requests, int(report.Read)/500*3+4, "one pass over what the server filtered")
			assert.Equal(t, report.Read, report.Yielded+report.OutOfPeriod+report.Undated+report.OtherUser)
			assert.EqualValues(t, len(want), report.Yielded)
		})
	}
}

func TestPeriodsThatTouchShareNoRow(t *testing.T) {
	server := studytest.PilotServer(t)
	d := dataExtraction(t, server.Client())
	middle := moment("2014-09-01 02:00:00")
	before, _ := revisionIDs(t, d, readingPilot, criteria.AuditCriteria{To: middle})
	after, _ := revisionIDs(t, d, readingPilot, criteria.AuditCriteria{From: middle})
	assert.Equal(t, 32872, len(before)+len(after))
}

func TestAuditCriteriaAreChecked(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	d := dataExtraction(t, server.Client())
	from := moment("2024-01-01 00:00:00")
	for name, c := range map[string]criteria.AuditCriteria{
		"Filter.dateCreated": {From: from, Filter: imednet.Where("dateCreated", imednet.Less, from)},
		"Filter.user":        {Users: []string{"a"}, Filter: imednet.Where("user", imednet.Equal, "b")},
		"Filter.studyKey":    {Filter: imednet.Where("studyKey", imednet.Equal, "X")},
		"Filter.visitId":     {Filter: imednet.Where("visitId", imednet.Equal, 1)},
		"Users":              {Users: []string{""}},
		"To":                 {From: from, To: from},
	} {
		for _, err := range d.AuditTrail(t.Context(), "DEMO", c).Revisions() {
			var invalid *imednet.ValidationError
			require.ErrorAs(t, err, &invalid, name)
			assert.Equal(t, name, invalid.Problems[0].Path)
		}
	}
	assert.Empty(t, server.Requests())
	server.Inject(imednettest.Fault{Path: "/recordRevisions", Status: 500, Times: -1})
	n := 0
	for _, err := range d.AuditTrail(t.Context(), "DEMO", criteria.AuditCriteria{}).Revisions() {
		n++
		require.ErrorIs(t, err, imednet.ErrServer)
	}
	assert.Equal(t, 1, n)
}
