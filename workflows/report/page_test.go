package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/leaktest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/report"
)

func pageOf(t *testing.T, r *report.Report) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, r.WriteHTML(&page, report.PageOptions{}))
	return page.String()
}

func jsonOf(t *testing.T, r *report.Report) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, r.WriteJSON(&text))
	return text.String()
}

func TestThePageIsSelfContained(t *testing.T) {
	page := pageOf(t, generated(t, report.Options{ShowValues: true, AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}}))
	assert.NotRegexp(t, regexp.MustCompile(`(?i)(src|href)="(https?:|//)`), page)
	assert.NotRegexp(t, regexp.MustCompile(`(?i)@import|url\(`), page)
	assert.NotContains(t, page, "ZgotmplZ", "no value that the template engine refused")
	assert.Regexp(t, `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:; script-src &#39;sha256-|content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src &#39;sha256-`, page)
	assert.Equal(t, 2, strings.Count(page, "<script"), "the rows and the script")
}

func generated(t *testing.T, opts report.Options) *report.Report {
	t.Helper()
	return build(t, studytest.Generated(imednettest.GenerateOptions{Records: 6000}).Client(), "DEMO", time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), opts)
}

// TestEveryNumberLeadsToItsRows follows every link of the page through the tables: the counts of the rows
// that it selects add up to the number, or to what is left when some are not listed.
func TestEveryNumberLeadsToItsRows(t *testing.T) {
	for name, opts := range map[string]report.Options{"counts": {}, "values": {ShowValues: true}, "few rows": {MaxRows: 20}} {
		opts.AdverseEvents = []report.AdverseEventForm{{FormKey: "AE"}}
		built := generated(t, opts)
		links := regexp.MustCompile(`<a href="#rows/([a-z]+)\?([^"]*)">([^<]*)</a>`).FindAllStringSubmatch(pageOf(t, built), -1)
		require.Greater(t, len(links), 150)
		for _, link := range links {
			filters, err := url.ParseQuery(html.UnescapeString(link[2]))
			require.NoError(t, err)
			table, ok := built.Table(link[1])
			require.True(t, ok, link[1])
			want, err := strconv.ParseInt(filters.Get("n"), 10, 64)
			require.NoError(t, err)
			if plain := strings.ReplaceAll(link[3], ",", ""); regexp.MustCompile(`^\d+$`).MatchString(plain) {
				require.Equal(t, filters.Get("n"), plain, link[0])
			}
			got := selected(t, table, filters)
			require.LessOrEqual(t, got, want, "%s: %s", name, link[0])
			if opts.MaxRows == 0 {
				require.Equal(t, want, got, "%s: %s", name, link[0])
			} else {
				require.LessOrEqual(t, want-got, table.NotListed, "%s: %s", name, link[0])
			}
		}
	}
}

// selected adds up the rows that have one of the values of each filter.
func selected(t *testing.T, table *report.Table, filters url.Values) (sum int64) {
	columns := map[string]int{}
	for i, c := range table.Columns {
		columns[c.Key] = i
	}
	for _, row := range table.Rows {
		fits := true
		for key, values := range filters {
			if key == "n" {
				continue
			}
			at, ok := columns[key]
			require.True(t, ok, "%s has no column %s", table.Name, key)
			one := false
			for _, v := range values {
				one = one || row.Cells[at] == v
			}
			fits = fits && one
		}
		if fits {
			sum += row.Count
		}
	}
	return sum
}

// TestNoTokenLeavesAReport gives everything that is a subject's or a person's a text that nothing else has,
// and looks for each in the page and the JSON of a report without values.
func TestNoTokenLeavesAReport(t *testing.T) {
	f, tokens := tokens(t)
	built := build(t, f, "S", now, report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})
	for what, text := range map[string]string{"page": pageOf(t, built), "JSON": jsonOf(t, built), "print": leaktest.Printed(built) + leaktest.Printed(*built)} {
		assert.Empty(t, leaktest.In(text, tokens...), what)
	}
	shown := build(t, f, "S", now, report.Options{ShowValues: true, AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})
	assert.NotEmpty(t, leaktest.In(jsonOf(t, shown), tokens...), "the check finds what is shown")
	assert.NotEmpty(t, leaktest.In(pageOf(t, shown), tokens...))
	assert.Empty(t, leaktest.In(leaktest.Printed(shown), tokens...), "a report prints as counts")
	for _, table := range shown.Tables {
		assert.Empty(t, leaktest.In(leaktest.Printed(table)+leaktest.Printed(*table)+leaktest.Printed(table.Rows), tokens...), table.Name)
	}
}

