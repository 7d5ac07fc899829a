package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// Site is what a report says of a site.
type Site struct {
	SiteID int64  `json:"siteId"` // 0 for what belongs to no site
	Name   string `json:"name"`   // its name, or its id; each site has another one

	Subjects int64        `json:"subjects"`
	Months   []MonthCount `json:"months"` // subjects by month of enrolment
	Visits   VisitCounts  `json:"visits"`
	Queries  QueryCounts  `json:"queries"`
	Records  int64        `json:"records"`
	Cells    Cells        `json:"cells"`
	// New and Changed count the records that were created, or else modified, in the seven days before
	// AsOf.
	New     int64 `json:"new"`
	Changed int64 `json:"changed"`
}

// siteTally takes what belongs to a site.
type siteTally struct {
	id          int64
	name, label string
	subjects    int64
	months      map[string]int64
	visits      VisitCounts
	queries     queryTally
	records     int64
	cells       Cells
	recent      map[*formTally]*[2]int64 // new and changed
}

// change counts a record that is new or was changed in the last week.
func (s *siteTally) change(r *imednet.Record, form *formTally, asOf time.Time) {
	kind := -1
	if created, ok := r.DateCreated.Get(); ok && !created.Before(asOf.Add(-week)) {
		kind = 0
	} else if modified, ok := r.DateModified.Get(); ok && !modified.Before(asOf.Add(-week)) {
		kind = 1
	}
	if kind < 0 {
		return
	}
	if s.recent == nil {
		s.recent = map[*formTally]*[2]int64{}
	}
	if s.recent[form] == nil {
		s.recent[form] = new([2]int64)
	}
	s.recent[form][kind]++
}

// siteOrder lists the sites by name.
func (x *run) siteOrder() []*siteTally {
	var all []*siteTally
	for _, s := range x.sites {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *siteTally) int {
		return cmp.Or(strings.Compare(x.label(a), x.label(b)), cmp.Compare(a.id, b.id))
	})
	return all
}

// finishSites names the sites. What belongs to no site has an entry only if there is any.
func (x *run) finishSites() {
	x.classifyVisits()
	for _, q := range x.queries {
		q.site.queries.add(q, x)
	}
	x.report.Sites = []Site{}
	for _, s := range x.siteOrder() {
		site := Site{
			SiteID: s.id, Name: x.label(s), Subjects: s.subjects, Months: monthsOf(s.months), Visits: s.visits, Queries: s.queries.counts(),
			Records: s.records, Cells: s.cells,
		}
		for _, n := range s.recent {
			site.New, site.Changed = site.New+n[0], site.Changed+n[1]
		}
		if s.id == 0 && s.records+s.subjects+s.visits.Total()+site.Queries.total() == 0 {
			continue
		}
		x.report.Sites = append(x.report.Sites, site)
	}
}

// finishChanges lists the records of the last week by site and form.
func (x *run) finishChanges() {
	t := rowsOf("changes", "Records created or changed in the last seven days", "records", "site", "Site", "form", "Form", "what", "What")
	for _, s := range x.siteOrder() {
		for _, f := range append(x.formList, x.noForm) {
			n := s.recent[f]
			if n == nil {
				continue
			}
			for kind, what := range []string{"new", "changed"} {
				if n[kind] > 0 {
					t.add(x.opts.MaxRows, n[kind], x.label(s), f.key(), what)
				}
			}
		}
	}
	x.keep(t)
}
