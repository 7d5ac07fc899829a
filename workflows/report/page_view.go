package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/page"
)

func newPageView(r *Report, opts PageOptions) (*pageView, error) {
	data, err := pageData(r)
	if err != nil {
		return nil, err
	}
	v := &pageView{
		Title: cmp.Or(opts.Title, "Study report"), StudyKey: r.StudyKey, AsOf: page.Time(r.AsOf), MadeAt: page.Time(r.MadeAt), Program: r.Program,
		Policy: page.Policy(pageScript), HighContrast: opts.HighContrast, Data: data, Script: template.JS(pageScript),
	}
	v.Privacy = fmt.Sprintf("Counts only: no key, name, date or text of a subject is shown, and no median or percentile with fewer than %s on either side of it.",
		page.Plural(int64(r.GroupSize), "subject"))
	if r.ShowValues {
		v.Privacy = "The rows of this page show subjects’ data: treat it as such."
	}
	v.addFacts(r)
	v.addTiles(r)
	v.addSites(r)
	v.addEnrolment(r)
	v.addVisits(r)
	v.addQueries(r)
	v.addEntry(r)
	v.addMissing(r)
	v.addEvents(r)
	v.addReview(r)
	v.Definitions = definitions(r)
	v.Sections = []section{{"sites", "Sites"}, {"enrolment", "Enrolment"}, {"visits", "Visits"}, {"queries", "Queries"}, {"entry", "Data entry"},
		{"missing", v.MissingTitle}, {"events", "Adverse events"}, {"review", "Review queue"}, {"design", "Design"}}
	return v, nil
}

// addFacts says from when and from where the data are.
func (v *pageView) addFacts(r *Report) {
	fact := func(name, value string) { v.Facts = append(v.Facts, pair{name, value}) }
	fact("Data as of", page.Time(r.AsOf))
	if r.Origin.IsZero() {
		fact("Source", "the server, read while it changed")
	} else {
		fact("Mirror version", page.Number(int64(r.Origin.Version)))
	}
	if r.Origin.Cut != "" {
		fact("Data cut", r.Origin.Cut)
	}
	fact("Age of the data", ageOf(r.MadeAt.Sub(r.AsOf)))
	fact("Records", page.Number(r.Records))
	fact("Deleted, left out", fmt.Sprintf("%s, %s", page.Plural(r.DeletedRecords, "record"), page.Plural(r.Enrolment.Deleted, "subject")))
	if r.Contradictions > 0 {
		fact("Contradict the study’s forms", page.Plural(r.Contradictions, "record"))
	}
	fact("Made by", r.Program)
	if len(r.Absent) > 0 {
		names := make([]string, len(r.Absent))
		for i, resource := range r.Absent {
			names[i] = string(resource)
		}
		v.Gaps = append(v.Gaps, "The source of this page does not hold "+strings.Join(names, ", ")+": what they would show is missing here, not zero.")
	}
	if age := r.MadeAt.Sub(r.AsOf); age > 2*day && r.Origin.Cut == "" {
		v.Gaps = append(v.Gaps, "These data were "+ageOf(age)+" old when the page was made.")
	}
}

func ageOf(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < 2*time.Hour:
		return page.Plural(int64(d/time.Minute), "minute")
	case d < 2*day:
		return page.Plural(int64(d/time.Hour), "hour")
	}
	return page.Plural(int64(d/day), "day")
}

func (v *pageView) addTiles(r *Report) {
	add := func(n num, name, more string, alert bool) {
		v.Tiles = append(v.Tiles, tile{Num: n, Name: name, More: more, Alert: alert})
	}
	unknown := num{Text: "–"}
	add(linked(r.Enrolment.Subjects, "subjects"), "subjects", "", false)
	add(plain(int64(r.sites())), "sites", "", false)
	if r.lacks(imednet.Visits) {
		add(unknown, "visits", "not in these data", false)
	} else {
		add(linked(r.Visits.Done(), "visits", doneStates()...), "visits done", "of "+page.Number(r.Visits.Total()), false)
		add(linked(r.Visits.Missed, "visits", "state", string(VisitMissed)), "visits missed", "", r.Visits.Missed > 0)
	}
	if r.lacks(imednet.Queries) {
		add(unknown, "queries", "not in these data", false)
	} else {
		add(linked(r.Queries.Open, "queries", "state", "open"), "open queries", "", false)
		add(linked(r.Queries.Overdue, "queries", "overdue", "overdue"), "overdue", fmt.Sprintf("open %d days or more", r.OverdueDays), r.Queries.Overdue > 0)
	}
	total := r.cells()
	add(rateText(total), "answered", "", false)
	if e := r.AdverseEvents; e != nil {
		serious := int64(0)
		for _, s := range e.Severity {
			serious += s.Serious
		}
		add(linked(e.Events, "events"), "adverse events", page.Number(serious)+" serious", false)
	}
}

