package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/subjects"
)

// subjectPage is what the page about a subject is made from.
type subjectPage struct {
	*subjects.SubjectComprehensiveData
	forms    *imednet.FormIndex
	visits   []subjectVisit // by date
	queries  []queries.Entry
	changes  []cache.ChangeEntry // the newest ones, in order of time
	noValues bool
}

// subjectVisit is a visit with its records. That without an id holds the records of no visit.
type subjectVisit struct {
	imednet.Visit
	records []imednet.Record
}

func (a *app) readSubjectPage(ctx context.Context, source studySource, d *subjects.SubjectComprehensiveData, o subjectOptions) (page subjectPage, err error) {
	page = subjectPage{SubjectComprehensiveData: d, noValues: o.noValues}
	if page.forms, err = readFormIndex(ctx, source, d.StudyKey); err != nil {
		return page, err
	}
	page.visits = visitsOf(d)
	if err = a.readSubjectQueries(ctx, &page, o.source); err != nil {
		return page, err
	}
	if !o.source.cached || o.source.cut != "" || o.changes == 0 {
		return page, nil
	}
	page.changes, err = a.newestChanges(ctx, o, d)
	return page, err
}

// readSubjectQueries reads what is to be known of the subject's queries.
func (a *app) readSubjectQueries(ctx context.Context, page *subjectPage, source sourceOptions) error {
	if len(page.Queries) == 0 {
		return nil
	}
	ours := map[int64]bool{}
	for _, q := range page.Queries {
		ours[q.AnnotationID] = true
	}
	return a.withQueries(ctx, source, page.StudyKey, func(m *queries.QueryManagement) error {
		entries, err := m.Overview(ctx, page.StudyKey, queries.Options{})
		page.queries = slices.DeleteFunc(entries, func(e queries.Entry) bool { return !ours[e.QueryID] })
		return err
	})
}

// newestChanges are the last ones of the subject that the mirror knows of.
func (a *app) newestChanges(ctx context.Context, o subjectOptions, d *subjects.SubjectComprehensiveData) (newest []cache.ChangeEntry, err error) {
	mirror, err := a.readMirror(ctx, o.source.path)
	if err != nil {
		return nil, err
	}
	for entry, err := range mirror.ChangeList(ctx, d.StudyKey, cache.ChangeFilter{SubjectKey: d.Subject.SubjectKey.Or("")}) {
		if err != nil {
			return nil, errors.Join(err, mirror.Close())
		}
		newest = append(newest, entry)
	}
	slices.SortStableFunc(newest, func(a, b cache.ChangeEntry) int { return a.When.Compare(b.When) })
	return newest[max(0, len(newest)-o.changes):], mirror.Close()
}

// visitsOf puts the records into their visits, those of no visit, or of one that is not listed, last.
func visitsOf(d *subjects.SubjectComprehensiveData) []subjectVisit {
	visits := make([]subjectVisit, 0, len(d.Visits)+1)
	for _, v := range d.Visits {
		visits = append(visits, subjectVisit{Visit: v})
	}
	slices.SortStableFunc(visits, func(a, b subjectVisit) int {
		dated, other := visitDay(a.Visit), visitDay(b.Visit)
		return cmp.Or(compareUnknownLast(dated, other), cmp.Compare(a.VisitID, b.VisitID))
	})
	at := map[int64]int{}
	for i, v := range visits {
		at[v.VisitID] = i
	}
	var rest subjectVisit
	for _, r := range d.Records {
		if i, ok := at[r.VisitID.Or(0)]; ok {
			visits[i].records = append(visits[i].records, r)
		} else {
			rest.records = append(rest.records, r)
		}
	}
	if len(rest.records) > 0 {
		visits = append(visits, rest)
	}
	return visits
}

// visitDay is the day of a visit: when it was, or when it is due.
func visitDay(v imednet.Visit) string {
	for _, day := range []imednet.Opt[imednet.Date]{v.VisitDate, v.StartDate, v.DueDate} {
		if d, ok := day.Get(); ok {
			return d.String()
		}
	}
	return ""
}

