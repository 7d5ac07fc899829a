package extraction

import (
	"cmp"
	"slices"
	"strconv"
)

// deriveAnalysis fills the variables of ADAE and ADLB that no rule maps, once the subject's ADSL
// row stands.
func (s *subjectRun) deriveAnalysis() {
	if s.plan.settings.Analysis == nil {
		return
	}
	var treatment Treatment
	if adsl := s.out.Of(ADSL); len(adsl) == 1 {
		treatment = Treatment{Start: adsl[0].Date("TRTSDT"), End: adsl[0].Date("TRTEDT"), WithinDays: s.plan.settings.Analysis.EmergentWithinDays}
	}
	s.deriveADAE(treatment)
	s.deriveADLB(treatment)
	s.sequence(ADAE, "ASTDT")
	s.sequence(ADLB, "ADT")
}

// derive sets a field that no rule maps.
func (s *subjectRun) derive(row *CanonicalRow, field string, v CanonicalValue, how string) {
	if s.plan.hasField(row.Domain, field) {
		return
	}
	row.set(field, v, trace{derived: how, origin: row.Origin})
}

// deriveDay sets a study day, and reports when it cannot be said.
func (s *subjectRun) deriveDay(row *CanonicalRow, field, dateField string, start PartialDate) {
	if s.plan.hasField(row.Domain, field) || !s.plan.hasField(row.Domain, dateField) {
		return
	}
	how := "the study day of " + dateField + " relative to ADSL.TRTSDT, without a day 0"
	day, ok := StudyDay(row.Date(dateField), start)
	if ok {
		s.derive(row, field, NumberValue(Number(strconv.Itoa(day))), how)
		return
	}
	s.derive(row, field, CanonicalValue{}, how)
	if !row.Date(dateField).IsZero() && !start.IsZero() {
		s.find(Finding{Code: FindingNotDerived, Domain: row.Domain, Field: field, Message: "the day of " + dateField + " or of TRTSDT is not known"}, row.Origin)
	}
}

func (s *subjectRun) deriveADAE(treatment Treatment) {
	for i := range s.out.Rows {
		row := &s.out.Rows[i]
		if row.Domain != ADAE {
			continue
		}
		s.deriveDay(row, "ASTDY", "ASTDT", treatment.Start)
		s.deriveDay(row, "AENDY", "AENDT", treatment.Start)
		if s.plan.hasField(ADAE, "TRTEMFL") || !s.plan.hasField(ADAE, "ASTDT") {
			continue
		}
		emergent := TreatmentEmergent(row.Date("ASTDT"), treatment)
		s.derive(row, "TRTEMFL", FlagValue(emergent), "whether ASTDT is on or after ADSL.TRTSDT"+s.window())
		if emergent == Unanswered && !treatment.Start.IsZero() {
			s.find(Finding{Code: FindingNotDerived, Domain: ADAE, Field: "TRTEMFL", Message: "the dates leave open whether the event is treatment-emergent"}, row.Origin)
		}
	}
}

func (s *subjectRun) window() string {
	days := s.plan.settings.Analysis.EmergentWithinDays
	if days == nil {
		return ""
	}
	return " and at most " + strconv.Itoa(*days) + " days after ADSL.TRTEDT"
}

// deriveADLB sets study days, and baseline and change for each parameter.
func (s *subjectRun) deriveADLB(treatment Treatment) {
	byParam := map[string][]*CanonicalRow{}
	var order []string
	for i := range s.out.Rows {
		row := &s.out.Rows[i]
		if row.Domain != ADLB {
			continue
		}
		s.deriveDay(row, "ADY", "ADT", treatment.Start)
		param := row.Text("PARAMCD")
		if byParam[param] == nil {
			order = append(order, param)
		}
		byParam[param] = append(byParam[param], row)
	}
	if s.plan.settings.Analysis.Baseline == "" {
		return
	}
	for _, param := range order {
		s.deriveBaseline(byParam[param], treatment)
	}
}

