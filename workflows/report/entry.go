package report

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
)

// FormEntry says how long after their visit the records of a form were entered: from the visit's date
// to the calendar day (UTC) of the record's dateCreated. Records = Timed + Before + Unscheduled + NoDate.
type FormEntry struct {
	FormKey     string `json:"formKey"` // "" for records of no form
	FormName    string `json:"formName"`
	Records     int64  `json:"records"`
	Timed       int64  `json:"timed"`       // entered on the day of the visit or later
	Late        int64  `json:"late"`        // of these, later than Report.LateDays after it
	Before      int64  `json:"before"`      // entered before the day of the visit
	Unscheduled int64  `json:"unscheduled"` // of no visit, or of one that is not listed
	NoDate      int64  `json:"noDate"`      // the visit or the record has no date
	Delay       Days   `json:"delay"`       // of Timed
}

// What the time of an entry can be.
const (
	entryInTime      = "in time"
	entryLate        = "late"
	entryBefore      = "before the visit"
	entryUnscheduled = "unknown: no visit"
	entryNoDate      = "unknown: no date"
)

// lateForm is a record that was entered late.
type lateForm struct {
	record  int64
	days    int
	form    *formTally
	site    *siteTally
	subject string // with values only
	visit   *visit
	created string
}

// entryTally takes the records of a form.
type entryTally struct {
	counts FormEntry
	delay  dayTally
	alike  map[*siteTally]map[string]int64 // by time, but for late ones
}

// entered compares a record with the date of its visit.
func (x *run) entered(r *imednet.Record, form *formTally, subject *imednet.Subject, site *siteTally) {
	t := &form.entry
	t.counts.Records++
	v := x.visits[r.VisitID.Or(0)]
	if v == nil {
		t.counts.Unscheduled++
		t.note(site, entryUnscheduled)
		return
	}
	v.entered = true
	date, dated := v.date.Get()
	created, known := r.DateCreated.Get()
	if !dated || !known {
		t.counts.NoDate++
		t.note(site, entryNoDate)
		return
	}
	y, m, d := created.UTC().Date()
	days := int(imednet.Date{Year: y, Month: m, Day: d}.Time().Sub(date.Time()) / day)
	if days < 0 {
		t.counts.Before++
		t.note(site, entryBefore)
		return
	}
	t.counts.Timed++
	t.delay.add(person(subject, site), float64(days), x.group)
	if days <= x.opts.LateDays {
		t.note(site, entryInTime)
		return
	}
	t.counts.Late++
	late := lateForm{record: r.RecordID, days: days, form: form, site: site, visit: v}
	if x.opts.ShowValues {
		late.created, late.subject = created.String(), r.SubjectKey.Or("")
		if subject != nil {
			late.subject = subject.SubjectKey.Or("")
		}
	}
	x.keepLate(late)
}

func (t *entryTally) note(site *siteTally, when string) {
	if t.alike == nil {
		t.alike = map[*siteTally]map[string]int64{}
	}
	if t.alike[site] == nil {
		t.alike[site] = map[string]int64{}
	}
	t.alike[site][when]++
}

// keepLate keeps as many late records as a table may list, those that were entered last.
func (x *run) keepLate(late lateForm) {
	x.late = append(x.late, late)
	if len(x.late) >= 2*x.opts.MaxRows {
		x.sortLate()
		x.late = x.late[:x.opts.MaxRows]
	}
}

func (x *run) sortLate() {
	slices.SortFunc(x.late, func(a, b lateForm) int { return cmp.Or(-cmp.Compare(a.days, b.days), cmp.Compare(a.record, b.record)) })
}

// finishEntry lists the forms, and late records one by one.
func (x *run) finishEntry() {
	x.report.Entry = []FormEntry{}
	t := rowsOf("entry", "Records by time of entry", "records", "time", "Entered", "delay", "Days after the visit", "form", "Form", "site", "Site", "record", "Record id").
		with(x.opts.ShowValues, "subject", "Subject", "visit", "Visit date", "entered", "Entered on", "days", "Days")
	total := int64(0)
	for _, f := range x.everyForm() {
		entry := f.entry.counts
		entry.FormKey, entry.FormName, entry.Delay = f.plainKey(), f.name(), f.entry.delay.days()
		x.report.Entry = append(x.report.Entry, entry)
		total += entry.Late
	}
	x.sortLate()
	for _, l := range x.late {
		t.add(x.opts.MaxRows, 1, entryLate, delayText(l.days, x.opts.LateDays), l.form.key(), x.label(l.site), strconv.FormatInt(l.record, 10),
			l.subject, dateText(l.visit.date), l.created, strconv.Itoa(l.days))
	}
	t.NotListed = total - int64(len(t.Rows))
	x.keepAlike(t)
	x.keep(t)
}

// keepAlike lists the records that were not entered late as counts.
func (x *run) keepAlike(t *Table) {
	alike := groups{}
	for _, f := range x.everyForm() {
		for site, times := range f.entry.alike {
			for when, n := range times {
				alike.add(n, when, "", f.key(), x.label(site), "")
			}
		}
	}
	alike.into(t, len(t.Rows)+x.opts.MaxRows)
}

// delayText is a class of days: those of a single record would be a date of a subject.
func delayText(days, late int) string {
	from := late + 1
	for _, to := range []int{14, 30, 60, 90, 180} {
		if to < from {
			continue
		}
		if days <= to {
			return strconv.Itoa(from) + "–" + strconv.Itoa(to)
		}
		from = to + 1
	}
	return strconv.Itoa(from) + " or more"
}

// everyForm lists the forms with records; those of no form come last.
func (x *run) everyForm() []*formTally {
	var all []*formTally
	for _, f := range append(x.formList, x.noForm) {
		if f.entry.counts.Records > 0 {
			all = append(all, f)
		}
	}
	return all
}
