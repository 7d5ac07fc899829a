package report_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/report"
)

// TestStatesOfVisits has the days on either side of every bound.
func TestStatesOfVisits(t *testing.T) {
	for _, c := range []struct {
		start, end, due, date string
		entered               bool
		want                  report.VisitState
	}{
		{"2024-06-01", "2024-06-10", "2024-06-05", "2024-06-01", false, report.VisitInWindow},
		{"2024-06-01", "2024-06-10", "2024-06-05", "2024-06-10", false, report.VisitInWindow},
		{"2024-06-01", "2024-06-10", "2024-06-05", "2024-05-31", false, report.VisitOutside},
		{"2024-06-01", "2024-06-10", "2024-06-05", "2024-06-11", false, report.VisitOutside},
		{"", "2024-06-10", "", "2024-06-11", false, report.VisitOutside},
		{"", "2024-06-10", "", "2024-06-10", false, report.VisitNoWindow},
		{"", "", "2024-06-05", "2024-06-05", false, report.VisitNoWindow},
		{"2024-06-10", "2024-06-01", "", "2024-06-05", false, report.VisitNoWindow},
		{"2024-06-01", "2024-06-30", "", "2024-06-15", false, report.VisitInWindow},
		{"2024-06-01", "2024-06-30", "", "2024-06-16", false, report.VisitUndecided},
		{"2024-06-01", "2024-06-14", "2024-06-05", "", false, report.VisitMissed},
		{"2024-06-01", "2024-06-14", "2024-06-05", "", true, report.VisitNoDate},
		{"2024-06-01", "2024-06-15", "2024-06-20", "", false, report.VisitDue},
		{"2024-06-15", "2024-06-25", "2024-06-20", "", false, report.VisitDue},
		{"2024-06-16", "2024-06-25", "2024-06-20", "", false, report.VisitUpcoming},
		{"", "", "2024-06-14", "", false, report.VisitDue},
		{"", "", "2024-06-15", "", false, report.VisitUpcoming},
		{"", "2024-06-15", "", "", false, report.VisitUpcoming},
		{"", "", "", "", false, report.VisitUndecided},
		{"", "", "", "", true, report.VisitNoDate},
		{"2024-06-10", "2024-06-01", "", "", false, report.VisitUndecided},
	} {
		f := small()
		f.visits = []imednet.Visit{{VisitID: 7, SubjectID: imednet.Some(int64(11)), StartDate: date(c.start), EndDate: date(c.end), DueDate: date(c.due), VisitDate: date(c.date)}}
		if c.entered {
			r := event(1, `{}`)
			r.VisitID = imednet.Some(int64(7))
			f.records = append(f.records, r)
		}
		built := build(t, f, "S", now, report.Options{})
		assert.EqualValues(t, 1, built.Visits.Of(c.want), "%+v: %+v", c, built.Visits)
		assert.EqualValues(t, 1, built.Visits.Total())
	}
}

func TestVisitsOfDeletedSubjectsAreLeftOut(t *testing.T) {
	f := small()
	f.subjects[0].Deleted = imednet.Some(true)
	f.visits = []imednet.Visit{{VisitID: 7, SubjectID: imednet.Some(int64(11)), EndDate: date("2024-01-01")}, {VisitID: 8, SubjectID: imednet.Some(int64(12)), Deleted: imednet.Some(true)}}
	built := build(t, f, "S", now, report.Options{})
	assert.Equal(t, report.VisitCounts{Deleted: 2}, built.Visits)
	assert.EqualValues(t, 1, built.Enrolment.Deleted)
	assert.EqualValues(t, 1, built.Enrolment.Subjects)
}

func TestAQueryIsOverdueOnItsThirtiethDay(t *testing.T) {
	f := small()
	f.queries = []imednet.Query{openQuery(1, "2024-05-16 09:00:00"), openQuery(2, "2024-05-16 09:00:01"), openQuery(3, "2024-06-15 09:00:01")}
	f.queries = append(f.queries, imednet.Query{AnnotationID: 4, SubjectID: imednet.Some(int64(11))})
	q := build(t, f, "S", now, report.Options{}).Queries
	assert.EqualValues(t, []int64{2, 0, 1, 1}, []int64{q.Open, q.Closed, q.Unknown, q.Overdue}, "one was raised later, and one has no comment")
	q = build(t, f, "S", now, report.Options{OverdueDays: 31}).Queries
	assert.EqualValues(t, 0, q.Overdue)
}

