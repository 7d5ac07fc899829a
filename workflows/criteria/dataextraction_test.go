package criteria_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/criteria"
)

const readingPilot = "CDISCPILOT01"

// readingRow is any row of the pilot study, as far as these tests need it.
type readingRow struct {
	RecordID    int64          `json:"recordId"`
	RevisionID  int64          `json:"recordRevisionId"`
	SubjectID   int64          `json:"subjectId"`
	SubjectKey  string         `json:"subjectKey"`
	SubjectStat string         `json:"subjectStatus"`
	SiteID      int64          `json:"siteId"`
	SiteName    string         `json:"siteName"`
	VisitID     int64          `json:"visitId"`
	IntervalID  int64          `json:"intervalId"`
	FormKey     string         `json:"formKey"`
	User        string         `json:"user"`
	DateCreated string         `json:"dateCreated"`
	Deleted     bool           `json:"deleted"`
	RecordData  map[string]any `json:"recordData"`
}

func dataExtraction(t *testing.T, client criteria.Client, opts ...criteria.Option) *criteria.DataExtraction {
	t.Helper()
	d, err := criteria.NewDataExtraction(client, opts...)
	require.NoError(t, err)
	return d
}

func recordIDs(t *testing.T, d *criteria.DataExtraction, study string, c criteria.RecordCriteria) ([]int64, criteria.RecordReport) {
	t.Helper()
	ids := []int64{}
	run := d.Extract(t.Context(), study, c)
	for r, err := range run.Records() {
		require.NoError(t, err)
		ids = append(ids, r.RecordID)
	}
	return ids, run.Report()
}

// sent lists "resource filter recordDataFilter" of the requests so far.
func sent(server *imednettest.Server) []string {
	var list []string
	for _, r := range server.Requests() {
		line := r.Path[strings.LastIndexByte(r.Path, '/')+1:] + " " + r.Filter
		if r.RecordDataFilter != "" {
			line += " | " + r.RecordDataFilter
		}
		list = append(list, line)
	}
	server.ResetRequests()
	return list
}

// unpaged drops the bounds by which a client reads records page by page.
func unpaged(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if !strings.Contains(line, "recordId>") && !strings.Contains(line, "recordRevisionId>") {
			kept = append(kept, line)
		}
	}
	return kept
}

func TestPilotRecordsByCriteria(t *testing.T) {
	server := studytest.PilotServer(t)
	d := dataExtraction(t, server.Client())
	subjects, visits, records := map[int64]readingRow{}, map[int64]readingRow{}, studytest.NDJSON[readingRow](t, "records.ndjson")
	for _, s := range studytest.NDJSON[readingRow](t, "subjects.ndjson") {
		subjects[s.SubjectID] = s
	}
	for _, v := range studytest.NDJSON[readingRow](t, "visits.ndjson") {
		visits[v.VisitID] = v
	}
	where := imednet.Where
	for name, c := range map[string]struct {
		criteria criteria.RecordCriteria
		match    func(r readingRow) bool
	}{
		"everything": {criteria.RecordCriteria{}, func(readingRow) bool { return true }},
		"one form":   {criteria.RecordCriteria{Records: where("formKey", imednet.Equal, "AE")}, func(r readingRow) bool { return r.FormKey == "AE" }},
		"answers": {criteria.RecordCriteria{Records: where("formKey", imednet.Equal, "AE"), RecordData: where("AESER", imednet.Equal, "Y")},
			func(r readingRow) bool { return r.FormKey == "AE" && r.RecordData["AESER"] == "Y" }},
		"one site": {criteria.RecordCriteria{Subjects: where("siteName", imednet.Equal, "710")},
			func(r readingRow) bool { s := subjects[r.SubjectID]; return s.SiteName == "710" && !s.Deleted }},
		"one subject": {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "1024")},
			func(r readingRow) bool { return r.SubjectKey == "1024" }},
		"small site": {criteria.RecordCriteria{Subjects: where("siteName", imednet.Equal, "706"), Records: where("formKey", imednet.Equal, "VS")},
			func(r readingRow) bool { return subjects[r.SubjectID].SiteName == "706" && r.FormKey == "VS" }},
		"one interval": {criteria.RecordCriteria{Visits: where("intervalName", imednet.Equal, "BASELINE")},
			func(r readingRow) bool { v := visits[r.VisitID]; return v.IntervalID == 406 && !v.Deleted }},
		"status and interval": {criteria.RecordCriteria{Subjects: where("subjectStatus", imednet.Equal, "Completed"), Visits: where("intervalId", imednet.Equal, 406)},
			func(r readingRow) bool {
				v, s := visits[r.VisitID], subjects[r.SubjectID]
				return v.IntervalID == 406 && !v.Deleted && s.SubjectStat == "Completed" && !s.Deleted
			}},
	} {
		t.Run(name, func(t *testing.T) {
			want := []int64{}
			for _, r := range records {
				if !r.Deleted && c.match(r) {
					want = append(want, r.RecordID)
				}
			}
			got, report := recordIDs(t, d, readingPilot, c.criteria)
			require.NotEmpty(t, want)
			assert.Equal(t, want, got)
			assert.EqualValues(t, len(got), report.Yielded)
			assert.Equal(t, report.Read, report.Yielded+report.Deleted+report.Unmatched)
		})
	}
}