// cells are those of all sites.
func (r *Report) cells() Cells {
	var all Cells
	for i := range r.Sites {
		all.add(r.Sites[i].Cells)
	}
	return all
}

func doneStates() []string {
	return []string{"state", string(VisitInWindow), "state", string(VisitOutside), "state", string(VisitNoWindow)}
}

type siteView struct {
	Name                                                                                      string
	Subjects, Done, Due, Missed, Outside, Answered, Open, Overdue, ToAnswer, ToClose, Changes num
	Spark                                                                                     *spark
	Visits                                                                                    page.Meter
}

// spark is a plot without axes.
type spark struct{ Title, Path string }

func (v *pageView) addSites(r *Report) {
	v.SitesLead = fmt.Sprintf("%s. Enrolment by month, all sites on one scale. Overdue: open %d days or more. Days to answer and to close are medians. The headings sort.",
		page.Plural(int64(r.sites()), "site"), r.OverdueDays)
	months := r.monthSpan()
	most := int64(0)
	for i := range r.Sites {
		for _, n := range months.counts(r.Sites[i].Months) {
			most = max(most, n)
		}
	}
	for i := range r.Sites {
		s := &r.Sites[i]
		at := func(n int64, table string, filters ...string) num {
			return linked(n, table, append(filters, "site", s.Name)...)
		}
		visit := func(state VisitState) num { return at(s.Visits.Of(state), "visits", "state", string(state)) }
		site := siteView{
			Name: s.Name, Subjects: at(s.Subjects, "subjects"), Done: at(s.Visits.Done(), "visits", doneStates()...), Due: visit(VisitDue), Missed: visit(VisitMissed).warned(),
			Outside: visit(VisitOutside), Answered: rateText(s.Cells, "site", s.Name), Open: at(s.Queries.Open, "queries", "state", "open"),
			Overdue: at(s.Queries.Overdue, "queries", "overdue", "overdue").warned(), Visits: visitMeter(s.Visits), Changes: at(s.New+s.Changed, "changes"),
		}
		site.ToAnswer = daysText(s.Queries.ToAnswer, s.Queries.ToAnswer.Median, rowsLink("queries", s.Queries.Answered, "answered", "answered", "site", s.Name))
		site.ToClose = daysText(s.Queries.ToClose, s.Queries.ToClose.Median, rowsLink("queries", s.Queries.Closed, "state", "closed", "site", s.Name))
		if counts := months.counts(s.Months); len(s.Months) > 0 {
			site.Spark = &spark{"enrolment by month at " + s.Name + ": " + page.Plural(s.enrolled(), "subject"), page.Columns(counts, most, 84, 20)}
		}
		v.Sites = append(v.Sites, site)
	}
}

func (s *Site) enrolled() (n int64) {
	for _, m := range s.Months {
		n += m.Count
	}
	return n
}

// visitMeter draws the states of visits.
func visitMeter(c VisitCounts) page.Meter {
	title := fmt.Sprintf("%s in window, %s done with unknown window, %s out of window, %s missed, %s due, %s without a date or unknown, %s upcoming", page.Number(c.InWindow),
		page.Number(c.NoWindow), page.Number(c.Outside), page.Number(c.Missed), page.Number(c.Due), page.Number(c.NoDate+c.Undecided), page.Number(c.Upcoming))
	if c.Total() == 0 {
		return page.NewMeter("no visits", 1, page.Part("s-none", 1))
	}
	return page.NewMeter(title, c.Total(), page.Part("s-full", c.InWindow), page.Part("s-pale", c.NoWindow), page.Part("s-out", c.Outside), page.Part("s-ink", c.Missed),
		page.Part("s-due", c.Due), page.Part("s-null", c.NoDate+c.Undecided), page.Part("s-soon", c.Upcoming))
}

type intervalView struct {
	Name   string
	Visits page.Meter
	Cells  []num
}

func (v *pageView) addVisits(r *Report) {
	c := r.Visits
	v.VisitsLead = fmt.Sprintf("%s: %s done, %s of them out of window; %s missed, %s due. States follow from the visits’ dates alone, as defined below.",
		page.Plural(c.Total(), "visit"), page.Number(c.Done()), page.Number(c.Outside), page.Number(c.Missed), page.Number(c.Due))
	for _, i := range r.Intervals {
		view := intervalView{Name: i.Name, Visits: visitMeter(i.Visits)}
		for _, state := range []VisitState{VisitInWindow, VisitOutside, VisitNoWindow, VisitMissed, VisitDue, VisitNoDate, VisitUndecided, VisitUpcoming} {
			n := linked(i.Visits.Of(state), "visits", "state", string(state), "visit", i.Name)
			if state == VisitMissed {
				n = n.warned()
			}
			view.Cells = append(view.Cells, n)
		}
		v.Intervals = append(v.Intervals, view)
	}
}

