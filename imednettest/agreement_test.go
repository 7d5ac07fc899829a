package imednettest_test

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Rows of a generated study agree with one another: whatever a row names exists and says the same.
func TestGeneratedRowsAgreeWithOneAnother(t *testing.T) {
	for seed, subjects := range []int{1, 2, 9, 9, 60, 150} {
		study := imednettest.GenerateLifelike(imednettest.LifelikeOptions{Subjects: subjects, Seed: uint64(seed)})
		assert.Empty(t, disagreements(t, study, true), "%d subjects", subjects)
	}
	for _, records := range []int{1, 60, 5000} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: records, Seed: 3})
		assert.Empty(t, disagreements(t, study, false), "%d records", records)
	}
}

// agreement collects the rows of a study, and what is wrong with them.
type agreement struct {
	now       time.Time
	ordered   bool
	forms     map[int64]imednet.Form
	questions map[string]bool // "form id, variable"
	sites     map[int64]imednet.Site
	intervals map[int64]imednet.Interval
	subjects  map[int64]imednet.Subject
	visits    map[int64]imednet.Visit
	records   map[int64]imednet.Record
	logins    map[string]bool
	wrong     map[string]int
}

// must notes that something does not hold.
func (a *agreement) must(holds bool, what string, args ...any) {
	if !holds {
		a.wrong[fmt.Sprintf(what, args...)]++
	}
}

// dated holds the dates of a row against each other and against the study's clock.
func (a *agreement) dated(what string, created, modified imednet.Opt[imednet.Time]) {
	a.must(!modified.Or(zeroTime()).Before(created.Or(zeroTime()).Time), "%s is modified before it is created", what)
	a.must(!modified.Or(zeroTime()).After(a.now), "%s is modified in the future", what)
}

// disagreements counts what is wrong with a study, by kind; where it is ordered, ids are handed out in order
// of time.
func disagreements(t *testing.T, study *imednettest.Study, ordered bool) map[string]int {
	c, key, all := imednettest.NewServer(study).Client(), study.Key(), imednet.ListOptions{}
	a := &agreement{now: study.Now(), ordered: ordered, questions: map[string]bool{}, logins: map[string]bool{}, wrong: map[string]int{}}
	a.forms = byID(t, c.Forms(t.Context(), key, all), func(f imednet.Form) int64 { return f.FormID })
	a.sites = byID(t, c.Sites(t.Context(), key, all), func(s imednet.Site) int64 { return s.SiteID })
	a.intervals = byID(t, c.Intervals(t.Context(), key, all), func(i imednet.Interval) int64 { return i.IntervalID })
	for v, err := range c.Variables(t.Context(), key, all) {
		require.NoError(t, err)
		a.variable(v)
	}
	for u, err := range c.Users(t.Context(), key, imednet.ListOptions{IncludeInactive: true}) {
		require.NoError(t, err)
		a.logins[u.Login.Or("")] = true
	}
	for _, i := range a.intervals {
		a.interval(i)
	}
	a.subjects = inOrder(t, a, "subject", c.Subjects(t.Context(), key, all), func(s imednet.Subject) (int64, imednet.Opt[imednet.Time]) { return s.SubjectID, s.DateCreated })
	a.visits = inOrder(t, a, "visit", c.Visits(t.Context(), key, all), func(v imednet.Visit) (int64, imednet.Opt[imednet.Time]) { return v.VisitID, v.DateCreated })
	a.records = inOrder(t, a, "record", c.Records(t.Context(), key, all), func(r imednet.Record) (int64, imednet.Opt[imednet.Time]) { return r.RecordID, r.DateCreated })
	for _, s := range a.subjects {
		a.subject(s)
	}
	for _, v := range a.visits {
		a.visit(v)
	}
	for _, r := range a.records {
		a.record(r)
	}
	a.revisions(inTurn(t, c.RecordRevisions(t.Context(), key, all)))
	for _, q := range inOrder(t, a, "query", c.Queries(t.Context(), key, all), func(q imednet.Query) (int64, imednet.Opt[imednet.Time]) { return q.AnnotationID, q.DateCreated }) {
		a.query(q)
	}
	for _, code := range inOrder(t, a, "coding", c.Codings(t.Context(), key, imednet.ListOptions{}), func(c imednet.Coding) (int64, imednet.Opt[imednet.Time]) { return c.CodingID, c.DateCoded }) {
		a.coding(code)
	}
	return a.wrong
}

func byID[T any](t *testing.T, rows iter.Seq2[T, error], id func(T) int64) map[int64]T {
	all := map[int64]T{}
	for row, err := range rows {
		require.NoError(t, err)
		all[id(row)] = row
	}
	return all
}

