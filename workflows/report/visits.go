package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// VisitState says whether a visit was done, and when. It follows from the visit's dates alone, by the
// calendar day of AsOf in UTC.
type VisitState string

// The states of visits. In one that is not done the visit has no date.
const (
	VisitInWindow  VisitState = "in window"     // the date lies from startDate to endDate
	VisitOutside   VisitState = "out of window" // the date lies before startDate or after endDate
	VisitNoWindow  VisitState = "done, window unknown"
	VisitMissed    VisitState = "missed"                 // endDate has passed
	VisitDue       VisitState = "due"                    // dueDate has passed or startDate has come, and endDate has not passed
	VisitUpcoming  VisitState = "upcoming"               // all dates are still to come
	VisitNoDate    VisitState = "entered, no visit date" // forms were entered at it, so it may have been done
	VisitUndecided VisitState = "unknown"                // no dates, or one that cannot be read or lies after AsOf
)

// visitOrder is the order in which visits are listed, what needs attention first.
var visitOrder = []VisitState{VisitMissed, VisitOutside, VisitDue, VisitNoDate, VisitUndecided, VisitNoWindow, VisitInWindow, VisitUpcoming}

// VisitCounts counts visits by state.
type VisitCounts struct {
	InWindow  int64 `json:"inWindow"`
	Outside   int64 `json:"outside"`
	NoWindow  int64 `json:"noWindow"`
	Missed    int64 `json:"missed"`
	Due       int64 `json:"due"`
	Upcoming  int64 `json:"upcoming"`
	NoDate    int64 `json:"noDate"`
	Undecided int64 `json:"undecided"`
	// Deleted visits, and those of deleted subjects, are in none of the above.
	Deleted int64 `json:"deleted"`
}

// Done is the number of visits with a date.
func (c VisitCounts) Done() int64 { return c.InWindow + c.Outside + c.NoWindow }

// Total is the number of visits that are not deleted.
func (c VisitCounts) Total() int64 {
	return c.Done() + c.Missed + c.Due + c.Upcoming + c.NoDate + c.Undecided
}

// Of returns the number of visits in a state.
func (c VisitCounts) Of(state VisitState) int64 {
	if n := c.of(state); n != nil {
		return *n
	}
	return 0
}

func (c *VisitCounts) of(state VisitState) *int64 {
	switch state {
	case VisitInWindow:
		return &c.InWindow
	case VisitOutside:
		return &c.Outside
	case VisitNoWindow:
		return &c.NoWindow
	case VisitMissed:
		return &c.Missed
	case VisitDue:
		return &c.Due
	case VisitUpcoming:
		return &c.Upcoming
	case VisitNoDate:
		return &c.NoDate
	case VisitUndecided:
		return &c.Undecided
	}
	return nil
}

// Interval counts the visits of an interval of the study.
type Interval struct {
	Name   string      `json:"name"`
	Visits VisitCounts `json:"visits"`
}

// intervalTally takes the visits of an interval.
type intervalTally struct {
	id       int64
	name     string
	shown    string // its label, once all are known
	sequence int64
	known    bool // the sequence
	visits   VisitCounts
}

// visit is what a run keeps of a visit.
type visit struct {
	id              int64
	subject         *imednet.Subject
	site            *siteTally
	interval        *intervalTally
	start, end, due imednet.Opt[imednet.Date]
	date            imednet.Opt[imednet.Date]
	entered         bool // a record that is not deleted is of it
	state           VisitState
}

// readVisits keeps the visits: records are compared with their dates.
func (x *run) readVisits(ctx context.Context) error {
	return each(x, imednet.Visits, x.client.Visits(ctx, x.study, imednet.ListOptions{}), func(v *imednet.Visit) {
		subject, _ := x.subjects.OfVisit(v)
		if v.Deleted.Or(v.Deleted.Presence() == imednet.Misfit || v.Deleted.Presence() == imednet.Blank) || subject != nil && x.gone[subject.SubjectID] {
			x.report.Visits.Deleted++
			x.siteOf(subject).visits.Deleted++
			return
		}
		x.visits[v.VisitID] = &visit{
			id: v.VisitID, subject: subject, site: x.siteOf(subject), interval: x.interval(v),
			start: v.StartDate, end: v.EndDate, due: v.DueDate, date: v.VisitDate,
		}
	})
}

// interval is that of a visit; one that the study does not list is known by the name in the visit.
func (x *run) interval(v *imednet.Visit) *intervalTally {
	id, known := v.IntervalID.Get()
	t := x.intervals[id]
	if t == nil {
		t = &intervalTally{id: id}
		if known {
			t.name = v.IntervalName.Or("")
		}
		x.intervals[id] = t
	}
	return t
}

