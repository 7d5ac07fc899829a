package report

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/page"
)

type enrolmentView struct {
	Title, Bars, Line, From, To, Unit string
	Most, Whole                       string
	Months                            []monthView
}

type monthView struct {
	Name, Sum string
	Count     num
}

// monthSpan is the time from the first to the last month with an enrolment, in steps of so many months
// that a plot has room for them.
type monthSpan struct {
	first, last int // months since the year 0
	step        int
}

// plotSteps is the greatest number of steps of a plot.
const plotSteps = 60

func (r *Report) monthSpan() monthSpan {
	months := r.Enrolment.Months
	if len(months) == 0 {
		return monthSpan{step: 1}
	}
	s := monthSpan{monthNumber(months[0].Month), monthNumber(months[len(months)-1].Month), 1}
	for _, step := range []int{3, 12, 120, 1200, 12000} {
		if (s.last-s.first)/s.step < plotSteps {
			break
		}
		s.step = step
	}
	s.first -= s.first % s.step
	return s
}

// monthNumber counts months, so that those between two are known. A month is as monthLayout writes it.
func monthNumber(text string) int {
	date, _ := imednet.ParsePartialDate(text)
	year, _ := date.Year()
	month, _ := date.Month()
	return year*12 + int(month) - 1
}

func monthName(number int) string {
	return time.Date(number/12, time.Month(number%12+1), 1, 0, 0, 0, 0, time.UTC).Format("January 2006")
}

// counts are the enrolments of each step.
func (s monthSpan) counts(months []MonthCount) []int64 {
	counts := make([]int64, (s.last-s.first)/s.step+1)
	for _, m := range months {
		counts[(monthNumber(m.Month)-s.first)/s.step] += m.Count
	}
	return counts
}

func (s monthSpan) unit() string {
	switch s.step {
	case 1:
		return "month"
	case 3:
		return "quarter"
	case 12:
		return "year"
	}
	return fmt.Sprintf("%d years", s.step/12)
}

func (v *pageView) addEnrolment(r *Report) {
	e := r.Enrolment
	dated := e.Subjects - e.Later - e.Undated
	v.EnrolmentLead = fmt.Sprintf("%s of %s have a date of enrolment that had come; %s without a date", page.Number(dated), page.Plural(e.Subjects, "subject"), page.Number(e.Undated))
	if e.Later > 0 {
		v.EnrolmentLead += fmt.Sprintf("; %s with a date after the data, which is not drawn", page.Number(e.Later))
	}
	v.EnrolmentLead += ". Nothing is extrapolated."
	if len(e.Months) == 0 {
		return
	}
	span := r.monthSpan()
	counts := span.counts(e.Months)
	most := int64(0)
	for _, n := range counts {
		most = max(most, n)
	}
	view := &enrolmentView{
		Bars: page.Columns(counts, 0, 720, 149), Line: page.RunningTotal(counts, 720, 149), From: monthName(span.first), To: monthName(span.last),
		Unit: span.unit(), Most: page.Number(most), Whole: page.Number(dated),
	}
	view.Title = fmt.Sprintf("%s enrolled from %s to %s, by %s", page.Plural(dated, "subject"), view.From, view.To, view.Unit)
	sum := int64(0)
	for _, m := range e.Months {
		sum += m.Count
		view.Months = append(view.Months, monthView{m.Month, page.Number(sum), linked(m.Count, "subjects", "enrolled", m.Month)})
	}
	v.Enrolment = view
}
