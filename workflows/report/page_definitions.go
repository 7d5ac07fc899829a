package report

import (
	"fmt"

	"github.com/imednetgo/imednet/internal/page"
)

// definitions say how the numbers of the page are counted.
func definitions(r *Report) []pair {
	return []pair{
		{"Left out", "Deleted subjects, visits and records, and the visits of deleted subjects. Queries count even if their record was deleted."},
		{"Moment", "Ages, due dates and the last seven days are counted to " + page.Time(r.AsOf) + ", and days by UTC."},
		{"Enrolled", "The month of the subject’s enrollmentStartDate. A subject without one is counted as without a date."},
		{"Visit done", "It has a visitDate that has come. In window: from startDate to endDate. Out of window: before or after. Window unknown: the dates do not decide."},
		{"Visit not done", "Without a visitDate, and without records: missed once endDate has passed; due once dueDate has passed or startDate has come; upcoming before that; unknown without dates. A visitDate that cannot be read or is still to come leaves the visit unknown too. With records but without a visitDate it may have been done, and is listed as entered without a date."},
		{"Query state", "By its last comment: open, closed, or unknown where no comment decides. Its age counts from when it was raised. The answer is the first comment by another user that does not close it."},
		{"Overdue", fmt.Sprintf("An open query that was raised %s or longer ago.", page.Plural(int64(r.OverdueDays), "day"))},
		{"Days of entry", fmt.Sprintf("From the visitDate of the record’s visit to the day on which the record was created. Late: more than %s. Records of no visit, and those without one of the dates, are not measured; those from before the visit are counted apart.", page.Plural(int64(r.LateDays), "day"))},
		{"Answered", "Answers to all variables of the record’s form that are neither disabled nor deleted. Blank: absent, null or white space; zero, No and NA are answers."},
		{"Adverse events", "Records of the named forms. Severity and seriousness that are not answered, or not understood, are unknown and never No."},
		{"Changes in a week", "Records that were created or last modified in the seven days before the moment, each once."},
		{"Review queue", "Its items as they were on " + page.Time(r.MadeAt) + ", when the page was made."},
		{"Medians", fmt.Sprintf("Quantiles interpolate linearly (R type 7). ≈ marks an estimate (t-digest, beyond %s different times). “Too few”: fewer than %s on one side.", page.Number(exactDays), page.Plural(int64(r.GroupSize), "subject"))},
		{"Rows", fmt.Sprintf("Each number leads to its rows, of which a table keeps up to %s, those that need attention first; what is not listed is counted where the rows are shown.", page.Number(int64(r.MaxRows)))},
	}
}
