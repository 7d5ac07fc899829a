package report

import (
	"context"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// Enrolment counts the subjects that are not deleted, by enrollmentStartDate. Subjects = the sum of
// Months + Later + Undated.
type Enrolment struct {
	Subjects int64        `json:"subjects"`
	Deleted  int64        `json:"deleted"`
	Months   []MonthCount `json:"months"`  // months with an enrolment, in ascending order
	Later    int64        `json:"later"`   // with a date after AsOf, in no month
	Undated  int64        `json:"undated"` // without a date, or with one that cannot be read
}

// MonthCount counts the subjects that were enrolled in a month, such as "2024-03".
type MonthCount struct {
	Month string `json:"month"`
	Count int64  `json:"count"`
}

const (
	monthLayout = "2006-01"
	undated     = "no date"
	laterOn     = "after the data"
)

func monthsOf(counts map[string]int64) []MonthCount {
	months := []MonthCount{}
	for _, m := range slices.Sorted(maps.Keys(counts)) {
		months = append(months, MonthCount{m, counts[m]})
	}
	return months
}

// readSubjects keeps the subjects: they are looked up for every record.
func (x *run) readSubjects(ctx context.Context) error {
	subjects, err := listing.Collect(x.client.Subjects(ctx, x.study, imednet.ListOptions{}))
	if err != nil {
		return err
	}
	x.subjects = imednet.NewSubjectIndex(subjects)
	x.countSubjects()
	return nil
}

// enrolled is the month in which a subject was enrolled, or why it is in none.
func (x *run) enrolled(s *imednet.Subject) string {
	at, ok := s.EnrollmentStartDate.Get()
	switch {
	case !ok:
		return undated
	case at.After(x.asOf):
		return laterOn
	}
	return at.UTC().Format(monthLayout)
}

// countSubjects counts subjects by site and month, before anything is said of the sites.
func (x *run) countSubjects() {
	e := &x.report.Enrolment
	months := map[string]int64{}
	for i := range x.subjects.Subjects() {
		s := &x.subjects.Subjects()[i]
		if s.IsDeleted() {
			e.Deleted++
			x.gone[s.SubjectID] = true
			continue
		}
		e.Subjects++
		site := x.siteOf(s)
		site.subjects++
		switch month := x.enrolled(s); month {
		case undated:
			e.Undated++
		case laterOn:
			e.Later++
		default:
			if site.months == nil {
				site.months = map[string]int64{}
			}
			site.months[month]++
			months[month]++
		}
	}
	e.Months = monthsOf(months)
}

// finishSubjects lists the subjects: one by one if values are shown, otherwise as counts.
func (x *run) finishSubjects() {
	t := rowsOf("subjects", "Subjects", "subjects", "site", "Site", "enrolled", "Enrolled in").
		with(x.opts.ShowValues, "subject", "Subject", "date", "Enrolled on")
	alike := groups{}
	for i := range x.subjects.Subjects() {
		s := &x.subjects.Subjects()[i]
		if s.IsDeleted() {
			continue
		}
		site, month := x.label(x.siteOf(s)), x.enrolled(s)
		if x.opts.ShowValues {
			t.add(x.opts.MaxRows, 1, site, month, s.SubjectKey.Or(""), timeText(s.EnrollmentStartDate))
			continue
		}
		alike.add(1, site, month)
	}
	alike.into(t, x.opts.MaxRows)
	x.keep(t)
}

func timeText(t imednet.Opt[imednet.Time]) string {
	at, ok := t.Get()
	if !ok {
		return ""
	}
	return at.String()
}

func dateText(d imednet.Opt[imednet.Date]) string {
	date, ok := d.Get()
	if !ok {
		return ""
	}
	return date.String()
}
