package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/report"
)

func build(t *testing.T, client report.Client, study string, at time.Time, opts report.Options) *report.Report {
	t.Helper()
	workflow, err := report.NewStudyReport(client, report.WithClock(imednettest.NewClock(at)))
	require.NoError(t, err)
	built, err := workflow.Build(t.Context(), study, opts)
	require.NoError(t, err)
	return built
}

// TestFiguresEqualThoseOfPlainLoops compares every figure with what loops over the server's JSON count.
func TestFiguresEqualThoseOfPlainLoops(t *testing.T) {
	events := []report.AdverseEventForm{{FormKey: "AE"}}
	for name, at := range map[string]time.Time{
		"early": time.Date(2024, 4, 2, 6, 0, 0, 0, time.UTC), "later": time.Date(2025, 3, 1, 12, 30, 0, 0, time.UTC), "end": time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC),
	} {
		t.Run("generated "+name, func(t *testing.T) {
			server := studytest.Generated(imednettest.GenerateOptions{Records: 6000, Seed: 20})
			compare(t, newOracle(t, server, "DEMO", at), build(t, server.Client(), "DEMO", at, report.Options{ShowValues: true, AdverseEvents: events}))
		})
	}
	t.Run("pilot", func(t *testing.T) {
		server, at := studytest.PilotServer(t), time.Date(2013, 9, 1, 12, 0, 0, 0, time.UTC)
		compare(t, newOracle(t, server, studytest.PilotKey, at), build(t, server.Client(), studytest.PilotKey, at, report.Options{ShowValues: true, AdverseEvents: events}))
	})
}

func compare(t *testing.T, o *oracle, r *report.Report) {
	o.compareSubjects(r)
	entered := o.compareRecords(r)
	o.compareVisits(r, entered)
	o.compareQueries(r)
	o.compareEvents(r)
	require.Positive(t, r.Records)
}

func (o *oracle) compareSubjects(r *report.Report) {
	months, sites, e := map[string]int64{}, map[string]int64{}, report.Enrolment{}
	for _, s := range o.rows["subjects"] {
		if s.deleted() {
			e.Deleted++
			continue
		}
		e.Subjects++
		sites[o.siteOf(s)]++
		at, ok := s.time("enrollmentStartDate")
		switch {
		case !ok:
			e.Undated++
		case at.After(o.asOf):
			e.Later++
		default:
			months[at.Format("2006-01")]++
		}
	}
	for _, m := range r.Enrolment.Months {
		assert.Equal(o.t, months[m.Month], m.Count, m.Month)
		delete(months, m.Month)
	}
	assert.Empty(o.t, months)
	e.Months = r.Enrolment.Months
	assert.Equal(o.t, e, r.Enrolment)
	for _, s := range r.Sites {
		assert.Equal(o.t, sites[s.Name], s.Subjects, s.Name)
	}
}

