package extraction

import (
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// deriveADLB sets study days, and baseline and change for each parameter.
func (a *analysis) deriveADLB() {
	byParam := map[string][]*CanonicalRow{}
	var order []string
	for i := range a.out.Rows {
		row := &a.out.Rows[i]
		if row.Domain != ADLB {
			continue
		}
		a.deriveDay(row, "ADY", "ADT")
		param := row.Text("PARAMCD")
		if byParam[param] == nil {
			order = append(order, param)
		}
		byParam[param] = append(byParam[param], row)
	}
	for _, param := range order {
		a.checkUnits(byParam[param])
		if a.settings.Baseline != "" {
			a.deriveBaseline(byParam[param])
		}
	}
}

// unit is what must be the same for two results of a parameter to be compared: PARAM, which has the
// unit in ADaM, and AVALU. The empty one is not known where other results of the parameter have one.
func unit(row *CanonicalRow) string {
	return foldTerm(row.Text("PARAM")) + "\x00" + strings.TrimSpace(row.Text("AVALU"))
}

// checkUnits reports a parameter whose results stand in different units: PARAMCD, PARAM and unit
// belong to each other one to one.
func (a *analysis) checkUnits(rows []*CanonicalRow) {
	first := unit(rows[0])
	i := slices.IndexFunc(rows, func(row *CanonicalRow) bool { return unit(row) != first })
	if i < 0 || rows[0].Text("PARAMCD") == "" {
		return
	}
	f := Finding{Code: FindingUnits, Domain: ADLB, Field: "AVALU",
		Message: "results of the parameter differ in PARAM or unit: BASE and CHG are derived within the baseline's unit only"}
	if rows[i].Text("PARAM") != rows[0].Text("PARAM") {
		f.Field = "PARAM"
	}
	f.Values = []CanonicalValue{rows[0].shown("PARAMCD"), rows[0].shown(f.Field), rows[i].shown(f.Field)}
	a.find(f, rows[i].Origin)
}

// deriveBaseline finds the baseline row of one parameter and sets BASE on every row in its unit, ABLFL
// on the baseline row, and CHG and PCHG on the numeric results that are certainly after it.
func (a *analysis) deriveBaseline(rows []*CanonicalRow) {
	how := a.settings.describeBaseline()
	var base *CanonicalRow
	if rows[0].Text("PARAMCD") != "" { // results of unknown parameters are not compared
		base = a.findBaseline(rows)
	}
	if base == nil {
		for _, row := range rows {
			own := append(inputsOf(row, "AVAL", "ADT"), a.start...)
			a.deriveChange(row, CanonicalValue{}, CanonicalValue{}, CanonicalValue{}, how, own)
			a.derive(row, "ABLFL", CanonicalValue{}, how, own)
		}
		return
	}
	from := append(inputsOf(base, "AVAL", "ADT"), a.start...)
	if a.settings.Baseline == BaselineAtVisits {
		from = inputsOf(base, "AVAL", "ADT", "AVISIT")
	}
	for _, row := range rows {
		a.changeFrom(row, base, how, from)
		var flag imednet.YesNo
		if row == base {
			flag = imednet.Yes
		}
		a.derive(row, "ABLFL", FlagValue(flag), how, from)
	}
}

// changeFrom sets BASE, CHG and PCHG of a row.
func (a *analysis) changeFrom(row, base *CanonicalRow, how string, from []input) {
	if unit(row) != unit(base) {
		a.leaveOpen(row, "BASE", "the baseline stands in another unit")
		a.deriveChange(row, CanonicalValue{}, CanonicalValue{}, CanonicalValue{}, how, from)
		return
	}
	value, start := row.Number("AVAL"), base.Number("AVAL")
	var change, percent imednet.Number
	if !value.IsZero() && row.Date("ADT").Compare(base.Date("ADT")) == imednet.After {
		change, _ = value.Minus(start)
		percent, _ = change.PercentOf(start)
	}
	a.deriveChange(row, NumberValue(start), NumberValue(change), NumberValue(percent), how, from)
}

func (a *analysis) deriveChange(row *CanonicalRow, base, change, percent CanonicalValue, how string, from []input) {
	a.derive(row, "BASE", base, "AVAL of the baseline row, "+how, from)
	if a.plan.gives(row, "BASE") { // then the change is from the mapped value
		change, percent = a.changeFromMapped(row)
	}
	own := inputsOf(row, "AVAL", "BASE", "ADT")
	a.derive(row, "CHG", change, "AVAL - BASE, for results after the baseline", own)
	a.derive(row, "PCHG", percent, "100 x CHG / BASE, for results after the baseline and a BASE other than 0", own)
}

// changeFromMapped is the change from a BASE that a rule gives. Whether the result is after the
// baseline cannot be known there, so only a result that is certainly after the start of treatment has
// one.
func (a *analysis) changeFromMapped(row *CanonicalRow) (change, percent CanonicalValue) {
	value, start := row.Number("AVAL"), row.Number("BASE")
	if value.IsZero() || start.IsZero() || row.Date("ADT").CompareDay(a.treatment.Start) != imednet.After {
		return CanonicalValue{}, CanonicalValue{}
	}
	difference, _ := value.Minus(start)
	share, _ := difference.PercentOf(start)
	return NumberValue(difference), NumberValue(share)
}

func (a *Analysis) describeBaseline() string {
	switch a.Baseline {
	case LastOnOrBeforeTreatment:
		return "the last numeric result on or before ADSL.TRTSDT"
	case LastBeforeTreatment:
		return "the last numeric result before ADSL.TRTSDT"
	}
	return "the last numeric result at a baseline visit"
}

// findBaseline returns the last result that qualifies; nil when there is none, or when it cannot be
// said which is the last: a result that may qualify, or may be later, has another value or unit. A result
// whose day is not known is never the baseline, and where it may be the last none is. That is reported.
func (a *analysis) findBaseline(rows []*CanonicalRow) *CanonicalRow {
	var certain, possible, partial []*CanonicalRow
	for _, row := range rows {
		if row.Number("AVAL").IsZero() {
			continue
		}
		qualifies := a.qualifies(row)
		_, complete := row.Date("ADT").Date()
		switch {
		case row.Date("ADT").IsZero():
			a.reportUndated(row)
		case qualifies == imednet.No:
		case !complete:
			partial = append(partial, row)
		case qualifies == imednet.Yes:
			certain = append(certain, row)
		default:
			possible = append(possible, row)
		}
	}
	a.reportPartial(partial)
	if len(certain) == 0 {
		if len(possible) > 0 {
			a.reportTie(possible[0], "the dates leave open whether a result qualifies as baseline: none is derived")
		}
		return nil
	}
	base := certain[0]
	for _, row := range certain[1:] {
		if row.Date("ADT").Compare(base.Date("ADT")) == imednet.After {
			base = row
		}
	}
	for _, row := range append(certain, possible...) {
		if row == base || base.Date("ADT").Compare(row.Date("ADT")) == imednet.After || sameResult(row, base) {
			continue
		}
		a.reportTie(base, "several results qualify as baseline, or may, and none is certainly the last: none is derived")
		return nil
	}
	if slices.ContainsFunc(partial, func(row *CanonicalRow) bool { return a.mayReplace(row, base) }) {
		a.reportTie(base, "a result whose day is not known may be the last before treatment, or is: none is derived")
		return nil
	}
	return base
}

// mayReplace reports whether a result whose day is not known leaves open that the baseline is the last: it is
// certainly later, or may be and is not the same.
func (a *analysis) mayReplace(row, base *CanonicalRow) bool {
	switch base.Date("ADT").Compare(row.Date("ADT")) {
	case imednet.After:
		return false
	case imednet.Before:
		return a.qualifies(row) == imednet.Yes || !sameResult(row, base)
	}
	return !sameResult(row, base)
}

// reportPartial reports results that are not considered because their day is not known.
func (a *analysis) reportPartial(rows []*CanonicalRow) {
	for _, row := range rows {
		a.leaveOpen(row, "ABLFL", noDay)
	}
}

const noDay = "the day of ADT is not known, so the result is not considered as baseline"

// reportUndated reports a result that could be the baseline but for its date, which is missing or unreadable.
func (a *analysis) reportUndated(row *CanonicalRow) {
	atVisits := a.settings.Baseline == BaselineAtVisits
	if a.plan.gives(row, "ADT") && (!atVisits && a.noStart == "" || atVisits && a.inTime(row, imednet.PartialDate{}) == imednet.Yes) {
		a.leaveOpen(row, "ABLFL", noDay)
	}
}

func sameResult(row, base *CanonicalRow) bool {
	return row.Number("AVAL").Equal(base.Number("AVAL")) && unit(row) == unit(base)
}

func (a *analysis) reportTie(row *CanonicalRow, message string) {
	a.find(Finding{Code: FindingBaselineTie, Domain: ADLB, Field: "ABLFL", Message: message, Values: []CanonicalValue{row.shown("PARAMCD")}}, row.Origin)
}

// qualifies reports whether a result can be the baseline; Unknown where its dates leave that open.
func (a *analysis) qualifies(row *CanonicalRow) imednet.YesNo {
	date := row.Date("ADT")
	if date.IsZero() {
		return imednet.No
	}
	return a.inTime(row, date)
}

func (a *analysis) inTime(row *CanonicalRow, date imednet.PartialDate) imednet.YesNo {
	switch {
	case a.settings.Baseline == BaselineAtVisits:
		return imednet.YesNoOf(slices.Contains(a.settings.BaselineVisits, row.Text("AVISIT")))
	case a.treatment.Start.IsZero():
		return imednet.No
	case a.settings.Baseline == LastBeforeTreatment:
		return opposite(notBefore(date, a.treatment.Start, a.settings.ByDay))
	}
	return notBefore(a.treatment.Start, date, a.settings.ByDay)
}

func opposite(f imednet.YesNo) imednet.YesNo {
	switch f {
	case imednet.Yes:
		return imednet.No
	case imednet.No:
		return imednet.Yes
	}
	return imednet.Unknown
}
