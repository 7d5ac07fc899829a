package extraction

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

// expectedFields are the fields that every row should have a value of.
var expectedFields = []struct {
	id       string
	domain   Domain
	field    string
	severity Severity
}{
	{"AE-030", AE, "aeStartDate", SeverityError}, {"AE-031", AE, "aeSerious", SeverityError}, {"DD-031", DD, "ddSerious", SeverityError},
	{"ADAE-030", ADAE, "ASTDT", SeverityError}, {"ADAE-031", ADAE, "AESER", SeverityError}, {"ADLB-030", ADLB, "ADT", SeverityError},
}

func presenceRules() []ConformanceRule {
	var rules []ConformanceRule
	for _, e := range expectedFields {
		rules = append(rules, rowRule(e.id, e.domain, e.severity, "Every row has a value of "+e.field, []string{e.field}, func(row CanonicalRow) string {
			v, _ := row.Get(e.field)
			return when(v.Missing(), "there is no value that can be read")
		}))
	}
	return rules
}

// codelists are values of CDISC controlled terminology.
var codelists = []struct {
	id     string
	domain Domain
	field  string
	name   string
	values []string
}{
	{"ADAE-032", ADAE, "AESEV", "AESEV", []string{"MILD", "MODERATE", "SEVERE"}},
	{"ADAE-033", ADAE, "AEOUT", "OUT", outcomes()},
	{"AE-033", AE, "aeOutcome", "OUT", outcomes()},
	{"ADSL-032", ADSL, "SEX", "SEX", []string{"F", "M", "U", "INTERSEX", "UNDIFFERENTIATED"}},
}

func outcomes() []string { return append(slices.Concat(endedOutcomes, ongoingOutcomes), "UNKNOWN") }

func valueRules() []ConformanceRule {
	var rules []ConformanceRule
	for _, list := range codelists {
		description := fmt.Sprintf("%s is a term of CDISC codelist %s", list.field, list.name)
		rules = append(rules, rowRule(list.id, list.domain, SeverityWarning, description, []string{list.field}, func(row CanonicalRow) string {
			text := row.Text(list.field)
			return when(!imednet.IsMissing(text) && !slices.Contains(list.values, text), "the value is not a term of the codelist")
		}))
	}
	return append(rules,
		rowRule("ADSL-033", ADSL, SeverityError, "AGE is from 0 to 120", []string{"AGE"}, func(row CanonicalRow) string {
			age := row.Number("AGE")
			return when(!age.IsZero() && (age.Sign() < 0 || age.Compare(imednet.NewNumber(120)) > 0), "the age is out of range")
		}),
		rowRule("ADSL-034", ADSL, SeverityError, "A treated subject is in the safety population", []string{"SAFFL", "TRTSDT"}, func(row CanonicalRow) string {
			return when(row.Flag("SAFFL") == imednet.No && !row.Date("TRTSDT").IsZero(), "SAFFL is No and there is a TRTSDT")
		}),
		rowRule("ADSL-035", ADSL, SeverityError, "No treatment after the end of the study", []string{"TRTEDT", "EOSDT"}, func(row CanonicalRow) string {
			return when(row.Date("TRTEDT").CompareDay(row.Date("EOSDT")) == imednet.After, "TRTEDT is after EOSDT")
		}),
		rowRule("ADSL-036", ADSL, SeverityError, "No dose after treatment was discontinued", []string{"TRTEDT", "DCTDT"}, func(row CanonicalRow) string {
			return when(row.Date("TRTEDT").CompareDay(row.Date("DCTDT")) == imednet.After, "TRTEDT is after DCTDT")
		}),
	)
}