func compareUnknownLast(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

func (a *app) printSubject(p subjectPage) error {
	s := p.Subject
	head := "Subject " + s.SubjectKey.Or("") + ", " + s.SiteName.Or("no site") + ", " + s.SubjectStatus.Or("no status")
	if at := timeCell(s.EnrollmentStartDate); at != "" {
		head += ", enrolled " + at
	}
	if err := a.printf("%s\n", printable(head)); err != nil {
		return err
	}
	for _, v := range p.visits {
		if err := a.printVisit(p, v); err != nil {
			return err
		}
	}
	if err := printPart(a, "Queries", subjectQueryColumns, p.queries); err != nil {
		return err
	}
	if err := printPart(a, "Changes", subjectChangeColumns(), p.changes); err != nil {
		return err
	}
	return a.printf("\n%s\n", p.SubjectComprehensiveData)
}

func (a *app) printVisit(p subjectPage, v subjectVisit) error {
	title := "Without a visit"
	if v.VisitID != 0 {
		title = visitTitle(v.Visit)
	}
	if err := a.printf("\n%s\n", printable(title)); err != nil {
		return err
	}
	place := p.placeOfForms()
	slices.SortStableFunc(v.records, func(a, b imednet.Record) int {
		return cmp.Or(cmp.Compare(place(&a), place(&b)), cmp.Compare(a.RecordID, b.RecordID))
	})
	for _, r := range v.records {
		if err := a.printAnswers(p, &r); err != nil {
			return err
		}
	}
	return nil
}

// placeOfForms orders records as the study orders their forms; those of no form come last.
func (p subjectPage) placeOfForms() func(*imednet.Record) int {
	forms := p.forms.Forms()
	return func(r *imednet.Record) int {
		form, _ := p.forms.Of(r.FormID.Or(0), r.FormKey.Or(""))
		if at := slices.Index(forms, form); at >= 0 {
			return at
		}
		return len(forms)
	}
}

// visitTitle names a visit and says what its date is.
func visitTitle(v imednet.Visit) string {
	title := v.IntervalName.Or("Visit " + number(v.VisitID))
	switch {
	case v.VisitDate.IsSet():
		title += ", " + visitDay(v)
	case v.StartDate.IsSet():
		title += ", from " + visitDay(v)
	case v.DueDate.IsSet():
		title += ", due " + visitDay(v)
	default:
		title += ", no date"
	}
	if v.Deleted.Or(false) {
		title += ", deleted"
	}
	return title
}

// printAnswers shows a record: its form, and the answers in the order of the form's variables. Keys that answer no
// variable come last, by their names, such as a second spelling of one that is answered.
func (a *app) printAnswers(p subjectPage, r *imednet.Record) error {
	form, _ := p.forms.Of(r.FormID.Or(0), r.FormKey.Or(""))
	title := r.FormKey.Or("no form")
	if form != nil && form.Form.FormName.Or("") != "" {
		title = form.Form.FormName.Or("") + " (" + form.Key() + ")"
	}
	title += ", record " + number(r.RecordID) + ", " + r.RecordStatus.Or("no status")
	switch {
	case r.DoubtfulDeletion():
		title += ", its deletion flag is unreadable"
	case r.IsDeleted():
		title += ", deleted"
	}
	if err := a.printf("  %s\n", printable(title)); err != nil || p.noValues {
		return err
	}
	lines := answerLines(form, r)
	width := 0
	for _, line := range lines {
		width = min(max(width, len([]rune(line.name))), maxNameWidth)
	}
	for _, line := range lines {
		if err := a.printf("    %-*s  %s\n", width, printable(line.name), printable(line.value)); err != nil {
			return err
		}
	}
	return nil
}

// maxNameWidth is up to where answers are aligned.
const maxNameWidth = 48

type answerLine struct{ name, value string }

func answerLines(form *imednet.IndexedForm, r *imednet.Record) (lines []answerLine) {
	var variables []imednet.Variable
	if form != nil {
		variables = form.Variables
	}
	for _, v := range variables {
		name := v.VariableName.Or("")
		value := answerOf(form, r, name)
		if value == nil || value == "" {
			continue
		}
		title := name
		if label := strings.TrimSpace(v.Label.Or("")); label != "" && label != name {
			title += " (" + label + ")"
		}
		lines = append(lines, answerLine{title, fmt.Sprint(value)})
	}
	var others []answerLine
	for name, value := range r.RecordData.All() {
		if v := shownValue(value); v != nil && v != "" && !answersVariable(form, r.RecordData, name) {
			others = append(others, answerLine{name, fmt.Sprint(v)})
		}
	}
	slices.SortFunc(others, func(a, b answerLine) int { return cmp.Compare(a.name, b.name) })
	return append(lines, others...)
}

// answersVariable reports whether the answer to a variable of the form stands under a key.
func answersVariable(form *imednet.IndexedForm, data imednet.RecordData, key string) bool {
	if form == nil {
		return false
	}
	v, n := form.Variable(key)
	if n != 1 {
		return false
	}
	name := v.VariableName.Or("")
	if _, exact := data.Get(name); exact {
		return key == name
	}
	_, n = form.Answer(data, name)
	return n == 1
}

// printPart shows a table under a title, nothing if it has no rows.
func printPart[T any](a *app, title string, columns []column[T], rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if err := a.printf("\n%s\n", title); err != nil {
		return err
	}
	t := newTable(a.out, titles(columns)...)
	for _, row := range rows {
		var cells []string
		for _, c := range columns {
			cells = append(cells, cellOf(c.value(row)))
		}
		if err := t.add(cells...); err != nil {
			return err
		}
	}
	return t.flush()
}

var subjectQueryColumns = without(entryColumns, "site", "subject", "label", "type", "contradiction")

func subjectChangeColumns() []column[cache.ChangeEntry] {
	return without(changeColumns, "site", "subject")
}

// without are the columns but those named.
func without[T any](columns []column[T], names ...string) (kept []column[T]) {
	for _, c := range columns {
		if !slices.Contains(names, c.name) {
			kept = append(kept, c)
		}
	}
	return kept
}