// TestWhereAQueryIs: the site is its subject's, not its record's; the form is its record's.
func TestWhereAQueryIs(t *testing.T) {
	f := small()
	elsewhere := event(9, `{}`)
	elsewhere.SiteID = imednet.Some(int64(2))
	f.records = []imednet.Record{elsewhere}
	ofSubject, ofRecord := openQuery(1, "2024-06-01 00:00:00"), openQuery(2, "2024-06-01 00:00:00")
	ofSubject.RecordID, ofRecord.RecordID = imednet.Some(int64(9)), imednet.Some(int64(9))
	ofRecord.SubjectID = imednet.NullOf[int64]()
	f.queries = []imednet.Query{ofSubject, ofRecord}
	built := build(t, f, "S", now, report.Options{})
	require.Len(t, built.Sites, 2)
	assert.EqualValues(t, 1, built.Sites[0].Queries.Open, "North, of the subject")
	assert.EqualValues(t, 1, built.Sites[1].Queries.Open, "South, of the record")
	assert.Equal(t, []report.QueryGroup{{FormKey: "AE", Open: 2}}, built.QueryForms)
}

func TestLateIsMoreThanTheDaysAfterTheVisit(t *testing.T) {
	f := small()
	f.visits = []imednet.Visit{{VisitID: 7, SubjectID: imednet.Some(int64(11)), VisitDate: date("2024-06-01")}, {VisitID: 8, SubjectID: imednet.Some(int64(11))}}
	for i, entered := range []string{"2024-06-01 23:59:59", "2024-06-08 23:59:59", "2024-06-09 00:00:00", "2024-05-31 23:59:59"} {
		r := event(int64(i+1), `{}`)
		r.VisitID, r.DateCreated = imednet.Some(int64(7)), at(entered)
		f.records = append(f.records, r)
	}
	noVisit, noDate, notListed := event(5, `{}`), event(6, `{}`), event(7, `{}`)
	noVisit.DateCreated = at("2024-06-01 00:00:00")
	noDate.VisitID, noDate.DateCreated = imednet.Some(int64(8)), at("2024-06-01 00:00:00")
	notListed.VisitID = imednet.Some(int64(99))
	f.records = append(f.records, noVisit, noDate, notListed)
	built := build(t, f, "S", now, report.Options{})
	require.Len(t, built.Entry, 1)
	e := built.Entry[0]
	assert.Equal(t, report.Days{Count: 3}, e.Delay, "one subject's days are no group's")
	e.Delay, e.FormName = report.Days{}, ""
	assert.Equal(t, report.FormEntry{FormKey: "AE", Records: 7, Timed: 3, Late: 1, Before: 1, Unscheduled: 2, NoDate: 1}, e)
	shown := build(t, f, "S", now, report.Options{ShowValues: true, LateDays: 8})
	assert.EqualValues(t, 0, shown.Entry[0].Late)
	assert.InDelta(t, 7, *shown.Entry[0].Delay.Median, 0)
}

// TestUnknownIsNeverNo: no answer, and no answer that is understood, is counted as not serious or mild.
func TestUnknownIsNeverNo(t *testing.T) {
	f := small()
	for i, data := range []string{`{}`, `{"AESER":null,"AESEV":" "}`, `{"AESER":"maybe","AESEV":"rather bad"}`, `null`, `{"AESER":"N","AESEV":"mild"}`, `{"aeser":true,"aesev":"SEVERE"}`, `{"AEser":"N","aeSER":"N"}`} {
		f.records = append(f.records, event(int64(i+1), data))
	}
	e := build(t, f, "S", now, report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}}).AdverseEvents
	require.NotNil(t, e)
	assert.Equal(t, []report.SeverityCount{{Severity: "Mild", NotSerious: 1}, {Severity: "Severe", Serious: 1}, {Severity: "other answer", Unknown: 1}, {Severity: "unknown", Unknown: 4}}, e.Severity)
	assert.Equal(t, []int64{7, 1, 0, 2}, []int64{e.Events, e.Subjects, e.NoSubject, e.SeriousUnread})

	without := build(t, f, "S", now, report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE", Severity: "AETERM", Serious: "AETERM"}}}).AdverseEvents
	assert.Equal(t, []report.SeverityCount{{Severity: "unknown", Unknown: 7}}, without.Severity)
	assert.Nil(t, build(t, f, "S", now, report.Options{}).AdverseEvents, "nothing says which form holds them")
}

