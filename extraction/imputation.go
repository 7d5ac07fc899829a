package extraction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// Imputation configures how unknown parts of a date of ADAE or ADLB are imputed. Without it nothing
// is imputed. The field holds the imputed date, the imputation flag of ADaM the imputed parts
// (ASTDTF for ASTDT: D for the day, M for month and day), and ASTDTC the date as collected. Years
// are never imputed, nor are dates of which another part is unknown. Variables derived from the
// field are derived from the imputed date.
type Imputation struct {
	Domain string `json:"domain"`
	Field  string `json:"field"` // a date that a rule maps, such as ASTDT
	// Day replaces an unknown day: first, mid (the 15th) or last.
	Day string `json:"day"`
	// Month replaces an unknown month: first, mid (June) or last. If it is empty, a date of which
	// only the year is known is not imputed.
	Month string `json:"month,omitzero"`
	// NotBeforeTreatment uses the day of ADSL.TRTSDT if the imputed day would be before it and the
	// collected date can denote it. Where TRTSDT is missing, or may be after the
	// imputed day on a day that the date can denote, the date is not imputed, which is a finding.
	NotBeforeTreatment bool `json:"notBeforeTreatment,omitzero"`
	// NotAfterCut likewise uses the day of [Settings.DataCut], which must then be given, if the imputed
	// day would be after it.
	NotAfterCut bool `json:"notAfterCut,omitzero"`
}

// The values of Imputation.Day and Imputation.Month.
const (
	ImputeFirst = "first"
	ImputeMid   = "mid"
	ImputeLast  = "last"
)

func (i Imputation) problems(at string) []imednet.Problem {
	var ps []imednet.Problem
	ways := []string{ImputeFirst, ImputeMid, ImputeLast}
	if d := Domain(strings.ToUpper(i.Domain)); d != ADAE && d != ADLB {
		ps = append(ps, imednet.Problem{Path: at + "/domain", Message: "must be ADAE or ADLB"})
	}
	if !strings.HasSuffix(i.Field, "DT") {
		ps = append(ps, imednet.Problem{Path: at + "/field", Message: "must be a date whose name ends in DT"})
	}
	if !slices.Contains(ways, i.Day) {
		ps = append(ps, imednet.Problem{Path: at + "/day", Message: "must be first, mid or last"})
	}
	if i.Month != "" && !slices.Contains(ways, i.Month) {
		ps = append(ps, imednet.Problem{Path: at + "/month", Message: "must be first, mid or last"})
	}
	return ps
}

// impute applies the imputations to the subject's rows.
func (a *analysis) impute() {
	for _, how := range a.settings.Imputation {
		for i := range a.out.Rows {
			row := &a.out.Rows[i]
			if row.Domain == Domain(strings.ToUpper(how.Domain)) && row.cell(how.Field) != nil {
				a.imputeField(row, how)
			}
		}
	}
}

func (a *analysis) imputeField(row *CanonicalRow, how Imputation) {
	collected := *row.cell(how.Field)
	own := []input{{domain: codeOf(row.Domain), cell: &collected}}
	from := slices.Clone(own)
	imputed, flag, bound := a.imputed(row.Date(how.Field), how)
	if bound == unknownStart {
		a.leaveOpen(row, how.Field+"F", how.Field+" is not imputed: whether it would be before treatment cannot be said, since ADSL.TRTSDT is missing or partial")
	}
	if bound == startAfterCut {
		a.leaveOpen(row, how.Field+"F", how.Field+" is not imputed: ADSL.TRTSDT is after the data cut, so that no day is within both")
	}
	if how.NotBeforeTreatment && (flag != "" || bound != "") {
		from = append(from, a.start...)
	}
	if flag != "" {
		said := fmt.Sprintf("imputed: day %s", how.Day)
		if flag == "M" {
			said += ", month " + how.Month
		}
		switch {
		case bound != "":
			said += ", bounded by " + bound
		case how.NotBeforeTreatment:
			said += ", compared with ADSL.TRTSDT"
		}
		row.set(how.Field, DateValue(imputed), newTrace(said, from))
	}
	value := CanonicalValue{}
	if flag != "" {
		value = TextValue(flag)
	}
	a.derive(row, how.Field+"F", value, "what of "+how.Field+" was imputed: D the day, M month and day", from)
	a.derive(row, how.Field+"C", collected.value, how.Field+" as it was collected", own)
}

// unknownStart is a bound that is not known, so that nothing is imputed.
const unknownStart = "an unknown ADSL.TRTSDT"

// startAfterCut are two bounds between which no day is, so that nothing is imputed.
const startAfterCut = "an ADSL.TRTSDT after the data cut"

// imputed returns a whole day, what of it was filled in ("" where nothing was, or nothing can be), and
// the bound that it was moved to.
func (a *analysis) imputed(d imednet.PartialDate, how Imputation) (day imednet.PartialDate, flag, bound string) {
	year, okYear := d.Year()
	month, okMonth := d.Month()
	_, okDay := d.Day()
	switch {
	case !okYear || okDay || !okMonth && how.Month == "":
		return d, "", ""
	case okMonth:
		flag = "D"
	default:
		flag, month = "M", map[string]time.Month{ImputeFirst: time.January, ImputeMid: time.June, ImputeLast: time.December}[how.Month]
	}
	at := imednet.Date{Year: year, Month: month, Day: 1}
	switch how.Day {
	case ImputeMid:
		at.Day = 15
	case ImputeLast:
		at.Day = time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	}
	day, err := imednet.PartialDateOf(at)
	if err != nil {
		return d, "", ""
	}
	cut, _ := imednet.ParsePartialDate(a.plan.settings.DataCut)
	start := a.treatment.Start
	switch {
	case how.NotBeforeTreatment && undecided(d, how.beforeCut(d, day, cut), start):
		return d, "", unknownStart
	case how.NotBeforeTreatment && how.NotAfterCut && canMean(d, start) && canMean(d, cut) && start.CompareDay(cut) == imednet.After:
		return d, "", startAfterCut
	case how.NotBeforeTreatment && day.CompareDay(start) == imednet.Before && canMean(d, start):
		return wholeDay(start), flag, "ADSL.TRTSDT"
	case how.beforeCut(d, day, cut) != day:
		return wholeDay(cut), flag, "the data cut"
	}
	return day, flag, ""
}

// beforeCut is the imputed day of a date, or that of the cut where it bounds the day.
func (i Imputation) beforeCut(d, day, cut imednet.PartialDate) imednet.PartialDate {
	if i.NotAfterCut && day.CompareDay(cut) == imednet.After && canMean(d, cut) {
		return wholeDay(cut)
	}
	return day
}

// undecided reports whether a start that is missing or partial leaves open if an imputed day is before it and
// the date can mean it.
func undecided(d, day, start imednet.PartialDate) bool {
	switch {
	case start.IsZero():
		return true
	case complete(start) || d.Last().CompareDay(start) == imednet.Before:
		return false
	}
	return !reaches(day, d.Last()) && !reaches(day, start.Last())
}

// reaches reports whether a day is certainly not before a limit.
func reaches(day, limit imednet.PartialDate) bool {
	order := day.CompareDay(limit)
	return order == imednet.Same || order == imednet.After
}

// canMean reports whether a whole day is one of those that a partial date can mean.
func canMean(d, day imednet.PartialDate) bool {
	_, whole := day.Date()
	return whole && d.First().CompareDay(day) != imednet.After && d.Last().CompareDay(day) != imednet.Before
}

func wholeDay(d imednet.PartialDate) imednet.PartialDate { return d.Truncate(imednet.PrecisionDay) }