func TestCriteriaPushDownWhatTheServerCanFilter(t *testing.T) {
	server := studytest.PilotServer(t)
	d := dataExtraction(t, server.Client())
	where := imednet.Where
	for name, c := range map[string]struct {
		criteria criteria.RecordCriteria
		want     []string
	}{
		"filters as they are": {criteria.RecordCriteria{Records: where("formKey", imednet.Equal, "AE").And("siteId", imednet.Greater, 5), RecordData: where("AESER", imednet.Equal, "Y")},
			[]string{"forms ", "variables ", "variables variableId>90500", "subjects ", "records formKey==AE;siteId>5 | AESER==Y"}},
		"a site, which records need not name": {criteria.RecordCriteria{Subjects: where("siteName", imednet.Equal, "710"), Records: where("formKey", imednet.Equal, "DM")},
			[]string{"subjects siteName==710", "subjects ", "records formKey==DM"}},
		"one subject": {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "1024")},
			[]string{"subjects subjectKey==1024", "subjects ", "records subjectId==24775", "records subjectKey==1024"}},
		"few subjects": {criteria.RecordCriteria{Subjects: where("siteName", imednet.Equal, "706"), Records: where("formKey", imednet.Equal, "DM")},
			[]string{"subjects siteName==706", "subjects ", "records formKey==DM;subjectId==24352", "records formKey==DM;subjectKey==1041", "records formKey==DM;subjectId==24355", "records formKey==DM;subjectKey==1049", "records formKey==DM;subjectId==24358", "records formKey==DM;subjectKey==1384"}},
		"an interval, which records need not name": {criteria.RecordCriteria{Visits: where("intervalName", imednet.Equal, "BASELINE"), Records: where("formKey", imednet.Equal, "EX")},
			[]string{"subjects ", "visits intervalName==BASELINE", "records formKey==EX"}},
		"nobody": {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "none"), Visits: where("intervalId", imednet.Equal, 406)},
			[]string{"subjects subjectKey==none"}},
		"no visit": {criteria.RecordCriteria{Visits: where("intervalId", imednet.Equal, 1)}, []string{"subjects ", "visits intervalId==1"}},
		"joined by OR": {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "1024"), Records: where("formKey", imednet.Equal, "DM").Or("recordStatus", imednet.Equal, "X")},
			[]string{"subjects subjectKey==1024", "subjects ", "records formKey==DM,recordStatus==X"}},
		"an attribute named already": {criteria.RecordCriteria{Subjects: where("siteName", imednet.Equal, "706"), Records: where("subjectKey", imednet.Greater, "1000").And("siteId", imednet.Greater, 1).And("formKey", imednet.Equal, "DM")},
			[]string{"subjects siteName==706", "subjects ", "records subjectKey>1000;siteId>1;formKey==DM"}},
	} {
		t.Run(name, func(t *testing.T) {
			server.ResetRequests()
			recordIDs(t, d, readingPilot, c.criteria)
			assert.Equal(t, c.want, unpaged(sent(server)))
		})
	}
	server.ResetRequests()
	recordIDs(t, dataExtraction(t, server.Client(), criteria.WithSubjectFanOut(0)), readingPilot, criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "1024"), Records: where("formKey", imednet.Equal, "DM")})
	assert.Equal(t, []string{"subjects subjectKey==1024", "subjects ", "records formKey==DM"}, unpaged(sent(server)))
}