func TestAFormOfAdverseEventsMustExist(t *testing.T) {
	workflow, err := report.NewStudyReport(small())
	require.NoError(t, err)
	for _, wrong := range []report.AdverseEventForm{{FormKey: "AES"}, {FormKey: "AE", Severity: "SEVERITY"}, {FormKey: "AE", Serious: "SERIOUS"}} {
		_, err := workflow.Build(t.Context(), "S", report.Options{AdverseEvents: []report.AdverseEventForm{wrong}})
		var invalid *imednet.ValidationError
		assert.ErrorAs(t, err, &invalid, "%+v", wrong)
	}
}

func TestAdverseEventFormsOfAConfiguration(t *testing.T) {
	expression := "value.upper()"
	config := imednet.StudyConfiguration{
		Mappings: []imednet.MappingRule{
			{Domain: "PD", TargetField: "dvSeverity", SourceFormKey: "DV", SourceVariableName: "X"},
			{Domain: "AE", TargetField: "aeTerm", SourceFormKey: "AE", SourceVariableName: "AETERM"},
			{Domain: "AE", TargetField: "aeSeverity", SourceFormKey: "AE", SourceVariableName: "AESEV"},
			{Domain: "AE", TargetField: "aeSerious", SourceFormKey: "AE", SourceVariableName: "AESER", BusinessLogic: &expression},
		},
		TerminologyLookups: map[string]map[string]string{"AE.aeSeverity": {"2": "Moderate"}},
	}
	f := small()
	f.records = []imednet.Record{event(1, `{"AESEV":"2","AESER":"N"}`)}
	for _, name := range []string{"AESEV", "recordData.AESEV", "record_data.AESEV"} {
		config.Mappings[2].SourceVariableName = name
		e := build(t, f, "S", now, report.Options{AdverseEvents: report.AdverseEventForms(config)}).AdverseEvents
		assert.Equal(t, []report.AdverseEventSource{{FormKey: "AE", Severity: "AESEV", Events: 1}}, e.Forms)
		assert.Equal(t, []report.SeverityCount{{Severity: "Moderate", Unknown: 1}}, e.Severity, "what an expression derives is unknown")
	}
}

type required map[string]imednet.YesNo

func (r required) Required(form, variable string) imednet.YesNo { return r[form+"."+variable] }

func TestMissingAnswersOfRequiredVariables(t *testing.T) {
	f := small()
	f.records = []imednet.Record{event(1, `{"AETERM":"x","AESEV":""}`), event(2, `{"AETERM":"y","AESER":"0"}`), event(3, `{"aeTERM":"y","AEterm":"z"}`)}
	m := build(t, f, "S", now, report.Options{Requirements: required{"AE.AETERM": imednet.Yes, "AE.AESEV": imednet.No}}).Missing
	require.Len(t, m, 1)
	assert.Equal(t, report.Cells{Asked: 9, Answered: 3, Blank: 5, Unclear: 1}, m[0].Cells)
	assert.Equal(t, report.Cells{Asked: 3, Answered: 2, Unclear: 1}, m[0].Required)
	assert.Equal(t, []int{1, 1}, []int{m[0].RequiredVariables, m[0].Untold}, "AESER is in no dictionary")
}