func tokens(t *testing.T) (*fake, []string) {
	t.Helper()
	var all []string
	token := func(kind string) string {
		all = append(all, fmt.Sprintf("TOK%s%04dX", kind, len(all)))
		return all[len(all)-1]
	}
	f := small()
	f.subjects = nil
	for i := range int64(30) {
		day := fmt.Sprintf("2024-%02d-%02d", 1+i%5, 3+i%20)
		f.subjects = append(f.subjects, imednet.Subject{
			SubjectID: 100 + i, SubjectKey: imednet.Some(token("key")), SubjectOID: imednet.Some(token("oid")), SubjectStatus: imednet.Some(token("status")),
			SiteID: imednet.Some(1 + i%2), EnrollmentStartDate: at(day + " 03:17:0" + strconv.FormatInt(i%10, 10)),
		})
		f.visits = append(f.visits, imednet.Visit{VisitID: 200 + i, SubjectID: imednet.Some(100 + i), SubjectKey: f.subjects[i].SubjectKey, IntervalID: imednet.Some(int64(5)), EndDate: date(day), VisitDate: date([]string{day, "", "2024-05-30"}[i%3])})
		all = append(all, day)
		r := event(300+i, fmt.Sprintf(`{"AETERM":%q,"AESEV":%q,"AESER":%q}`, token("term"), token("sev"), token("ser")))
		r.SubjectID, r.SubjectKey, r.RecordOID, r.VisitID = imednet.Some(100+i), f.subjects[i].SubjectKey, imednet.Some(token("recoid")), imednet.Some(200+i)
		r.DateCreated = at(fmt.Sprintf("2024-06-%02d 00:00:00", 1+i%14))
		f.records = append(f.records, r)
		q := openQuery(400+i, "2024-06-01 00:00:00")
		q.SubjectID, q.SubjectKey, q.Description, q.RecordID = imednet.Some(100+i), f.subjects[i].SubjectKey, imednet.Some(token("text")), imednet.Some(300+i)
		q.QueryComments[0].Comment, q.QueryComments[0].User = imednet.Some(token("comment")), imednet.Some(token("user"))
		f.queries = append(f.queries, q)
	}
	return f, all
}

// hostile are names that try to break out of the page, or to turn it round.
var hostile = []string{`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, `' onmouseover='alert(3)`, "\u202eREVERSED", "<!--", "a&b=c#d?e", "{{.Title}}", "\u2028\u2029", "javascript:alert(4)", "Nord\x00Süd"}

func TestNamesCannotBreakThePage(t *testing.T) {
	for _, name := range hostile {
		f := small()
		f.sites[0].SiteName, f.forms[0].FormKey, f.forms[0].FormName, f.intervals[0].IntervalName = imednet.Some(name), imednet.Some(name), imednet.Some(name), imednet.Some(name)
		for i := range f.variables {
			f.variables[i].VariableName, f.variables[i].Label, f.variables[i].FormKey = imednet.Some(name+strconv.Itoa(i)), imednet.Some(name), imednet.Some(name)
		}
		f.subjects[0].SubjectKey = imednet.Some(name)
		f.visits = []imednet.Visit{{VisitID: 7, SubjectID: imednet.Some(int64(11)), IntervalID: imednet.Some(int64(5)), EndDate: date("2024-01-01")}}
		q := openQuery(1, "2024-01-01 00:00:00")
		q.Variable, q.Description = imednet.Some(name+"0"), imednet.Some(name)
		f.queries = []imednet.Query{q}
		r := event(1, `{}`)
		r.FormKey = imednet.Some(name)
		f.records = []imednet.Record{r}
		built := build(t, f, "S", now, report.Options{ShowValues: true})
		page := pageOf(t, built)
		assert.Equal(t, 2, strings.Count(page, "<script"), name)
		assert.Equal(t, 2, strings.Count(page, "</script"), name)
		assert.NotContains(t, page, "<img", name)
		assert.NotContains(t, page[:strings.Index(page, "<script")], "onmouseover='", name)
		assert.NotContains(t, page, "ZgotmplZ", name)
		data := page[strings.Index(page, `id="data">`)+len(`id="data">`):]
		var rows struct{ Strings []string }
		require.NoError(t, json.Unmarshal([]byte(data[:strings.Index(data, "</script>")]), &rows), name)
		assert.Contains(t, rows.Strings, name, "the rows hold the name as it is")
	}
}

func TestAnEmptyStudy(t *testing.T) {
	built := build(t, &fake{}, "S", now, report.Options{})
	page := pageOf(t, built)
	for _, said := range []string{"The study lists no sites.", "There are no visits in these data.", "There are no queries in these data.", "There are no records in these data.", "No subject has a date of enrolment", "Nothing says which form"} {
		assert.Contains(t, page, said)
	}
	assert.Equal(t, "0 subjects at 0 sites, 0 visits, 0 open queries, 0 records", built.String())
	assert.NotContains(t, page, "NaN")
	assert.NotContains(t, page, "Inf")
}

// TestEnrolmentIsDrawnForAnySpan: years that cannot be are counted, and do not blow up the plot.
func TestEnrolmentIsDrawnForAnySpan(t *testing.T) {
	for _, years := range [][]string{{"2024-01-31 23:59:59", "2024-02-01 00:00:00"}, {"1900-01-01 00:00:00", "2024-06-01 00:00:00"}, {"0001-01-01 00:00:00", "2024-06-01 00:00:00"}} {
		f := small()
		f.subjects[0].EnrollmentStartDate, f.subjects[1].EnrollmentStartDate = at(years[0]), at(years[1])
		built := build(t, f, "S", now, report.Options{})
		assert.Equal(t, []report.MonthCount{{Month: years[0][:7], Count: 1}, {Month: years[1][:7], Count: 1}}, built.Enrolment.Months)
		page := pageOf(t, built)
		assert.Less(t, len(page), 100_000)
		assert.NotContains(t, page, "NaN")
	}
}