func TestCriteriaAreCheckedBeforeAnythingIsSent(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
	d := dataExtraction(t, server.Client())
	bad := imednet.Where("studyKey", imednet.Equal, "secret")
	for name, c := range map[string]criteria.RecordCriteria{
		"Records.studyKey":  {Records: bad},
		"Subjects.studyKey": {Subjects: bad},
		"Visits.studyKey":   {Visits: bad},
		"Records.no_such":   {Records: imednet.Where("no_such", imednet.Equal, "secret")},
		"RecordData.A":      {RecordData: imednet.Where("A", imednet.Equal, "secret").And("A", imednet.Equal, nil)},
	} {
		n := 0
		for _, err := range d.Extract(t.Context(), "DEMO", c).Records() {
			n++
			var invalid *imednet.ValidationError
			require.ErrorAs(t, err, &invalid, name)
			assert.Contains(t, err.Error(), name)
			assert.NotContains(t, err.Error(), "secret")
		}
		assert.Equal(t, 1, n)
	}
	assert.Empty(t, server.Requests())
	_, err := criteria.NewDataExtraction(nil)
	require.Error(t, err)
	for _, n := range []int{-1, 33} {
		_, err = criteria.NewDataExtraction(server.Client(), criteria.WithSubjectFanOut(n))
		require.Error(t, err)
	}
}

func TestDeletedRowsAreLeftOutAndCounted(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	d := dataExtraction(t, server.Client())
	before, report := recordIDs(t, d, "DEMO", criteria.RecordCriteria{})
	deleted := report.Deleted
	require.NoError(t, study.DeleteRecord(before[0], true))
	rest, report := recordIDs(t, d, "DEMO", criteria.RecordCriteria{})
	assert.Equal(t, before[1:], rest)
	assert.Equal(t, deleted+1, report.Deleted)
	all, report := recordIDs(t, d, "DEMO", criteria.RecordCriteria{IncludeDeleted: true})
	assert.EqualValues(t, len(all), report.Read)
	assert.Zero(t, report.Deleted)
}

func TestExtractionFailuresEndTheListingOnce(t *testing.T) {
	for _, path := range []string{"/subjects", "/visits", "/records"} {
		server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300}))
		server.Inject(imednettest.Fault{Path: path, Status: 503, Times: -1})
		n := 0
		all := criteria.RecordCriteria{Subjects: imednet.Where("subjectId", imednet.Greater, 0), Visits: imednet.Where("visitId", imednet.Greater, 0)}
		for r, err := range dataExtraction(t, server.Client()).Extract(t.Context(), "DEMO", all).Records() {
			n++
			assert.Zero(t, r.RecordID)
			require.ErrorIs(t, err, imednet.ErrServer)
			assert.True(t, imednet.Retryable(err))
		}
		assert.Equal(t, 1, n, path)
	}
}

func TestBreakingOutOfManySubjectsStopsTheirListings(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300, Subjects: 6}))
	d := dataExtraction(t, server.Client())
	seen := int64(0)
	for r, err := range d.Extract(t.Context(), "DEMO", criteria.RecordCriteria{Subjects: imednet.Where("subjectId", imednet.Greater, 0)}).Records() {
		require.NoError(t, err)
		assert.Greater(t, r.RecordID, seen)
		if seen = r.RecordID; len(server.Requests()) == 0 {
			t.Fatal("rows without a request")
		}
		break
	}
	assert.Positive(t, seen)
}

func moment(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.999", text)
	if err != nil {
		panic(err)
	}
	return t
}

// TestAStreamReadAgainIsCountedAnew ranges over one run twice, once to a break.
func TestAStreamReadAgainIsCountedAnew(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300}))
	d := dataExtraction(t, server.Client())
	records := d.Extract(t.Context(), "DEMO", criteria.RecordCriteria{})
	for range records.Records() {
		break
	}
	assert.EqualValues(t, 1, records.Report().Yielded)
	ids, report := recordIDs(t, d, "DEMO", criteria.RecordCriteria{})
	for range records.Records() {
	}
	assert.Equal(t, report, records.Report())
	assert.EqualValues(t, len(ids), report.Yielded)

	audit := d.AuditTrail(t.Context(), "DEMO", criteria.AuditCriteria{})
	for range audit.Revisions() {
		break
	}
	assert.EqualValues(t, 1, audit.Report().Yielded)
	revisions, _ := revisionIDs(t, d, "DEMO", criteria.AuditCriteria{})
	for range audit.Revisions() {
	}
	assert.EqualValues(t, len(revisions), audit.Report().Yielded)
}