func inTurn[T any](t *testing.T, rows iter.Seq2[T, error]) (all []T) {
	for row, err := range rows {
		require.NoError(t, err)
		all = append(all, row)
	}
	return all
}

// inOrder is byID, and notes rows that are older than those with smaller ids.
func inOrder[T any](t *testing.T, a *agreement, what string, rows iter.Seq2[T, error], of func(T) (int64, imednet.Opt[imednet.Time])) map[int64]T {
	all, before := map[int64]T{}, time.Time{}
	for row, err := range rows {
		require.NoError(t, err)
		id, created := of(row)
		all[id] = row
		a.must(!a.ordered || !created.Or(zeroTime()).Before(before), "a %s is older than the one before", what)
		before = created.Or(zeroTime()).Time
	}
	return all
}

func question(form int64, variable string) string { return fmt.Sprint(form, " ", variable) }

func (a *agreement) variable(v imednet.Variable) {
	f, ok := a.forms[v.FormID.Or(0)]
	a.must(ok && f.FormKey == v.FormKey && f.FormName == v.FormName, "variable: form")
	a.questions[question(v.FormID.Or(0), v.VariableName.Or(""))] = true
	a.dated("variable", v.DateCreated, v.DateModified)
}

func (a *agreement) interval(i imednet.Interval) {
	for _, named := range i.Forms {
		f, ok := a.forms[named.FormID.Or(0)]
		a.must(ok && f.FormKey == named.FormKey && f.FormName == named.FormName, "interval: form")
	}
	a.dated("interval", i.DateCreated, i.DateModified)
}

func (a *agreement) subject(s imednet.Subject) {
	site, ok := a.sites[s.SiteID.Or(0)]
	a.must(ok && site.SiteName == s.SiteName, "subject: site")
	a.dated("subject", s.DateCreated, s.DateModified)
}

func (a *agreement) visit(v imednet.Visit) {
	s, ok := a.subjects[v.SubjectID.Or(0)]
	a.must(ok && s.SubjectKey == v.SubjectKey, "visit: subject")
	a.must(!s.IsDeleted() || v.Deleted.Or(false), "visit: of a deleted subject")
	i, ok := a.intervals[v.IntervalID.Or(0)]
	a.must(ok && i.IntervalName == v.IntervalName, "visit: interval")
	a.must(!v.DateCreated.Or(zeroTime()).Before(s.DateCreated.Or(zeroTime()).Time), "visit: older than its subject")
	if name := v.VisitDateForm.Or(""); name != "" {
		asked := false
		for id, f := range a.forms {
			asked = asked || f.FormName.Or("") == name && a.questions[question(id, v.VisitDateQuestion.Or(""))]
		}
		a.must(asked, "visit: question")
	}
	a.dated("visit", v.DateCreated, v.DateModified)
}

func (a *agreement) record(r imednet.Record) {
	f, ok := a.forms[r.FormID.Or(0)]
	a.must(ok && f.FormKey == r.FormKey, "record: form")
	_, ok = a.sites[r.SiteID.Or(0)]
	a.must(ok, "record: site")
	a.dated("record", r.DateCreated, r.DateModified)
	if r.SubjectID.Or(0) == 0 {
		a.must(f.FormType.Or("") == "Site" && r.RecordType.Or("") == "SITE" && r.IntervalID.Or(0) == 0, "record: without a subject")
		return
	}
	s, ok := a.subjects[r.SubjectID.Or(0)]
	a.must(ok && s.SubjectKey == r.SubjectKey && s.SubjectOID.Or("") == r.SubjectOID.Or("") && s.SiteID == r.SiteID, "record: subject")
	a.must(!r.DateCreated.Or(zeroTime()).Before(s.DateCreated.Or(zeroTime()).Time), "record: older than its subject")
	a.place(r, f)
	if parent := r.ParentRecordID.Or(0); parent != 0 {
		p := a.records[parent]
		a.must(p.SubjectID == r.SubjectID && p.IntervalID.Or(0) == r.IntervalID.Or(0) && p.VisitID.Or(0) == r.VisitID.Or(0), "record: parent")
		a.must(!r.DateCreated.Or(zeroTime()).Before(p.DateCreated.Or(zeroTime()).Time), "record: older than its parent")
	}
}