// compareRecords compares what records tell, and returns the visits that have any.
func (o *oracle) compareRecords(r *report.Report) map[float64]bool {
	type siteFigures struct{ records, created, changed, asked, answered int64 }
	entered, sites := map[float64]bool{}, map[string]*siteFigures{}
	type formFigures struct {
		report.FormEntry
		asked, answered int64
		delays          []float64
	}
	forms, deleted := map[string]*formFigures{}, int64(0)
	for _, record := range o.rows["records"] {
		if record.deleted() {
			deleted++
			continue
		}
		site := sites[o.siteOf(record)]
		if site == nil {
			site = &siteFigures{}
			sites[o.siteOf(record)] = site
		}
		key := o.form[record.id("formId")].text("formKey")
		f := forms[key]
		if f == nil {
			f = &formFigures{}
			forms[key] = f
		}
		asked, answered := o.answered(record)
		site.records, site.asked, site.answered = site.records+1, site.asked+asked, site.answered+answered
		f.Records, f.asked, f.answered = f.Records+1, f.asked+asked, f.answered+answered
		created, changed := o.sevenDays(record)
		if created {
			site.created++
		}
		if changed {
			site.changed++
		}
		visit := o.visit[record.id("visitId")]
		entered[record.id("visitId")] = true
		date, err := time.Parse(time.DateOnly, visit.text("visitDate"))
		made, ok := record.time("dateCreated")
		days := made.Truncate(24*time.Hour).Sub(date).Hours() / 24
		switch {
		case visit == nil:
			f.Unscheduled++
		case err != nil || !ok:
			f.NoDate++
		case days < 0:
			f.Before++
		default:
			f.Timed++
			f.delays = append(f.delays, days)
			if days > 7 {
				f.Late++
			}
		}
	}
	assert.Equal(o.t, deleted, r.DeletedRecords)
	for _, s := range r.Sites {
		want := sites[s.Name]
		if want == nil {
			want = &siteFigures{}
		}
		assert.Equal(o.t, *want, siteFigures{s.Records, s.New, s.Changed, s.Cells.Asked, s.Cells.Answered}, s.Name)
	}
	for _, e := range r.Entry {
		want := forms[e.FormKey]
		require.NotNil(o.t, want, e.FormKey)
		if len(want.delays) > 0 {
			assert.InDelta(o.t, quantile(want.delays, 0.5), *e.Delay.Median, 1e-9, e.FormKey)
			assert.InDelta(o.t, quantile(want.delays, 0.9), *e.Delay.P90, 1e-9, e.FormKey)
		}
		want.FormKey, want.FormName, want.Delay = e.FormKey, e.FormName, e.Delay
		assert.Equal(o.t, want.FormEntry, e)
	}
	assert.Len(o.t, r.Entry, len(forms))
	for _, m := range r.Missing {
		want := forms[m.FormKey]
		assert.Equal(o.t, []int64{want.asked, want.answered, want.Records}, []int64{m.Cells.Asked, m.Cells.Answered, m.Records}, m.FormKey)
		assert.Equal(o.t, m.Cells.Asked, m.Cells.Answered+m.Cells.Blank+m.Cells.Unclear, m.FormKey)
	}
	return entered
}

func (o *oracle) compareVisits(r *report.Report, entered map[float64]bool) {
	bySite, byInterval := map[string]map[string]int64{}, map[string]map[string]int64{}
	add := func(to map[string]map[string]int64, name, state string) {
		if to[name] == nil {
			to[name] = map[string]int64{}
		}
		to[name][state]++
	}
	for id, v := range o.visit {
		state := o.visitState(v, entered[id])
		add(bySite, o.siteOf(v), state)
		add(byInterval, v.text("intervalName"), state)
		add(bySite, "", state)
	}
	assert.Equal(o.t, int64(len(o.rows["visits"])-len(o.visit)), r.Visits.Deleted)
	assert.Equal(o.t, bySite[""], states(r.Visits))
	for _, s := range r.Sites {
		assert.Equal(o.t, bySite[s.Name], states(s.Visits), s.Name)
	}
	for _, i := range r.Intervals {
		assert.Equal(o.t, byInterval[i.Name], states(i.Visits), i.Name)
	}
	assert.Len(o.t, r.Intervals, len(byInterval))
}

func states(c report.VisitCounts) map[string]int64 {
	var all map[string]int64
	for _, s := range []report.VisitState{report.VisitInWindow, report.VisitOutside, report.VisitNoWindow, report.VisitMissed, report.VisitDue, report.VisitUpcoming, report.VisitNoDate, report.VisitUndecided} {
		if n := c.Of(s); n > 0 {
			if all == nil {
				all = map[string]int64{}
			}
			all[string(s)] = n
		}
	}
	return all
}

type counted struct{ open, closed, unknown, overdue int64 }

func (c *counted) add(f queryFigures) {
	switch f.state {
	case "open":
		c.open++
	case "closed":
		c.closed++
	default:
		c.unknown++
	}
	if f.days >= 30 {
		c.overdue++
	}
}

