package extraction

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
)

// analysis derives the variables of one subject.
type analysis struct {
	*subjectRun
	settings  Analysis
	treatment Treatment
	start     []input                  // ADSL.TRTSDT, where the subject has one
	end       []input                  // ADSL.TRTEDT
	noStart   string                   // why there is no TRTSDT; "" when there is one
	open      map[openVariable]*Origin // with the first record of which it is true
}

// openVariable is a variable that could not be derived, and why.
type openVariable struct {
	domain     Domain
	field, why string
	record     int64 // 0 in ADLB: of the many results of a subject one finding says it
}

// deriveAnalysis fills the variables of ADAE and ADLB that no rule maps, once the subject's ADSL
// row stands.
func (s *subjectRun) deriveAnalysis() {
	if s.plan.settings.Analysis == nil {
		return
	}
	a := &analysis{subjectRun: s, settings: *s.plan.settings.Analysis, open: map[openVariable]*Origin{}}
	a.readTreatment()
	a.impute()
	a.deriveADAE()
	a.deriveADLB()
	a.sequence(ADAE, "ASTDT")
	a.sequence(ADLB, "ADT")
	a.reportOpen()
}

// readTreatment takes the dates of treatment from the subject's row.
func (a *analysis) readTreatment() {
	a.treatment = Treatment{WithinDays: a.settings.EmergentWithinDays, ByDay: a.settings.ByDay}
	adsl := a.out.Of(ADSL)
	if len(adsl) != 1 {
		a.noStart = "the subject has no ADSL row, so the start of treatment is not known"
		return
	}
	row := &adsl[0]
	a.treatment.Start, a.treatment.End = row.Date("TRTSDT"), row.Date("TRTEDT")
	a.start, a.end = inputsOf(row, "TRTSDT"), inputsOf(row, "TRTEDT")
	if a.treatment.Start.IsZero() {
		a.noStart = "ADSL.TRTSDT is not known"
	}
}

// inputsOf names fields of a row as what a value is derived from.
func inputsOf(row *CanonicalRow, fields ...string) []input {
	var list []input
	for _, field := range fields {
		if c := row.cell(field); c != nil {
			now := *c
			list = append(list, input{domain: codeOf(row.Domain), cell: &now})
		}
	}
	return list
}

// derive sets a field unless a rule gives it for the row's form and parameter.
func (a *analysis) derive(row *CanonicalRow, field string, v CanonicalValue, how string, from ...[]input) {
	if a.plan.gives(row, field) {
		return
	}
	row.set(field, v, newTrace(how, slices.Concat(from...)))
}

// leaveOpen remembers that a variable of a row could not be derived. Results of a subject of which the
// same is true become one finding, that of the first.
func (a *analysis) leaveOpen(row *CanonicalRow, field, why string) {
	key := openVariable{row.Domain, field, why, 0}
	if row.Domain != ADLB {
		key.record = row.RecordID()
	}
	if a.open[key] == nil {
		a.open[key] = row.Origin
	}
}

func (a *analysis) reportOpen() {
	keys := make([]openVariable, 0, len(a.open))
	for key := range a.open {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y openVariable) int {
		return cmp.Or(cmp.Compare(x.domain, y.domain), cmp.Compare(x.record, y.record), cmp.Compare(x.field, y.field), cmp.Compare(x.why, y.why))
	})
	for _, key := range keys {
		a.find(Finding{Code: FindingNotDerived, Domain: key.domain, Field: key.field, Message: key.why}, a.open[key])
	}
}

// deriveDay sets a study day, and reports when it cannot be said.
func (a *analysis) deriveDay(row *CanonicalRow, field, dateField string) {
	if a.plan.gives(row, field) || !a.plan.gives(row, dateField) {
		return
	}
	var value CanonicalValue
	day, ok := row.Date(dateField).StudyDay(a.treatment.Start)
	switch {
	case ok:
		value = NumberValue(imednet.NewNumber(int64(day)))
	case row.collectedOnly(dateField):
		a.leaveOpen(row, field, dateField+" is not known")
	case row.Date(dateField).IsZero():
	case a.noStart != "":
		a.leaveOpen(row, field, a.noStart)
	default:
		a.leaveOpen(row, field, "the day of "+dateField+" or of ADSL.TRTSDT is not known")
	}
	a.derive(row, field, value, "the study day of "+dateField+" relative to ADSL.TRTSDT, without a day 0", inputsOf(row, dateField), a.start)
}

// collectedOnly reports whether a field has a text that its kind cannot hold.
func (r *CanonicalRow) collectedOnly(field string) bool {
	c := r.cell(field)
	return c != nil && c.text != "" && c.value.Missing()
}

func (a *analysis) deriveADAE() {
	for i := range a.out.Rows {
		row := &a.out.Rows[i]
		if row.Domain != ADAE {
			continue
		}
		a.deriveDay(row, "ASTDY", "ASTDT")
		a.deriveDay(row, "AENDY", "AENDT")
		a.deriveEmergent(row)
	}
}

func (a *analysis) deriveEmergent(row *CanonicalRow) {
	if a.plan.gives(row, "TRTEMFL") || !a.plan.gives(row, "ASTDT") {
		return
	}
	emergent := TreatmentEmergent(row.Date("ASTDT"), a.treatment)
	from := [][]input{inputsOf(row, "ASTDT"), a.start}
	how := "whether ASTDT is on or after ADSL.TRTSDT"
	if days := a.settings.EmergentWithinDays; days != nil {
		how += " and at most " + strconv.Itoa(*days) + " days after ADSL.TRTEDT"
		from = append(from, a.end)
	}
	if a.settings.ByDay {
		how += ", by the day"
	}
	a.derive(row, "TRTEMFL", FlagValue(emergent), how, from...)
	switch {
	case emergent != imednet.Unknown:
	case row.Date("ASTDT").IsZero():
		a.leaveOpen(row, "TRTEMFL", "ASTDT is not known")
	case a.noStart != "":
		a.leaveOpen(row, "TRTEMFL", a.noStart)
	default:
		a.leaveOpen(row, "TRTEMFL", "the dates leave open whether the event is treatment-emergent")
	}
}

// sequence numbers the rows of a domain within the subject: by the earliest moment that their date can
// mean, rows without a date last, then by record.
func (a *analysis) sequence(domain Domain, dateField string) {
	type place struct {
		row *CanonicalRow
		at  imednet.PartialDate
	}
	var places []place
	for i := range a.out.Rows {
		if row := &a.out.Rows[i]; row.Domain == domain {
			places = append(places, place{row, row.Date(dateField)})
		}
	}
	slices.SortStableFunc(places, func(x, y place) int {
		return cmp.Or(imednet.CompareEarliest(x.at, y.at), cmp.Compare(x.row.RecordID(), y.row.RecordID()))
	})
	for i, p := range places {
		how := "the row's number within the subject, by " + dateField
		a.derive(p.row, "ASEQ", NumberValue(imednet.NewNumber(int64(i+1))), how, inputsOf(p.row, dateField))
	}
}