type queryView struct {
	Name                           string
	Meter                          page.Meter
	Open, Overdue, Unknown, Closed num
}

// variablesShown is the number of variables with the most open queries that the page shows.
const variablesShown = 25

func (v *pageView) addQueries(r *Report) {
	q := r.Queries
	v.QueriesLead = fmt.Sprintf("%s open, %s closed, %s of unknown state. Median days to the first answer: %s; to the close: %s.", page.Number(q.Open), page.Number(q.Closed), page.Number(q.Unknown),
		daysText(q.ToAnswer, q.ToAnswer.Median, "").Text, daysText(q.ToClose, q.ToClose.Median, "").Text)
	for i, age := range q.Ages {
		name := ageText(i)
		count := linked(age.Count, "queries", "state", "open", "age", name)
		v.Ages = append(v.Ages, countView{Name: name, Count: count, Meter: page.NewMeter(name+": "+page.Number(age.Count), max(q.Open, 1), page.Part("s-full", age.Count), page.Part("s-none", q.Open-age.Count))})
	}
	if q.Undated > 0 {
		v.Ages = append(v.Ages, countView{Name: "unknown", Count: linked(q.Undated, "queries", "state", "open", "age", "unknown"), Meter: page.NewMeter("unknown age: "+page.Number(q.Undated), q.Open, page.Part("s-null", q.Undated), page.Part("s-none", q.Open-q.Undated))})
	}
	most := int64(0)
	for _, g := range r.QueryForms {
		most = max(most, g.Open+g.Closed+g.Unknown)
	}
	for _, g := range r.QueryForms {
		v.QueryForms = append(v.QueryForms, newQueryView(g, formText(g.FormKey), most, "form", formText(g.FormKey)))
	}
	variables := slices.Clone(r.QueryVars)
	slices.SortStableFunc(variables, func(a, b QueryGroup) int {
		return cmp.Or(-cmp.Compare(a.Open, b.Open), -cmp.Compare(a.Overdue, b.Overdue))
	})
	for _, g := range variables[:min(len(variables), variablesShown)] {
		name := formText(g.FormKey) + "." + cmp.Or(g.Variable, "(no variable)")
		v.QueryVars = append(v.QueryVars, newQueryView(g, name, most, "form", formText(g.FormKey), "variable", g.Variable))
	}
	v.VarsLead = fmt.Sprintf("All %s with queries, those with most open ones first.", page.Plural(int64(len(variables)), "variable"))
	if len(variables) > variablesShown {
		v.VarsLead = fmt.Sprintf("The %d variables with most open queries, of %s with queries. The others are in the rows behind the numbers of their forms.", variablesShown, page.Number(int64(len(variables))))
	}
}

func newQueryView(g QueryGroup, name string, most int64, filters ...string) queryView {
	with := func(n int64, more ...string) num { return linked(n, "queries", append(more, filters...)...) }
	title := fmt.Sprintf("%s: %s open, %s of unknown state, %s closed", name, page.Number(g.Open), page.Number(g.Unknown), page.Number(g.Closed))
	return queryView{
		Name: name, Open: with(g.Open, "state", "open"), Overdue: with(g.Overdue, "overdue", "overdue").warned(), Unknown: with(g.Unknown, "state", "unknown"),
		Closed: with(g.Closed, "state", "closed"), Meter: page.NewMeter(title, most, page.Part("s-out", g.Open), page.Part("s-null", g.Unknown), page.Part("s-full", g.Closed)),
	}
}

type entryView struct {
	Form, Name                                            string
	Median, P90, Timed, Late, Before, Unscheduled, NoDate num
	Meter                                                 page.Meter
}

func (v *pageView) addEntry(r *Report) {
	v.EntryLead = fmt.Sprintf("Days from the date of the visit to the day on which the record was created (UTC). Late: more than %s. What has no visit, or no date, is not measured.", page.Plural(int64(r.LateDays), "day"))
	for _, e := range r.Entry {
		form := formText(e.FormKey)
		when := func(n int64, times ...string) num {
			filters := []string{"form", form}
			for _, t := range times {
				filters = append(filters, "time", t)
			}
			return linked(n, "entry", filters...)
		}
		measured := when(e.Timed, entryInTime, entryLate)
		v.Entry = append(v.Entry, entryView{
			Form: form, Name: e.FormName, Median: daysText(e.Delay, e.Delay.Median, measured.Href), P90: daysText(e.Delay, e.Delay.P90, measured.Href),
			Timed: measured, Late: when(e.Late, entryLate).warned(), Before: when(e.Before, entryBefore), Unscheduled: when(e.Unscheduled, entryUnscheduled), NoDate: when(e.NoDate, entryNoDate),
			Meter: page.NewMeter(fmt.Sprintf("%s of %s late", page.Number(e.Late), page.Number(e.Timed)), max(e.Timed, 1), page.Part("s-out", e.Late), page.Part("s-none", e.Timed-e.Late)),
		})
	}
}

