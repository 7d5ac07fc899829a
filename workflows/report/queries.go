package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/querythread"
)

// queryAges are the lower bounds of the age classes of open queries, in days.
var queryAges = []int{0, 7, 14, 30, 60, 90}

// QueryCounts counts queries by state, as package workflows/queries derives it. A state is unknown, and
// not closed, if no comment decides.
type QueryCounts struct {
	Open    int64 `json:"open"`
	Closed  int64 `json:"closed"`
	Unknown int64 `json:"unknown"`
	// Overdue counts the open queries of at least Report.OverdueDays.
	Overdue int64 `json:"overdue"`
	// Ages counts the open queries by age, and Undated those of unknown age; together they are Open.
	Ages    []AgeCount `json:"ages"`
	Undated int64      `json:"undated"`
	// Answered counts the queries that another user than the one who raised them has answered.
	Answered int64 `json:"answered"`
	ToAnswer Days  `json:"toAnswer"` // from raising to the first answer
	ToClose  Days  `json:"toClose"`  // of closed queries, from raising to the final close
}

func (c *QueryCounts) total() int64 { return c.Open + c.Closed + c.Unknown }

// AgeCount counts open queries of From <= age < To days; a To of 0 means no limit.
type AgeCount struct {
	From  int   `json:"fromDays"`
	To    int   `json:"toDays"`
	Count int64 `json:"count"`
}

// QueryGroup counts the queries of a form, or of a variable of a form. The form of a query is that of
// its record; of one about no record it is the only form that has the variable, if there is one.
type QueryGroup struct {
	FormKey  string `json:"formKey"`            // "" if the form is not known
	Variable string `json:"variable,omitempty"` // "" for a form, and for queries about no variable
	Open     int64  `json:"open"`
	Closed   int64  `json:"closed"`
	Unknown  int64  `json:"unknown"`
	Overdue  int64  `json:"overdue"`
}

// query is what a run keeps of a query.
type query struct {
	id, record int64
	variable   string
	subject    *imednet.Subject
	site       *siteTally
	placed     bool // the site is that of a subject
	form       *imednet.IndexedForm
	thread     querythread.Thread
	text, last string // with values only
	subjectKey string
}

// readQueries keeps the queries that had been raised by the moment of the report.
func (x *run) readQueries(ctx context.Context) error {
	return each(x, imednet.Queries, x.client.Queries(ctx, x.study, imednet.ListOptions{}), func(q *imednet.Query) {
		thread, raised := querythread.Follow(q, x.asOf, querythread.AnsweredByAnother)
		if !raised {
			return
		}
		subject, _ := x.subjects.OfQuery(q)
		kept := &query{
			id: q.AnnotationID, record: q.RecordID.Or(0), variable: q.Variable.Or(""), subject: subject, site: x.siteOf(subject),
			placed: subject != nil && subject.SiteID.IsSet(), thread: thread,
		}
		if kept.variable != "" {
			kept.form, _ = x.index.WithVariable(kept.variable)
		}
		if x.opts.ShowValues {
			kept.text, kept.subjectKey = q.Description.Or(""), q.SubjectKey.Or("")
			if comments := querythread.Comments(q); len(comments) > 0 {
				kept.last = comments[len(comments)-1].Comment.Or("")
			}
		}
		x.queries = append(x.queries, kept)
		if kept.record != 0 {
			x.about[kept.record] = append(x.about[kept.record], kept)
		}
	})
}

// locate sets what only the record of a query can tell.
func (q *query) locate(form *imednet.IndexedForm, site *siteTally) {
	q.form = form
	if !q.placed {
		q.site = site
	}
}

func (q *query) formKey() string {
	if q.form == nil {
		return ""
	}
	return q.form.UniqueKey()
}

// days is the age of an open query in whole days; false if it is not known.
func (q *query) days() (int, bool) {
	if q.thread.State != querythread.Open || q.thread.Age < 0 {
		return 0, false
	}
	return int(q.thread.Age / day), true
}

func (q *query) overdue(x *run) bool {
	days, known := q.days()
	return known && days >= x.opts.OverdueDays
}

// queryTally takes the queries of a site or of the study.
type queryTally struct {
	open, closed, unknown, overdue, undated, answered int64
	ages                                              [6]int64
	toAnswer, toClose                                 dayTally
}

func (t *queryTally) add(q *query, x *run) {
	who := person(q.subject, q.site)
	switch q.thread.State {
	case querythread.Open:
		t.open++
		if days, known := q.days(); known {
			t.ages[ageClass(days)]++
		} else {
			t.undated++
		}
	case querythread.Closed:
		t.closed++
		if q.thread.ToClose >= 0 {
			t.toClose.add(who, inDays(q.thread.ToClose), x.group)
		}
	default:
		t.unknown++
	}
	if q.overdue(x) {
		t.overdue++
	}
	if q.thread.Answered {
		t.answered++
	}
	if q.thread.ToAnswer >= 0 {
		t.toAnswer.add(who, inDays(q.thread.ToAnswer), x.group)
	}
}