// classify says what the dates of a visit say, on a day.
func (v *visit) classify(today imednet.Date) VisitState {
	start, hasStart := v.start.Get()
	end, hasEnd := v.end.Get()
	due, hasDue := v.due.Get()
	if hasStart && hasEnd && after(start, end) {
		hasStart, hasEnd = false, false // no window
	}
	date, done := v.date.Get()
	switch {
	case done && after(date, today), v.date.Presence() == imednet.Misfit:
		return VisitUndecided
	case done && (hasStart && after(start, date) || hasEnd && after(date, end)):
		return VisitOutside
	case done && hasStart && hasEnd:
		return VisitInWindow
	case done:
		return VisitNoWindow
	case v.entered:
		return VisitNoDate
	case hasEnd && after(today, end):
		return VisitMissed
	case hasDue && after(today, due), hasStart && !after(start, today):
		return VisitDue
	case hasStart || hasEnd || hasDue:
		return VisitUpcoming
	}
	return VisitUndecided
}

func after(a, b imednet.Date) bool { return a.Time().After(b.Time()) }

// classifyVisits counts the visits, once it is known which have records.
func (x *run) classifyVisits() {
	y, m, d := x.asOf.Date()
	today := imednet.Date{Year: y, Month: m, Day: d}
	for _, v := range x.visits {
		v.state = v.classify(today)
		*x.report.Visits.of(v.state)++
		*v.site.visits.of(v.state)++
		*v.interval.visits.of(v.state)++
	}
}

// finishVisits lists intervals and visits. Visits that need no attention are listed as counts.
func (x *run) finishVisits() {
	intervals := x.intervalOrder()
	x.report.Intervals = []Interval{}
	for _, t := range intervals {
		if t.visits.Total() > 0 {
			x.report.Intervals = append(x.report.Intervals, Interval{t.label(), t.visits})
		}
	}
	t := rowsOf("visits", "Visits", "visits", "state", "State", "site", "Site", "visit", "Visit", "id", "Visit id").
		with(x.opts.ShowValues, "subject", "Subject", "window", "Window", "due", "Due", "date", "Visit date")
	order := map[*intervalTally]int{}
	for i, t := range intervals {
		order[t] = i
	}
	list := make([]*visit, 0, len(x.visits))
	alike := groups{}
	for _, v := range x.visits {
		if v.state == VisitInWindow || v.state == VisitUpcoming || v.state == VisitNoWindow {
			alike.add(1, string(v.state), x.label(v.site), v.interval.label(), "")
			continue
		}
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b *visit) int {
		return cmp.Or(cmp.Compare(slices.Index(visitOrder, a.state), slices.Index(visitOrder, b.state)), strings.Compare(x.label(a.site), x.label(b.site)),
			cmp.Compare(order[a.interval], order[b.interval]), cmp.Compare(a.id, b.id))
	})
	for _, v := range list {
		key := ""
		if v.subject != nil {
			key = v.subject.SubjectKey.Or("")
		}
		window := strings.TrimSpace(dateText(v.start) + " – " + dateText(v.end))
		t.add(x.opts.MaxRows, 1, string(v.state), x.label(v.site), v.interval.label(), strconv.FormatInt(v.id, 10), key, window, dateText(v.due), dateText(v.date))
	}
	alike.into(t, len(t.Rows)+x.opts.MaxRows)
	x.keep(t)
}

// intervalOrder lists the intervals in the study's order, those without a place last.
func (x *run) intervalOrder() []*intervalTally {
	var all []*intervalTally
	for _, t := range x.intervals {
		all = append(all, t)
	}
	names := map[string]int{}
	for _, t := range all {
		names[t.plainName()]++
	}
	for _, t := range all {
		t.shown = t.plainName()
		if names[t.shown] > 1 {
			t.shown += " (" + strconv.FormatInt(t.id, 10) + ")"
		}
	}
	slices.SortFunc(all, func(a, b *intervalTally) int {
		if a.known != b.known {
			return map[bool]int{true: -1, false: 1}[a.known]
		}
		return cmp.Or(cmp.Compare(a.sequence, b.sequence), strings.Compare(a.shown, b.shown))
	})
	return all
}

// label names the interval in rows, each by another name.
func (t *intervalTally) label() string { return t.shown }

func (t *intervalTally) plainName() string {
	if strings.TrimSpace(t.name) == "" {
		return "(no interval)"
	}
	return t.name
}