func (o *oracle) compareQueries(r *report.Report) {
	records := map[float64]row{}
	for _, record := range o.rows["records"] {
		records[record.id("recordId")] = record
	}
	sites, forms, variables, ages := map[string]*counted{}, map[string]*counted{}, map[string]*counted{}, [6]int64{}
	toAnswer, toClose := map[string][]float64{}, map[string][]float64{}
	for _, q := range o.rows["queries"] {
		f, raised := o.query(q)
		if !raised {
			continue
		}
		record := records[q.id("recordId")]
		site := "no site"
		if s := o.subjectOf(q); s != nil {
			site = o.siteOf(s)
		} else if record != nil {
			site = o.siteOf(record)
		}
		form := ""
		if record != nil {
			form = o.form[record.id("formId")].text("formKey")
		} else if named := o.byName[strings.ToLower(q.text("variable"))]; len(named) == 1 {
			form = named[0].text("formKey")
		}
		for to, key := range map[*map[string]*counted]string{&sites: site, &forms: form, &variables: form + "." + q.text("variable")} {
			if (*to)[key] == nil {
				(*to)[key] = &counted{}
			}
			(*to)[key].add(f)
		}
		if f.days >= 0 {
			class := 0
			for class < 5 && f.days >= []int{7, 14, 30, 60, 90}[class] {
				class++
			}
			ages[class]++
		}
		if f.toAnswer >= 0 {
			toAnswer[site] = append(toAnswer[site], f.toAnswer)
		}
		if f.state == "closed" && f.toClose >= 0 {
			toClose[site] = append(toClose[site], f.toClose)
		}
	}
	for _, s := range r.Sites {
		want := sites[s.Name]
		if want == nil {
			want = &counted{}
		}
		assert.Equal(o.t, *want, counted{s.Queries.Open, s.Queries.Closed, s.Queries.Unknown, s.Queries.Overdue}, s.Name)
		for what, d := range map[string]struct {
			want []float64
			got  report.Days
		}{"answer": {toAnswer[s.Name], s.Queries.ToAnswer}, "close": {toClose[s.Name], s.Queries.ToClose}} {
			require.Equal(o.t, int64(len(d.want)), d.got.Count, "%s to %s", s.Name, what)
			if len(d.want) > 0 {
				assert.InDelta(o.t, quantile(d.want, 0.5), *d.got.Median, 1e-9, "%s to %s", s.Name, what)
			}
		}
	}
	for i, a := range r.Queries.Ages {
		assert.Equal(o.t, ages[i], a.Count, "from %d days", a.From)
	}
	for name, list := range map[string][]report.QueryGroup{"forms": r.QueryForms, "variables": r.QueryVars} {
		want := map[string]map[string]*counted{"forms": forms, "variables": variables}[name]
		require.Len(o.t, list, len(want), name)
		for _, g := range list {
			key := g.FormKey
			if name == "variables" {
				key += "." + g.Variable
			}
			require.NotNil(o.t, want[key], key)
			assert.Equal(o.t, *want[key], counted{g.Open, g.Closed, g.Unknown, g.Overdue}, key)
		}
	}
}

func (o *oracle) compareEvents(r *report.Report) {
	want, subjects := map[string][3]int64{}, map[string]bool{}
	words := map[string]string{"": "unknown", "mild": "Mild", "moderate": "Moderate", "severe": "Severe"}
	for _, record := range o.rows["records"] {
		if record.deleted() || o.form[record.id("formId")].text("formKey") != "AE" {
			continue
		}
		if s := o.subjectOf(record); s != nil {
			subjects[s.text("subjectOid")+s.text("subjectKey")] = true
		}
		data, _ := record["recordData"].(map[string]any)
		severity, known := words[strings.ToLower(strings.TrimSpace(textOf(data, "AESEV")))]
		if !known {
			severity = "other answer"
		}
		counts := want[severity]
		switch strings.ToLower(strings.TrimSpace(textOf(data, "AESER"))) {
		case "y", "yes", "1", "true":
			counts[0]++
		case "n", "no", "0", "false":
			counts[1]++
		default:
			counts[2]++
		}
		want[severity] = counts
	}
	got := map[string][3]int64{}
	for _, s := range r.AdverseEvents.Severity {
		got[s.Severity] = [3]int64{s.Serious, s.NotSerious, s.Unknown}
	}
	assert.Equal(o.t, want, got)
	assert.Equal(o.t, int64(len(subjects)), r.AdverseEvents.Subjects)
}

func textOf(data map[string]any, name string) string {
	for key, value := range data {
		if strings.EqualFold(key, name) {
			switch v := value.(type) {
			case string:
				return v
			case bool:
				return map[bool]string{true: "yes", false: "no"}[v]
			}
		}
	}
	return ""
}

var _ report.Client = imednet.Client(nil)
