package extraction

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// baseline is what can be said of the baseline of a parameter.
type baseline struct {
	flagged *CanonicalRow   // the baseline result; nil where it is not known which one it is
	among   []*CanonicalRow // the results of which one is the baseline, all with the same value; none where the value is not known
}

func (a *Analysis) describeBaseline() string {
	how := "the last numeric result at a baseline visit"
	switch a.Baseline {
	case LastOnOrBeforeTreatment:
		how = "the last numeric result on or before ADSL.TRTSDT"
	case LastBeforeTreatment:
		how = "the last numeric result before ADSL.TRTSDT"
	}
	if a.BaselineTie != "" {
		how += "; of several at the same time that of the record created " + a.BaselineTie
	}
	return how
}

// findBaseline finds the last result that qualifies. A result that may be later, or may qualify, leaves open which
// one it is, and, where it has another value or unit, also the value; both are reported. A result whose day is not
// known is never the baseline itself. Results outside are those that are no rows of the parameter but may be.
func (a *analysis) findBaseline(rows, outside []*CanonicalRow) baseline {
	if rows[0].Text("PARAMCD") == "" { // results of unknown parameters are not compared
		a.reportUnknownParameter(rows)
		return baseline{}
	}
	certain, open := a.contenders(rows)
	if len(certain) == 0 {
		if len(open) > 0 {
			a.reportTie(open[0], "the dates leave open whether a result qualifies as baseline: none is derived")
		}
		return baseline{}
	}
	base := a.latest(certain)
	rivals := a.rivals(base, append(certain, open...))
	switch {
	case slices.ContainsFunc(outside, func(row *CanonicalRow) bool { return mayReplace(row, base) }):
		a.reportTie(base, "a result that was rejected, or whose parameter is not known, may be the baseline: none is derived")
		return baseline{}
	case len(rivals) == 0:
		return baseline{flagged: base, among: []*CanonicalRow{base}}
	case slices.ContainsFunc(rivals, func(row *CanonicalRow) bool { return !sameResult(row, base) }):
		a.reportTie(base, "several results qualify as baseline, or may, and none is certainly the last: none is derived")
		return baseline{}
	}
	a.reportTie(base, "several results of the same value qualify as baseline, or may, and none is certainly the last: BASE is derived and none is flagged")
	return baseline{among: append([]*CanonicalRow{base}, rivals...)}
}

// contenders are the numeric results that qualify and have a whole day, and those that may qualify or whose day is not
// known.
func (a *analysis) contenders(rows []*CanonicalRow) (certain, open []*CanonicalRow) {
	for _, row := range rows {
		if row.Number("AVAL").IsZero() {
			continue
		}
		qualifies := a.qualifies(row)
		whole := complete(row.Date("ADT"))
		if !whole && qualifies != imednet.No {
			a.leaveOpen(row, "ABLFL", "the day of ADT is not known, so the result is not considered as baseline")
		}
		switch {
		case qualifies == imednet.No:
		case qualifies == imednet.Yes && whole:
			certain = append(certain, row)
		default:
			open = append(open, row)
		}
	}
	return certain, open
}

// latest is a result than which no other is certainly later; of those at the same time the one that BaselineTie names.
func (a *analysis) latest(rows []*CanonicalRow) *CanonicalRow {
	last := rows[0]
	for _, row := range rows[1:] {
		same := row.Date("ADT") == last.Date("ADT")
		if row.Date("ADT").Compare(last.Date("ADT")) == imednet.After || same && a.settings.BaselineTie == imednet.ChooseLast {
			last = row
		}
	}
	return last
}

// rivals are the results that may be the baseline in the place of base.
func (a *analysis) rivals(base *CanonicalRow, rows []*CanonicalRow) []*CanonicalRow {
	return slices.DeleteFunc(slices.Clone(rows), func(row *CanonicalRow) bool {
		date := row.Date("ADT")
		decided := a.settings.BaselineTie != "" && complete(date) && date == base.Date("ADT")
		return row == base || decided || !mayReplace(row, base)
	})
}

// mayReplace reports whether a result that may qualify is not certainly before the baseline.
func mayReplace(row, base *CanonicalRow) bool {
	return base.Date("ADT").Compare(row.Date("ADT")) != imednet.After
}

// outside are results that are no rows of a parameter but may be: rejected ones of it or of no known parameter, and
// rows of no known parameter.
func (a *analysis) outside(param string, unknown []*CanonicalRow) []*CanonicalRow {
	var list []*CanonicalRow
	for _, row := range unknown {
		if !row.Number("AVAL").IsZero() && a.qualifies(row) != imednet.No {
			list = append(list, row)
		}
	}
	for i := range a.out.Rejected {
		rejected := &a.out.Rejected[i]
		if rejected.Domain == ADLB && rejected.mayBe(param) && rejected.mayHaveResult() && a.qualifies(&rejected.Payload) != imednet.No {
			list = append(list, &rejected.Payload)
		}
	}
	return list
}

// mayBe reports whether a rejected result is one of a parameter, or of none that is known.
func (r *RejectedRow) mayBe(param string) bool {
	of := r.Parameter
	if of == "" {
		of = r.Payload.Text("PARAMCD")
	}
	return of == "" || of == param
}

// mayHaveResult reports whether a rejected row has a numeric result, or whether that cannot be said.
func (r *RejectedRow) mayHaveResult() bool {
	result := r.Payload.cell("AVAL")
	if result == nil || !r.Payload.Number("AVAL").IsZero() || result.trace.masked() {
		return true
	}
	return slices.ContainsFunc(r.Findings, func(f RowFinding) bool { return result.trace.rule != nil && f.Rule == result.trace.rule.index })
}

func sameResult(row, base *CanonicalRow) bool {
	return row.Number("AVAL").Equal(base.Number("AVAL")) && unit(row) == unit(base)
}

func (a *analysis) reportTie(row *CanonicalRow, message string) {
	a.find(Finding{Code: FindingBaselineTie, Domain: ADLB, Field: "ABLFL", Message: message, Values: []CanonicalValue{row.shown("PARAMCD")}}, row.Origin)
}

// reportUnknownParameter reports results that have no baseline because nothing says of what they are.
func (a *analysis) reportUnknownParameter(rows []*CanonicalRow) {
	for _, row := range rows {
		if !row.Number("AVAL").IsZero() {
			a.leaveOpen(row, "BASE", "PARAMCD is not known")
		}
	}
}

// qualifies reports whether a result can be the baseline; Unknown where its dates leave that open.
func (a *analysis) qualifies(row *CanonicalRow) imednet.YesNo {
	date := row.Date("ADT")
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
