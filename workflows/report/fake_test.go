package report_test

import (
	"context"
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
)

// fake is a study made by hand. Its errors end the listings of visits and queries at once.
type fake struct {
	sites     []imednet.Site
	forms     []imednet.Form
	variables []imednet.Variable
	intervals []imednet.Interval
	subjects  []imednet.Subject
	visits    []imednet.Visit
	queries   []imednet.Query
	records   []imednet.Record

	visitsErr, queriesErr error
}

func (f *fake) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return studytest.RowsOf(f.sites)
}

func (f *fake) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return studytest.RowsOf(f.forms)
}

func (f *fake) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return studytest.RowsOf(f.variables)
}

func (f *fake) Intervals(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return studytest.RowsOf(f.intervals)
}

func (f *fake) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return studytest.RowsOf(f.subjects)
}

func (f *fake) Visits(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return orError(f.visits, f.visitsErr)
}

func (f *fake) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return orError(f.queries, f.queriesErr)
}

func (f *fake) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return studytest.RowsOf(f.records)
}

func orError[T any](rows []T, err error) iter.Seq2[T, error] {
	if err == nil {
		return studytest.RowsOf(rows)
	}
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// now is the moment of the studies made by hand.
var now = time.Date(2024, 6, 15, 9, 0, 0, 0, time.UTC)

func date(text string) imednet.Opt[imednet.Date] {
	if text == "" {
		return imednet.NullOf[imednet.Date]()
	}
	d, err := imednet.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return imednet.Some(d)
}

func at(text string) imednet.Opt[imednet.Time] { return studytest.OptTime(text) }

// small has a site, a subject, and a form AE with the variables AETERM, AESEV and AESER.
func small() *fake {
	f := &fake{
		sites: []imednet.Site{{SiteID: 1, SiteName: imednet.Some("North")}, {SiteID: 2, SiteName: imednet.Some("South")}},
		forms: []imednet.Form{studytest.Form(1, "AE")},
		subjects: []imednet.Subject{
			{SubjectID: 11, SubjectKey: imednet.Some("01-001"), SiteID: imednet.Some(int64(1)), EnrollmentStartDate: at("2024-03-02 00:00:00")},
			{SubjectID: 12, SubjectKey: imednet.Some("02-001"), SiteID: imednet.Some(int64(2))},
		},
		intervals: []imednet.Interval{{IntervalID: 5, IntervalName: imednet.Some("Week 1"), IntervalSequence: imednet.Some(int64(1))}},
	}
	for i, name := range []string{"AETERM", "AESEV", "AESER"} {
		f.variables = append(f.variables, studytest.Variable(int64(i+1), name, "TEXT", "AE", imednet.Some(int64(1))))
	}
	return f
}

// event is a record of the form AE of the first subject.
func event(id int64, data string) imednet.Record {
	r := imednet.Record{RecordID: id, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("AE"), SiteID: imednet.Some(int64(1)), SubjectID: imednet.Some(int64(11)), SubjectKey: imednet.Some("01-001")}
	answers, err := imednet.NewRecordData(jsontext.Value(data))
	if err != nil {
		panic(err)
	}
	r.RecordData = answers
	return r
}

// openQuery is a query that was raised at a time and has one comment.
func openQuery(id int64, raised string) imednet.Query {
	return imednet.Query{
		AnnotationID: id, SubjectID: imednet.Some(int64(11)), DateCreated: at(raised),
		QueryComments: []imednet.QueryComment{{Sequence: imednet.Some(int64(1)), User: imednet.Some("monitor"), Closed: imednet.Some(false), Date: at(raised)}},
	}
}
