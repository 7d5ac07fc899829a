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
			a.deriveBaseline(byParam[param], a.outside(param, byParam[""]))
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

// deriveBaseline sets BASE on every row in the baseline's unit, ABLFL on the baseline row, and CHG and PCHG on
// the numeric results that are certainly after it.
func (a *analysis) deriveBaseline(rows []*CanonicalRow, outside []*CanonicalRow) {
	how := a.settings.describeBaseline()
	base := a.findBaseline(rows, outside)
	if len(base.among) == 0 {
		for _, row := range rows {
			own := append(inputsOf(row, "AVAL", "ADT"), a.start...)
			a.deriveChange(row, CanonicalValue{}, CanonicalValue{}, CanonicalValue{}, how, own)
			a.derive(row, "ABLFL", CanonicalValue{}, how, own)
		}
		return
	}
	from := a.inputsOfBaseline(base)
	for _, row := range rows {
		a.changeFrom(row, base, how, from)
		var flag imednet.YesNo
		if row == base.flagged {
			flag = imednet.Yes
		}
		a.derive(row, "ABLFL", FlagValue(flag), how, from)
	}
}

func (a *analysis) inputsOfBaseline(base baseline) []input {
	fields := []string{"AVAL", "ADT"}
	if a.settings.Baseline == BaselineAtVisits {
		fields = append(fields, "AVISIT")
	}
	var from []input
	for _, row := range base.among {
		from = append(from, inputsOf(row, fields...)...)
	}
	if a.settings.Baseline != BaselineAtVisits {
		from = append(from, a.start...)
	}
	return from
}

// changeFrom sets BASE, CHG and PCHG of a row.
func (a *analysis) changeFrom(row *CanonicalRow, base baseline, how string, from []input) {
	if unit(row) != unit(base.among[0]) {
		a.leaveOpen(row, "BASE", "the baseline stands in another unit")
		a.deriveChange(row, CanonicalValue{}, CanonicalValue{}, CanonicalValue{}, how, from)
		return
	}
	start := base.among[0].Number("AVAL")
	var change, percent imednet.Number
	if a.isAfter(row, base) {
		change, _ = row.Number("AVAL").Minus(start)
		percent, _ = change.PercentOf(start)
	}
	a.deriveChange(row, NumberValue(start), NumberValue(change), NumberValue(percent), how, from)
}

// isAfter reports whether a result is certainly after the baseline, whichever result that is.
func (a *analysis) isAfter(row *CanonicalRow, base baseline) bool {
	date := row.Date("ADT")
	if a.settings.Baseline != BaselineAtVisits && date.CompareDay(a.treatment.Start) == imednet.After {
		return true
	}
	return !slices.ContainsFunc(base.among, func(b *CanonicalRow) bool { return date.Compare(b.Date("ADT")) != imednet.After })
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
	if row.Date("ADT").CompareDay(a.treatment.Start) != imednet.After {
		return CanonicalValue{}, CanonicalValue{}
	}
	start := row.Number("BASE")
	difference, _ := row.Number("AVAL").Minus(start)
	share, _ := difference.PercentOf(start)
	return NumberValue(difference), NumberValue(share)
}
