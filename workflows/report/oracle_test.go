package report_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// oracle counts a study from the server's JSON with plain loops: it shares no code with the workflow.
type oracle struct {
	t       *testing.T
	rows    map[string][]row
	asOf    time.Time
	sites   map[float64]string
	subject map[float64]row
	byKey   map[string][]row
	visit   map[float64]row
	form    map[float64]row
	byName  map[string][]row
	vars    map[float64][]row
}

type row map[string]any

func (r row) text(name string) string {
	s, _ := r[name].(string)
	return s
}

func (r row) id(name string) float64 {
	n, _ := r[name].(float64)
	return n
}

func (r row) deleted() bool { return r["deleted"] == true }

func (r row) time(name string) (time.Time, bool) {
	at, err := time.Parse(time.DateTime, r.text(name))
	return at, err == nil
}

func newOracle(t *testing.T, server *imednettest.Server, study string, asOf time.Time) *oracle {
	o := &oracle{
		t: t, rows: map[string][]row{}, asOf: asOf, sites: map[float64]string{}, subject: map[float64]row{}, byKey: map[string][]row{},
		visit: map[float64]row{}, form: map[float64]row{}, byName: map[string][]row{}, vars: map[float64][]row{},
	}
	for _, name := range []string{"sites", "forms", "variables", "intervals", "subjects", "visits", "queries", "records"} {
		o.rows[name] = rawRows(t, server, study, name)
	}
	for _, s := range o.rows["sites"] {
		o.sites[s.id("siteId")] = s.text("siteName")
	}
	for _, s := range o.rows["subjects"] {
		o.subject[s.id("subjectId")] = s
		o.byKey[s.text("subjectKey")] = append(o.byKey[s.text("subjectKey")], s)
	}
	for _, v := range o.rows["visits"] {
		if s := o.subject[v.id("subjectId")]; !v.deleted() && (s == nil || !s.deleted()) {
			o.visit[v.id("visitId")] = v
		}
	}
	for _, f := range o.rows["forms"] {
		o.form[f.id("formId")] = f
	}
	for _, v := range o.rows["variables"] {
		if v["disabled"] != true && v["deleted"] != true {
			o.vars[v.id("formId")] = append(o.vars[v.id("formId")], v)
		}
		o.byName[strings.ToLower(v.text("variableName"))] = append(o.byName[strings.ToLower(v.text("variableName"))], v)
	}
	return o
}

// rawRows reads all pages of a listing over HTTP, in the order of the ids: unsorted pages may overlap.
func rawRows(t *testing.T, server *imednettest.Server, study, resource string) []row {
	id := map[string]string{"queries": "annotationId"}[resource]
	if id == "" {
		id = strings.TrimSuffix(resource, "s") + "Id"
	}
	var all []row
	for page := 0; ; page++ {
		r := httptest.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("/api/v1/edc/studies/%s/%s?page=%d&size=500&sort=%s,asc", study, resource, page, id), nil)
		for name, value := range map[string]string{"x-api-key": imednettest.APIKey, "x-imn-security-key": imednettest.SecurityKey, "Accept": "application/json", "Content-Type": "application/json"} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		var reply struct {
			Data []row
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &reply), "%s: %.200s", resource, w.Body)
		all = append(all, reply.Data...)
		if len(reply.Data) < 500 {
			return all
		}
	}
}

func (o *oracle) siteOf(r row) string {
	id, ok := r["siteId"].(float64)
	if !ok {
		s := o.subjectOf(r)
		if s == nil {
			return "no site"
		}
		id = s.id("siteId")
	}
	return o.sites[id]
}

// subjectOf is the subject of a row that names it by id, or else by a key that only one has.
func (o *oracle) subjectOf(r row) row {
	if id, ok := r["subjectId"].(float64); ok {
		return o.subject[id]
	}
	if named := o.byKey[r.text("subjectKey")]; len(named) == 1 {
		return named[0]
	}
	return nil
}

func (o *oracle) visitState(v row, entered bool) string {
	day := o.asOf.Format(time.DateOnly)
	start, end, due, date := v.text("startDate"), v.text("endDate"), v.text("dueDate"), v.text("visitDate")
	switch {
	case date > day:
		return "unknown"
	case date != "" && (start != "" && date < start || end != "" && date > end):
		return "out of window"
	case date != "" && start != "" && end != "":
		return "in window"
	case date != "":
		return "done, window unknown"
	case entered:
		return "entered, no visit date"
	case end != "" && end < day:
		return "missed"
	case due != "" && due < day || start != "" && start <= day:
		return "due"
	case start+end+due != "":
		return "upcoming"
	}
	return "unknown"
}

// query is what becomes of a query by the moment.
type queryFigures struct {
	state             string
	days              int // of an open one
	toAnswer, toClose float64
}

func (o *oracle) query(q row) (f queryFigures, raised bool) {
	f = queryFigures{state: "unknown", days: -1, toAnswer: -1, toClose: -1}
	at, _ := q.time("dateCreated")
	if at.After(o.asOf) {
		return f, false
	}
	var thread []row
	list, _ := q["queryComments"].([]any)
	for _, c := range list {
		thread = append(thread, row(c.(map[string]any)))
	}
	slices.SortStableFunc(thread, func(a, b row) int { return int(a.id("sequence") - b.id("sequence")) })
	for i, c := range thread {
		when, _ := c.time("date")
		if when.After(o.asOf) {
			break
		}
		closed, known := c["closed"].(bool)
		days := when.Sub(at).Hours() / 24
		before := f.state
		f.state = map[bool]string{true: "closed", false: "open"}[closed]
		if !known {
			f.state = "unknown"
		}
		if f.state == "closed" && before != "closed" {
			f.toClose = days
		} else if f.state != "closed" {
			f.toClose = -1
		}
		if i > 0 && f.toAnswer < 0 && !closed && c.text("user") != "" && thread[0].text("user") != "" && c.text("user") != thread[0].text("user") {
			f.toAnswer = days
		}
	}
	if f.state == "open" {
		f.days = int(o.asOf.Sub(at).Hours() / 24)
	}
	return f, true
}

// sevenDays reports whether a record is new or changed in the last week.
func (o *oracle) sevenDays(r row) (created, changed bool) {
	since := o.asOf.AddDate(0, 0, -7)
	if at, ok := r.time("dateCreated"); ok && !at.Before(since) {
		return true, false
	}
	at, ok := r.time("dateModified")
	return false, ok && !at.Before(since)
}

// answered counts the answers to the variables of a record's form.
func (o *oracle) answered(r row) (asked, answered int64) {
	data, _ := r["recordData"].(map[string]any)
	values := map[string]any{}
	for name, value := range data {
		values[strings.ToLower(name)] = value
	}
	for _, v := range o.vars[r.id("formId")] {
		asked++
		value, exact := data[v.text("variableName")]
		if !exact {
			value = values[strings.ToLower(v.text("variableName"))]
		}
		if text, ok := value.(string); value != nil && (!ok || strings.TrimSpace(text) != "") {
			answered++
		}
	}
	return asked, answered
}

// quantile is R's type 7.
func quantile(values []float64, p float64) float64 {
	slices.Sort(values)
	rank := p * float64(len(values)-1)
	low := math.Floor(rank)
	a, b := values[int(low)], values[int(math.Ceil(rank))]
	return a + (b-a)*(rank-low)
}