// deletedSubject is a study of two subjects, the second of which is soft-deleted.
type deletedSubject struct{ criteria.Client }

func (deletedSubject) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return func(yield func(imednet.Subject, error) bool) {
		_ = yield(imednet.Subject{SubjectID: 1}, nil) && yield(imednet.Subject{SubjectID: 2, Deleted: imednet.Some(true)}, nil)
	}
}

func (deletedSubject) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for id := range int64(4) {
			if !yield(imednet.Record{RecordID: id + 1, SubjectID: imednet.Some(id%2 + 1)}, nil) {
				return
			}
		}
	}
}

// TestRecordsOfDeletedSubjectsAreLeftOut also where no filter names subjects, as canonical data leaves
// them out.
func TestRecordsOfDeletedSubjectsAreLeftOut(t *testing.T) {
	workflow, err := criteria.NewDataExtraction(deletedSubject{})
	require.NoError(t, err)
	for include, want := range map[bool]criteria.RecordReport{false: {Read: 4, Yielded: 2, Deleted: 2, OfDeletedSubjects: 2}, true: {Read: 4, Yielded: 4}} {
		run := workflow.Extract(t.Context(), "S", criteria.RecordCriteria{IncludeDeleted: include})
		for _, err := range run.Records() {
			require.NoError(t, err)
		}
		require.Equal(t, want, run.Report())
	}
}

// TestAFilterOnDeletedIsDecidedHere: no endpoint documents the attribute, and a server that refuses it
// gives the same records as one that does not.
func TestAFilterOnDeletedIsDecidedHere(t *testing.T) {
	server := imednettest.NewServer(imednettest.GenerateLifelike(imednettest.LifelikeOptions{Subjects: 30}))
	client := server.Client()
	subjects, visits := map[int64]bool{}, map[int64]bool{}
	for s, err := range client.Subjects(t.Context(), "LIFE", imednet.ListOptions{}) {
		require.NoError(t, err)
		subjects[s.SubjectID] = s.IsDeleted()
	}
	for v, err := range client.Visits(t.Context(), "LIFE", imednet.ListOptions{}) {
		require.NoError(t, err)
		visits[v.VisitID] = v.Deleted.Or(false)
	}
	for _, deleted := range []bool{false, true} {
		filter := imednet.Where("deleted", imednet.Equal, deleted)
		var ofSubjects, ofVisits []int64
		for r, err := range client.Records(t.Context(), "LIFE", imednet.ListOptions{}) {
			require.NoError(t, err)
			if of, ok := subjects[r.SubjectID.Or(0)]; ok && of == deleted {
				ofSubjects = append(ofSubjects, r.RecordID)
			}
			if of, ok := visits[r.VisitID.Or(0)]; ok && of == deleted {
				ofVisits = append(ofVisits, r.RecordID)
			}
		}
		require.NotEmpty(t, ofSubjects)
		got, _ := recordIDs(t, dataExtraction(t, client), "LIFE", criteria.RecordCriteria{Subjects: filter, IncludeDeleted: true})
		require.ElementsMatch(t, ofSubjects, got)
		got, _ = recordIDs(t, dataExtraction(t, client), "LIFE", criteria.RecordCriteria{Visits: filter, IncludeDeleted: true})
		require.ElementsMatch(t, ofVisits, got)
	}
	got, _ := recordIDs(t, dataExtraction(t, client), "LIFE", criteria.RecordCriteria{Subjects: imednet.Where("siteId", imednet.Greater, 0).And("deleted", imednet.Equal, "false")})
	want, _ := recordIDs(t, dataExtraction(t, client), "LIFE", criteria.RecordCriteria{Subjects: imednet.Where("siteId", imednet.Greater, 0)})
	require.NotEmpty(t, got)
	require.Equal(t, want, got)
}
