package report

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

const (
	day  = 24 * time.Hour
	week = 7 * day

	// progressEvery is the number of records between two reports of progress.
	progressEvery = 1000
)

// run is one call of Build.
type run struct {
	client   Client
	progress func(imednet.Progress)
	study    string
	opts     Options
	group    int // subjects on either side of a median; 0 shows all
	asOf     time.Time
	report   *Report

	index     *imednet.FormIndex
	forms     map[*imednet.IndexedForm]*formTally
	noForm    *formTally // of records without one
	formList  []*formTally
	intervals map[int64]*intervalTally
	sites     map[int64]*siteTally
	subjects  *imednet.SubjectIndex
	gone      map[int64]bool // deleted subjects
	visits    map[int64]*visit
	queries   []*query
	about     map[int64][]*query // by record
	events    *eventTally
	late      []lateForm
}

func newRun(r *StudyReport, studyKey string, opts Options) *run {
	x := &run{
		client: r.client, progress: r.progress, study: studyKey, opts: opts,
		forms: map[*imednet.IndexedForm]*formTally{}, intervals: map[int64]*intervalTally{}, sites: map[int64]*siteTally{},
		gone: map[int64]bool{}, visits: map[int64]*visit{}, about: map[int64][]*query{},
		report: &Report{
			StudyKey: studyKey, ShowValues: opts.ShowValues, GroupSize: opts.GroupSize, MaxRows: opts.MaxRows,
			LateDays: opts.LateDays, OverdueDays: opts.OverdueDays, Absent: []imednet.Resource{},
		},
	}
	if !opts.ShowValues {
		x.group = opts.GroupSize
	}
	return x
}

// readDesign reads forms, variables, intervals and sites.
func (x *run) readDesign(ctx context.Context) error {
	all := imednet.ListOptions{}
	forms, err := listing.Collect(x.client.Forms(ctx, x.study, all))
	if err != nil {
		return err
	}
	variables, err := listing.Collect(x.client.Variables(ctx, x.study, all))
	if err != nil {
		return err
	}
	x.index = imednet.NewFormIndex(forms, variables)
	for _, f := range x.index.Forms() {
		t := newFormTally(f, x.opts.Requirements)
		x.forms[f], x.formList = t, append(x.formList, t)
	}
	x.noForm = newFormTally(nil, nil)
	if x.events, err = x.newEventTally(); err != nil {
		return err
	}
	err = each(x, imednet.Intervals, x.client.Intervals(ctx, x.study, all), func(i *imednet.Interval) {
		x.intervals[i.IntervalID] = &intervalTally{id: i.IntervalID, name: i.IntervalName.Or(""), sequence: i.IntervalSequence.Or(0), known: i.IntervalSequence.IsSet()}
	})
	if err != nil {
		return err
	}
	for s, err := range x.client.Sites(ctx, x.study, all) {
		if err != nil {
			return err
		}
		x.site(s.SiteID).name = s.SiteName.Or("")
	}
	return nil
}

// each reads a resource that the source may not hold.
func each[T any](x *run, resource imednet.Resource, rows iter.Seq2[T, error], do func(*T)) error {
	first := true
	for row, err := range rows {
		if err != nil && first && x.opts.Absent(err) {
			x.report.Absent = append(x.report.Absent, resource)
			return nil
		}
		if err != nil {
			return err
		}
		first = false
		do(&row)
	}
	return nil
}

// lacks reports whether the source does not hold a resource.
func (r *Report) lacks(resource imednet.Resource) bool {
	for _, absent := range r.Absent {
		if absent == resource {
			return true
		}
	}
	return false
}

// site is where something belongs; 0 is no site.
func (x *run) site(id int64) *siteTally {
	s := x.sites[id]
	if s == nil {
		s = &siteTally{id: id}
		x.sites[id] = s
	}
	return s
}

// siteOf is the site of a subject, or no site.
func (x *run) siteOf(s *imednet.Subject) *siteTally {
	if s == nil {
		return x.site(0)
	}
	return x.site(s.SiteID.Or(0))
}

// person tells subjects apart, as far as a group must be counted. What is of no certain subject is the
// site's, so that a group is never counted too large.
func person(s *imednet.Subject, site *siteTally) int64 {
	if s != nil {
		return s.SubjectID
	}
	return -site.id - 1
}

// readRecords reads every record once.
func (x *run) readRecords(ctx context.Context) error {
	r := x.report
	for record, err := range x.client.Records(ctx, x.study, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		x.record(&record)
		if (r.Records+r.DeletedRecords)%progressEvery == 0 {
			x.tell()
		}
	}
	x.tell()
	return nil
}

func (x *run) tell() {
	x.progress(imednet.Progress{Op: "report", StudyKey: x.study, Done: x.report.Records + x.report.DeletedRecords})
}

// record takes one record. A query is where its record is, even if that was deleted.
func (x *run) record(record *imednet.Record) {
	form, contradiction := x.index.OfRecord(record)
	subject, _ := x.subjects.OfRecord(record)
	site := x.siteOf(subject)
	if id, ok := record.SiteID.Get(); ok {
		site = x.site(id)
	}
	for _, q := range x.about[record.RecordID] {
		q.locate(form, site)
	}
	if record.IsDeleted() {
		x.report.DeletedRecords++
		return
	}
	x.report.Records++
	if !contradiction.IsZero() {
		x.report.Contradictions++
	}
	tally := x.noForm
	if form != nil {
		tally = x.forms[form]
	}
	site.records++
	site.change(record, tally, x.asOf)
	tally.answers(record, site)
	x.entered(record, tally, subject, site)
	x.events.add(record, form, subject, site)
}

// label is how rows and numbers name a site: each by another name.
func (x *run) label(site *siteTally) string {
	if site.label != "" {
		return site.label
	}
	names := map[string]int{}
	for _, s := range x.sites {
		names[s.plainName()]++
	}
	for _, s := range x.sites {
		s.label = s.plainName()
		if names[s.label] > 1 {
			s.label += " (" + strconv.FormatInt(s.id, 10) + ")"
		}
	}
	return site.label
}

func (s *siteTally) plainName() string {
	switch {
	case strings.TrimSpace(s.name) != "":
		return s.name
	case s.id == 0:
		return "no site"
	}
	return strconv.FormatInt(s.id, 10)
}
