package rest_test

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// question is a listing in the words of the library and in those of the wire.
type question struct {
	study    string
	resource imednet.Resource
	opts     imednet.ListOptions
	query    string
}

// rising reports whether rows must come in ascending id.
func (q question) rising() bool { return len(q.opts.Sort) == 0 }

// pagesByID reports whether the pages of every reader have the same rows. The clients apply an id
// that is excluded themselves, and read other orders twice before they believe them.
func (q question) pagesByID() bool { return q.rising() && !strings.Contains(q.query, "Id%21%3D") }

// pages is the number of pages of so many rows.
func (q question) pages(rows int) int {
	return max(1, (rows+q.opts.PageSize-1)/q.opts.PageSize)
}

// condition is a filter in both words.
type condition struct {
	text   string
	filter imednet.Filter
}

func randomQuestion(rnd *rand.Rand) question {
	resources := []imednet.Resource{imednet.Records, imednet.RecordRevisions, imednet.Queries, imednet.Subjects, imednet.Visits}
	q := question{study: "DEMO", resource: resources[rnd.IntN(len(resources))]}
	if rnd.IntN(20) == 0 {
		q.study = "NOPE"
	}
	q.opts.PageSize = 1 + rnd.IntN(500)
	if q.opts.PageSize < 20 {
		q.opts.PageSize += 80
	}
	q.query = "size=" + strconv.Itoa(q.opts.PageSize)
	if q.resource != imednet.Records && q.resource != imednet.RecordRevisions && rnd.IntN(3) == 0 {
		q.opts.Sort = []imednet.SortKey{{Property: "dateCreated", Descending: true}}
		q.query += "&sort=dateCreated%2CDESC"
	}
	q.query += "&sort=" + q.resource.ID() + "%2CASC"
	c := randomCondition(rnd, q.resource)
	if c.text != "" && rnd.IntN(3) == 0 {
		c.text, c.filter = c.text+`;subjectKey!="01-001"`, c.filter.And("subjectKey", imednet.NotEqual, "01-001")
	}
	if c.text != "" {
		q.query += "&filter=" + strings.ReplaceAll(url.QueryEscape(c.text), "+", "%20")
	}
	q.opts.Filter = c.filter
	return q
}

func randomCondition(rnd *rand.Rand, resource imednet.Resource) condition {
	id := resource.ID()
	first := map[imednet.Resource]int64{imednet.Records: 100001, imednet.RecordRevisions: 500001, imednet.Queries: 61001, imednet.Subjects: 24001, imednet.Visits: 54001}[resource]
	number := first + rnd.Int64N(500)
	conditions := []condition{{}, {}, {}}
	for _, op := range []imednet.Operator{imednet.Less, imednet.LessOrEqual, imednet.Greater, imednet.GreaterOrEqual, imednet.Equal, imednet.NotEqual} {
		conditions = append(conditions, condition{id + string(op) + strconv.FormatInt(number, 10), imednet.Where(id, op, number)})
	}
	at := time.Date(2024, 1, 1+rnd.IntN(600), rnd.IntN(24), 0, 0, 0, time.UTC)
	conditions = append(conditions, condition{"dateCreated>=" + at.Format("2006-01-02T15:04:05Z"), imednet.Where("dateCreated", imednet.GreaterOrEqual, at)})
	if resource != imednet.Queries {
		conditions = append(conditions, condition{"deleted==false", imednet.Where("deleted", imednet.Equal, false)})
	}
	return conditions[rnd.IntN(len(conditions))]
}

func raws(rows []shown) (all []string) {
	for _, row := range rows {
		all = append(all, row.raw)
	}
	return all
}

// laterFault is a fault that every reader meets at the same page of so many. A page that cannot be
// trusted is read again by rest, so that such a fault stays; others may pass.
func laterFault(rnd *rand.Rand, pages int) imednettest.Fault {
	html, gateway, empty, number := "<html><title>Bad gateway</title></html>", `{"message":"Too Many Requests"}`, "", 7
	passing := []imednettest.Fault{
		{Status: 401}, {Status: 403}, {Status: 404}, {Status: 408}, {Status: 409}, {Status: 500}, {Status: 502, Body: &html}, {Status: 504, Body: &empty},
		{Status: 429, RetryAfter: "5"}, {Status: 429, RetryAfter: "-5"}, {Status: 503, RetryAfter: "soon"}, {Status: 503, RetryAfterDate: 40 * time.Second},
		{Status: 429, RetryAfterDate: -time.Minute}, {Status: 429, Body: &gateway}, {Redirect: "https://elsewhere.invalid/"},
		{Reset: true}, {Reset: true, AfterApply: true}, {Truncate: true}, {Trickle: time.Second}, {Delay: time.Second}, {Jump: time.Hour},
	}
	staying := []imednettest.Fault{
		{Body: &html}, {Body: &empty}, {Status: 200, Body: &html}, {Status: 204, Body: &empty}, {Malformed: true}, {OmitData: true},
		{RepeatRow: true}, {SkipRow: true}, {SwapRows: true}, {CutRows: 3}, {EmptyPage: true}, {Empty: true}, {EchoPage: &number}, {AddTotal: -9000},
		{Status: 400}, {Status: 413},
	}
	f := slices.Concat(passing, staying)[rnd.IntN(len(passing)+len(staying))]
	f.Skip, f.Times = rnd.IntN(pages), -1
	if slices.ContainsFunc(passing, func(p imednettest.Fault) bool {
		return p.Status == f.Status && p.Reset == f.Reset && f.Body == nil && p.Status != 0
	}) {
		f.Times = 1 + rnd.IntN(2)
	}
	return f
}