func inDays(d time.Duration) float64 { return float64(d) / float64(day) }

func ageClass(days int) int {
	class := 0
	for i, from := range queryAges {
		if days >= from {
			class = i
		}
	}
	return class
}

// ageText names an age class.
func ageText(class int) string {
	if class == len(queryAges)-1 {
		return strconv.Itoa(queryAges[class]) + " days or more"
	}
	return strconv.Itoa(queryAges[class]) + "–" + strconv.Itoa(queryAges[class+1]-1) + " days"
}

func (t *queryTally) counts() QueryCounts {
	c := QueryCounts{
		Open: t.open, Closed: t.closed, Unknown: t.unknown, Overdue: t.overdue, Undated: t.undated, Answered: t.answered,
		ToAnswer: t.toAnswer.days(), ToClose: t.toClose.days(),
	}
	for i, from := range queryAges {
		age := AgeCount{From: from, Count: t.ages[i]}
		if i+1 < len(queryAges) {
			age.To = queryAges[i+1]
		}
		c.Ages = append(c.Ages, age)
	}
	return c
}

// finishQueries counts queries by form and variable, and lists them: closed ones as counts.
func (x *run) finishQueries() {
	var all queryTally
	forms, variables := map[[2]string]*QueryGroup{}, map[[2]string]*QueryGroup{}
	for _, q := range x.queries {
		all.add(q, x)
		for _, g := range []struct {
			groups map[[2]string]*QueryGroup
			key    [2]string
		}{{forms, [2]string{q.formKey()}}, {variables, [2]string{q.formKey(), q.variable}}} {
			if g.groups[g.key] == nil {
				g.groups[g.key] = &QueryGroup{FormKey: g.key[0], Variable: g.key[1]}
			}
			g.groups[g.key].add(q, x)
		}
	}
	x.report.Queries, x.report.QueryForms, x.report.QueryVars = all.counts(), inOrder(forms), inOrder(variables)
	x.listQueries()
}

func (g *QueryGroup) add(q *query, x *run) {
	switch q.thread.State {
	case querythread.Open:
		g.Open++
	case querythread.Closed:
		g.Closed++
	default:
		g.Unknown++
	}
	if q.overdue(x) {
		g.Overdue++
	}
}

func inOrder(groups map[[2]string]*QueryGroup) []QueryGroup {
	list := []QueryGroup{}
	for _, g := range groups {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b QueryGroup) int {
		return cmp.Or(strings.Compare(a.FormKey, b.FormKey), strings.Compare(a.Variable, b.Variable))
	})
	return list
}

// listQueries lists the queries that are not closed, the oldest first, then closed ones as counts.
func (x *run) listQueries() {
	t := rowsOf("queries", "Queries", "queries", "state", "State", "age", "Open for", "overdue", "Overdue", "answered", "Answered", "site", "Site", "form", "Form",
		"variable", "Variable", "query", "Query id", "record", "Record id").
		with(x.opts.ShowValues, "subject", "Subject", "text", "Query", "last", "Last comment")
	var list []*query
	alike := groups{}
	for _, q := range x.queries {
		if q.thread.State == querythread.Closed {
			alike.add(1, "closed", "", "", yesOr(q.thread.Answered), x.label(q.site), formText(q.formKey()), q.variable, "", "")
			continue
		}
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b *query) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), -cmp.Compare(a.thread.Age, b.thread.Age), cmp.Compare(a.id, b.id))
	})
	for _, q := range list {
		record := ""
		if q.record != 0 {
			record = strconv.FormatInt(q.record, 10)
		}
		overdue := ""
		if q.overdue(x) {
			overdue = "overdue"
		}
		t.add(x.opts.MaxRows, 1, string(q.thread.State), q.ageText(), overdue, yesOr(q.thread.Answered), x.label(q.site), formText(q.formKey()), q.variable,
			strconv.FormatInt(q.id, 10), record, q.subjectKey, q.text, q.last)
	}
	alike.into(t, len(t.Rows)+x.opts.MaxRows)
	x.keep(t)
}

// rank puts open queries before those whose state is not known.
func rank(q *query) int {
	if q.thread.State == querythread.Open {
		return 0
	}
	return 1
}

func (q *query) ageText() string {
	if q.thread.State != querythread.Open {
		return ""
	}
	days, known := q.days()
	if !known {
		return "unknown"
	}
	return ageText(ageClass(days))
}

func yesOr(answered bool) string {
	if answered {
		return "answered"
	}
	return "no answer"
}

// formText names a form in rows.
func formText(key string) string {
	if key == "" {
		return "(no form)"
	}
	return key
}