// resultRules hold laboratory results against their ranges, texts and parameters.
func resultRules() []ConformanceRule {
	return []ConformanceRule{
		rowRule("ADLB-032", ADLB, SeverityError, "The lower limit is not above the upper one", []string{"ANRLO", "ANRHI"}, func(row CanonicalRow) string {
			lo, hi := row.Number("ANRLO"), row.Number("ANRHI")
			return when(!lo.IsZero() && !hi.IsZero() && lo.Compare(hi) > 0, "ANRLO is above ANRHI")
		}),
		indicatorRule(),
		rowRule("ADLB-034", ADLB, SeverityWarning, "A numeric AVALC is AVAL", []string{"AVAL", "AVALC"}, func(row CanonicalRow) string {
			value, text := row.Number("AVAL"), row.Number("AVALC")
			return when(!value.IsZero() && !text.IsZero() && !value.Equal(text), "AVALC is another number than AVAL")
		}),
		rowRule("ADLB-035", ADLB, SeverityWarning, "PARAMCD has at most 8 characters (ADaM Implementation Guide)", []string{"PARAMCD"}, func(row CanonicalRow) string {
			return when(utf8.RuneCountInString(row.Text("PARAMCD")) > 8, "PARAMCD is too long")
		}),
		oneUnitRule(),
	}
}

// oneUnitRule finds results whose parameter has another name or unit than in the subject's first result of it.
func oneUnitRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADLB-036", Domain: ADLB, Severity: SeverityError, Fields: []string{"PARAMCD"},
		Description: "PARAMCD, PARAM and unit belong to each other one to one",
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			first, named := map[string]string{}, map[string]string{}
			for _, row := range s.Rows(ADLB) {
				code, of := row.Text("PARAMCD"), unit(&row)
				if imednet.IsMissing(code) {
					continue
				}
				before, seen := first[code]
				other, taken := named[of]
				switch {
				case seen && before != of:
					list = append(list, finding(row, "the parameter has another PARAM or unit than in its first result", "PARAMCD", "PARAM", "AVALU"))
				case taken && other != code && row.Text("PARAM") != "":
					list = append(list, finding(row, "another PARAMCD has this PARAM and unit", "PARAMCD", "PARAM", "AVALU"))
				case !seen:
					first[code], named[of] = of, code
				}
			}
			return list, nil
		},
	}
}

// CutRules returns rules for a data cut: no date may be after the day of the cut, whichever field holds it.
func CutRules(cut imednet.PartialDate) []ConformanceRule {
	var rules []ConformanceRule
	for _, d := range Domains() {
		rules = append(rules, cutRule(d, cut))
	}
	return rules
}

func cutRule(d Domain, cut imednet.PartialDate) ConformanceRule {
	rule := ConformanceRule{ID: string(d) + "-040", Domain: d, Severity: SeverityError, Description: "No date is after the data cut"}
	if cut.IsZero() {
		rule.Skip = "the configuration names no dataCut"
		return rule
	}
	rule.checked = func(row CanonicalRow) bool {
		return slices.ContainsFunc(datesOf(row), func(field string) bool { return !row.Date(field).IsZero() })
	}
	rule.unchecked = fmt.Sprintf("no row of %s has a date", d)
	rule.Check = func(s RuleScope) ([]RuleFinding, error) {
		var list []RuleFinding
		for _, row := range s.Rows(d) {
			late := func(field string) bool { return row.Date(field).CompareDay(cut) == imednet.After }
			for _, field := range datesOf(row) {
				asCollected := strings.HasSuffix(field, "DTC") && late(strings.TrimSuffix(field, "C")) // ASTDTC beside ASTDT
				if late(field) && !asCollected {
					list = append(list, finding(row, "the date is after the data cut", field))
				}
			}
		}
		return list, nil
	}
	return rule
}

// datesOf are the fields of a row that hold dates.
func datesOf(row CanonicalRow) []string {
	var fields []string
	for _, c := range row.cells {
		if row.Domain.spec(c.field).kind == dateKind {
			fields = append(fields, c.field)
		}
	}
	return fields
}

// ConformanceRules returns the built-in rules and those for the configuration's data cut.
func (e *Engine) ConformanceRules() []ConformanceRule {
	cut, _ := imednet.ParsePartialDate(e.plan.settings.DataCut) // checked by NewEngine
	return append(ConformanceRules(), CutRules(cut)...)
}