// deriveBaseline finds the baseline row of one parameter and sets BASE on every row, ABLFL on the
// baseline row, and CHG and PCHG on the numeric results that are certainly after it.
func (s *subjectRun) deriveBaseline(rows []*CanonicalRow, treatment Treatment) {
	how := s.plan.settings.Analysis.describeBaseline()
	var base *CanonicalRow
	if rows[0].Text("PARAMCD") != "" { // results of unknown parameters are not compared
		base = s.findBaseline(rows, treatment)
	}
	for _, row := range rows {
		if base == nil {
			s.deriveChange(row, "", "", "", how)
			continue
		}
		var change, percent Number
		from := base.Number("AVAL")
		order, decided := row.Date("ADT").Compare(base.Date("ADT"))
		if value := row.Number("AVAL"); !value.IsZero() && decided && order > 0 {
			change = value.Minus(from)
			percent, _ = change.PercentOf(from)
		}
		s.deriveChange(row, from, change, percent, how)
	}
	if base != nil {
		s.derive(base, "ABLFL", FlagValue(Yes), how)
	}
}

func (s *subjectRun) deriveChange(row *CanonicalRow, base, change, percent Number, how string) {
	s.derive(row, "BASE", NumberValue(base), "AVAL of the baseline row, "+how)
	s.derive(row, "CHG", NumberValue(change), "AVAL - BASE, for results after the baseline")
	s.derive(row, "PCHG", NumberValue(percent), "100 x CHG / BASE, for results after the baseline and a BASE other than 0")
	s.derive(row, "ABLFL", CanonicalValue{}, how)
}

func (a *Analysis) describeBaseline() string {
	switch a.Baseline {
	case LastOnOrBeforeTreatment:
		return "the last numeric result on or before the day of ADSL.TRTSDT"
	case LastBeforeTreatment:
		return "the last numeric result before the day of ADSL.TRTSDT"
	}
	return "the last numeric result at a baseline visit"
}

// findBaseline returns the last result that qualifies; nil when there is none, or when a result that
// is not certainly earlier has another value, which is reported.
func (s *subjectRun) findBaseline(rows []*CanonicalRow, treatment Treatment) *CanonicalRow {
	var candidates []*CanonicalRow
	for _, row := range rows {
		if !row.Number("AVAL").IsZero() && s.plan.settings.Analysis.qualifies(row, treatment) {
			candidates = append(candidates, row)
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	base := candidates[0]
	for _, row := range candidates[1:] {
		if order, decided := row.Date("ADT").Compare(base.Date("ADT")); decided && order > 0 {
			base = row
		}
	}
	for _, row := range candidates {
		order, decided := base.Date("ADT").Compare(row.Date("ADT"))
		if (!decided || order == 0) && row.Number("AVAL").rat().Cmp(base.Number("AVAL").rat()) != 0 {
			s.find(Finding{Code: FindingBaselineTie, Domain: ADLB, Field: "ABLFL", Message: "two results qualify as baseline and neither is certainly later: no baseline is derived"}, base.Origin)
			return nil
		}
	}
	return base
}

func (a *Analysis) qualifies(row *CanonicalRow, treatment Treatment) bool {
	if !row.Date("ADT").Complete() {
		return false
	}
	if a.Baseline == BaselineAtVisits {
		return slices.Contains(a.BaselineVisits, row.Text("AVISIT"))
	}
	days, ok := row.Date("ADT").DaysSince(treatment.Start)
	return ok && (days < 0 || days == 0 && a.Baseline == LastOnOrBeforeTreatment)
}

// sequence numbers the rows of a domain within the subject: by the first day that their date can
// mean, rows without a date last, then by record and parameter.
func (s *subjectRun) sequence(domain Domain, dateField string) {
	if s.plan.hasField(domain, "ASEQ") {
		return
	}
	type place struct {
		row *CanonicalRow
		at  PartialDate
	}
	var places []place
	for i := range s.out.Rows {
		if row := &s.out.Rows[i]; row.Domain == domain {
			places = append(places, place{row, row.Date(dateField)})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		if a.at.IsZero() != b.at.IsZero() {
			if a.at.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.at.at.Compare(b.at.at), cmp.Compare(a.row.RecordID(), b.row.RecordID()))
	})
	for i, p := range places {
		s.derive(p.row, "ASEQ", NumberValue(Number(strconv.Itoa(i+1))), "the row's number within the subject, by "+dateField)
	}
}