// TestAResourceThatTheSourceLacks is left out and said; any other failure fails the report.
func TestAResourceThatTheSourceLacks(t *testing.T) {
	gone, broken := errors.New("not here"), errors.New("broken")
	f := small()
	f.visitsErr, f.queriesErr = gone, gone
	lacks := func(err error) bool { return errors.Is(err, gone) }
	built := build(t, f, "S", now, report.Options{Absent: lacks})
	assert.Equal(t, []imednet.Resource{imednet.Visits, imednet.Queries}, built.Absent)
	page := pageOf(t, built)
	assert.Contains(t, page, "does not hold visits, queries: what they would show is missing here, not zero.")

	f.queriesErr = broken
	workflow, err := report.NewStudyReport(f)
	require.NoError(t, err)
	_, err = workflow.Build(t.Context(), "S", report.Options{Absent: lacks})
	require.ErrorIs(t, err, broken)
	f.visitsErr, f.queriesErr = gone, nil
	_, err = workflow.Build(t.Context(), "S", report.Options{})
	require.ErrorIs(t, err, gone, "by default every resource is needed")
}

// TestMediansOfFewAreNotShown: a median needs a group of subjects on either side.
func TestMediansOfFewAreNotShown(t *testing.T) {
	f := small()
	f.subjects = nil
	for i := range int64(21) {
		f.subjects = append(f.subjects, imednet.Subject{SubjectID: 100 + i, SiteID: imednet.Some(int64(1))})
		q := openQuery(i+1, "2024-06-01 00:00:00")
		q.SubjectID = imednet.Some(100 + i)
		q.QueryComments = append(q.QueryComments, imednet.QueryComment{Sequence: imednet.Some(int64(2)), User: imednet.Some("site"), Closed: imednet.Some(false), Date: at(fmt.Sprintf("2024-06-%02d 00:00:00", 2+i%10))})
		f.queries = append(f.queries, q)
	}
	full := build(t, f, "S", now, report.Options{}).Sites[0].Queries.ToAnswer
	require.NotNil(t, full.Median)
	assert.InDelta(t, 5, *full.Median, 0)
	assert.Nil(t, full.P90, "two subjects lie beyond it")
	f.queries = f.queries[:20]
	for i := range f.queries { // ten on either side
		f.queries[i].QueryComments[1].Date = at(fmt.Sprintf("2024-06-%02d 00:00:00", 2+i/2))
	}
	few := build(t, f, "S", now, report.Options{}).Sites[0].Queries.ToAnswer
	assert.Equal(t, report.Days{Count: 20}, few)
	assert.NotNil(t, build(t, f, "S", now, report.Options{GroupSize: 10}).Sites[0].Queries.ToAnswer.Median)
	assert.NotNil(t, build(t, f, "S", now, report.Options{ShowValues: true}).Sites[0].Queries.ToAnswer.P90)
}

// TestRowsBeyondTheLimitAreCounted: the rows that need attention most are kept.
func TestRowsBeyondTheLimitAreCounted(t *testing.T) {
	f := small()
	f.visits = []imednet.Visit{{VisitID: 7, SubjectID: imednet.Some(int64(11)), VisitDate: date("2024-03-01")}}
	for i := range int64(40) {
		f.queries = append(f.queries, openQuery(i+1, fmt.Sprintf("2024-06-%02d 00:00:00", 14-i%14)))
		r := event(i+1, `{}`)
		r.VisitID, r.DateCreated = imednet.Some(int64(7)), at(fmt.Sprintf("2024-04-%02d 00:00:00", 1+i%28))
		f.records = append(f.records, r)
	}
	built := build(t, f, "S", now, report.Options{MaxRows: 5})
	queries, _ := built.Table("queries")
	require.Len(t, queries.Rows, 5)
	assert.EqualValues(t, 35, queries.NotListed)
	assert.Equal(t, "14", queries.Rows[0].Cells[7], "the oldest first")
	late, _ := built.Table("entry")
	assert.Equal(t, []int{5, 35}, []int{len(late.Rows), int(late.NotListed)})
	assert.Equal(t, "28", late.Rows[0].Cells[4], "the latest first")
	_, none := built.Table("nothing")
	assert.False(t, none)
}

func TestSitesOfOneNameStayApart(t *testing.T) {
	f := small()
	f.sites[1].SiteName = imednet.Some("North")
	f.sites = append(f.sites, imednet.Site{SiteID: 3})
	built := build(t, f, "S", now, report.Options{})
	var names []string
	for _, s := range built.Sites {
		names = append(names, s.Name)
	}
	assert.Equal(t, []string{"3", "North (1)", "North (2)"}, names)
}