type missingView struct {
	Form, Name                                                                      string
	Records, Variables, RequiredVariables, RequiredBlank, RequiredRate, Blank, Rate num
	Meter                                                                           page.Meter
}

func (v *pageView) addMissing(r *Report) {
	v.Required = r.RequiredKnown
	v.MissingTitle = "Blank answers"
	v.MissingLead = "Answers of records to the variables that are in use. A blank answer need not be missing: nothing here says which questions must be answered, and a form may not have asked."
	if r.RequiredKnown {
		v.MissingTitle = "Missing answers"
		v.MissingLead = "Answers of records to the variables that are in use, and to those that the data dictionary requires. A blank answer to a required question can still be right if the form had no reason to ask it."
	}
	for _, m := range r.Missing {
		form := formText(m.FormKey)
		rate, _ := m.Cells.Rate()
		v.Missing = append(v.Missing, missingView{
			Form: form, Name: m.FormName, Records: plain(m.Records), Variables: plain(int64(m.Variables)), RequiredVariables: plain(int64(m.RequiredVariables)),
			RequiredBlank: linked(m.Required.Blank, "variables", "form", form, "required", "required").warned(), RequiredRate: rateText(m.Required, "form", form),
			Blank: linked(m.Cells.Blank, "variables", "form", form), Rate: rateText(m.Cells, "form", form), Meter: page.RateMeter(rate, "answered"),
		})
	}
}

type eventView struct {
	Name                              string
	Meter                             page.Meter
	Serious, NotSerious, Unknown, All num
}

func (v *pageView) addEvents(r *Report) {
	e := r.AdverseEvents
	if e == nil {
		return
	}
	v.EventsKnown = true
	var sources []string
	for _, f := range e.Forms {
		sources = append(sources, fmt.Sprintf("%s (severity: %s; seriousness: %s)", f.FormKey, cmp.Or(f.Severity, "no variable, so unknown"), cmp.Or(f.Serious, "no variable, so unknown")))
	}
	v.EventsLead = fmt.Sprintf("%s of %s, one a record, from %s.", page.Plural(e.Events, "event"), page.Plural(e.Subjects, "subject"), strings.Join(sources, ", "))
	if e.NoSubject > 0 {
		v.EventsLead += fmt.Sprintf(" %s of no certain subject.", page.Plural(e.NoSubject, "event"))
	}
	if e.SeriousUnread > 0 {
		v.EventsLead += fmt.Sprintf(" %s to seriousness neither yes nor no, counted as unknown.", page.Plural(e.SeriousUnread, "answer"))
	}
	most := int64(1)
	for _, s := range e.Severity {
		most = max(most, s.Total())
	}
	for _, s := range e.Severity {
		with := func(n int64, serious ...string) num {
			return linked(n, "events", append(serious, "severity", s.Severity)...)
		}
		title := fmt.Sprintf("%s: %s serious, %s not serious, %s unknown", s.Severity, page.Number(s.Serious), page.Number(s.NotSerious), page.Number(s.Unknown))
		v.Events = append(v.Events, eventView{
			Name: s.Severity, Serious: with(s.Serious, "serious", "serious").warned(), NotSerious: with(s.NotSerious, "serious", "not serious"), Unknown: with(s.Unknown, "serious", "unknown"), All: with(s.Total()),
			Meter: page.NewMeter(title, most, page.Part("s-out", s.Serious), page.Part("s-full", s.NotSerious), page.Part("s-null", s.Unknown)),
		})
	}
}

// addReview adds what comes from beside the study's data: the review queue and the history of the design.
func (v *pageView) addReview(r *Report) {
	if review := r.Review; review != nil {
		v.ReviewKnown = true
		v.ReviewLead = fmt.Sprintf("%s, %s not resolved, %s of these overdue.", page.Plural(review.Items, "item"), page.Number(review.Open), page.Number(review.Overdue))
		for _, g := range review.Groups {
			v.Review = append(v.Review, countView{Name: g.Status, Kind: g.Severity, Count: linked(g.Count, "review", "status", g.Status, "severity", g.Severity)})
		}
	}
	if design := r.DesignChanges; design != nil {
		v.DesignKnown = true
		v.DesignLead = fmt.Sprintf("%s that the mirror holds, since it was first complete or last purged.", page.Plural(design.Changes, "change"))
		for _, g := range design.Groups {
			v.Design = append(v.Design, countView{Name: g.Resource, Kind: g.Kind, Count: linked(g.Count, "design", "resource", g.Resource, "kind", g.Kind)})
		}
	}
}