// place holds the interval and visit of a record of a subject against the design.
func (a *agreement) place(r imednet.Record, f imednet.Form) {
	interval, visit := r.IntervalID.Or(0), r.VisitID.Or(0)
	if interval == 0 {
		a.must(visit == 0, "record: visit without an interval")
		a.must(f.UnscheduledVisit.Or(false), "record: %s off schedule", f.FormKey.Or(""))
		return
	}
	listed := false
	for _, named := range a.intervals[interval].Forms {
		listed = listed || named.FormID == r.FormID
	}
	a.must(listed, "record: %s at an interval without it", f.FormKey.Or(""))
	v, ok := a.visits[visit]
	a.must(ok && v.IntervalID == r.IntervalID && v.SubjectID == r.SubjectID, "record: visit")
	a.must(!r.DateCreated.Or(zeroTime()).Before(v.DateCreated.Or(zeroTime()).Time), "record: older than its visit")
}

// revisions holds the audit trail against the records.
func (a *agreement) revisions(all []imednet.RecordRevision) {
	last, before := map[int64]imednet.RecordRevision{}, time.Time{}
	for _, rev := range all {
		r, ok := a.records[rev.RecordID.Or(0)]
		a.must(ok && r.FormKey == rev.FormKey && r.SubjectID.Or(0) == rev.SubjectID.Or(0) && r.IntervalID.Or(0) == rev.IntervalID.Or(0), "revision: record")
		at := rev.DateCreated.Or(zeroTime()).Time
		a.must(!at.Before(before) && !at.After(a.now), "revision: date")
		a.must(a.logins[rev.User.Or("")], "revision: user")
		_, known := a.sites[rev.SiteID.Or(0)]
		a.must(known, "revision: site")
		former, second := last[r.RecordID]
		a.must(rev.RecordRevision.Or(0) == former.RecordRevision.Or(0)+1 && rev.DataRevision.Or(0) <= rev.RecordRevision.Or(0), "revision: numbers")
		a.must(second || at.Equal(r.DateCreated.Or(zeroTime()).Time), "revision: the first is not dated as its record")
		a.must(rev.RecordStatus.Or("") != "Record Locked", "revision: of a lock, which writes none")
		last[r.RecordID], before = rev, at
	}
	for id, r := range a.records {
		a.must(last[id].Deleted.Or(false) == r.IsDeleted(), "revision: deleted")
		a.must(r.IsDeleted() || !last[id].DateCreated.Or(zeroTime()).After(r.DateModified.Or(zeroTime()).Time), "revision: later than dateModified")
		a.must(last[id].RecordStatus == r.RecordStatus || r.RecordStatus.Or("") == "Record Locked", "revision: status")
	}
}

func (a *agreement) query(q imednet.Query) {
	if s, ok := a.subjects[q.SubjectID.Or(0)]; ok || a.records[q.RecordID.Or(0)].RecordType.Or("") != "SITE" {
		a.must(ok && s.SubjectKey == q.SubjectKey, "query: subject")
	}
	a.dated("query", q.DateCreated, q.DateModified)
	if id := q.RecordID.Or(0); id != 0 {
		r, ok := a.records[id]
		a.must(ok && r.SubjectID.Or(0) == q.SubjectID.Or(0), "query: record")
		a.must(q.Variable.Or("") == "" || a.questions[question(r.FormID.Or(0), q.Variable.Or(""))], "query: variable")
		a.must(!q.DateCreated.Or(zeroTime()).Before(r.DateCreated.Or(zeroTime()).Time), "query: older than its record")
	}
	dates := map[int64]time.Time{}
	for _, comment := range q.QueryComments {
		at := comment.Date.Or(zeroTime()).Time
		dates[comment.Sequence.Or(0)] = at
		a.must(a.logins[comment.User.Or("")], "query: user")
		a.must(!at.Before(q.DateCreated.Or(zeroTime()).Time) && !at.After(q.DateModified.Or(zeroTime()).Time), "query: comment out of its dates")
	}
	for n := int64(1); n <= int64(len(q.QueryComments)); n++ {
		at, ok := dates[n]
		a.must(ok && !at.Before(dates[n-1]), "query: order of comments")
	}
}

func (a *agreement) coding(c imednet.Coding) {
	r, ok := a.records[c.RecordID.Or(0)]
	a.must(ok && r.FormID == c.FormID && r.FormKey == c.FormKey && r.SubjectID == c.SubjectID && r.SubjectKey == c.SubjectKey && r.SiteID == c.SiteID, "coding: record")
	a.must(a.sites[c.SiteID.Or(0)].SiteName == c.SiteName && a.forms[c.FormID.Or(0)].FormName == c.FormName, "coding: names")
	a.must(a.questions[question(c.FormID.Or(0), c.Variable.Or(""))], "coding: variable")
	answer, _ := r.RecordData.Lookup(c.Variable.Or(""))
	a.must(answer.Text() == c.Value.Or(""), "coding: value")
	at := c.DateCoded.Or(zeroTime()).Time
	a.must(!at.Before(r.DateCreated.Or(zeroTime()).Time) && !at.After(a.now), "coding: date")
}
