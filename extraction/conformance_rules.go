package extraction

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// ConformanceRules returns the built-in rules. The description of a rule names the published
// standard that it follows, if any.
func ConformanceRules() []ConformanceRule {
	var rules []ConformanceRule
	for _, d := range Domains() {
		rules = append(rules, typedRule(d))
		if slices.ContainsFunc(fieldSpecs[d], func(f fieldSpec) bool { return f.required }) {
			rules = append(rules, requiredRule(d))
		}
	}
	rules = append(rules,
		dateOrderRule("AE-003", AE, "aeStartDate", "aeEndDate"),
		dateOrderRule("ADAE-003", ADAE, "ASTDT", "AENDT"),
		dateOrderRule("ADSL-003", ADSL, "TRTSDT", "TRTEDT"),
		resolvedRule("AE-004", AE, "aeOutcome", "aeEndDate"),
		resolvedRule("ADAE-004", ADAE, "AEOUT", "AENDT"),
		ongoingRule("AE-005", AE, "aeOutcome", "aeEndDate"),
		ongoingRule("ADAE-005", ADAE, "AEOUT", "AENDT"),
		seriousRule(), notSeriousRule(),
		duplicateRule("AE-008", AE, "aeTerm", "aeStartDate"),
		duplicateRule("ADAE-008", ADAE, "AETERM", "ASTDT"),
		duplicateRule("PD-008", PD, "dvTerm", "dvDate"),
		duplicateRule("DD-008", DD, "ddTerm", "ddDate"),
		duplicateRule("ADLB-008", ADLB, "PARAMCD", "ADT"),
		sequenceRule("ADAE-009", ADAE, "AESEQ"), sequenceRule("ADAE-010", ADAE, "ASEQ"), sequenceRule("ADLB-010", ADLB, "ASEQ"),
		onePerSubjectRule(), inSubjectLevelRule("ADAE-012", ADAE), inSubjectLevelRule("ADLB-012", ADLB),
		oneBaselineRule(), changeRule(),
	)
	rules = append(rules, deathRules()...)
	rules = append(rules, presenceRules()...)
	rules = append(rules, valueRules()...)
	return append(rules, resultRules()...)
}

// eachRow makes a check of a check of one row.
func eachRow(domain Domain, check func(CanonicalRow) (string, []string)) func(RuleScope) ([]RuleFinding, error) {
	return func(s RuleScope) ([]RuleFinding, error) {
		var list []RuleFinding
		for _, row := range s.Rows(domain) {
			if message, fields := check(row); message != "" {
				list = append(list, finding(row, message, fields...))
			}
		}
		return list, nil
	}
}

func typedRule(d Domain) ConformanceRule {
	return ConformanceRule{
		ID: string(d) + "-001", Domain: d, Severity: SeverityError,
		Description: "Values are of their field's kind: numbers decimal, flags yes or no, dates ISO 8601",
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			for _, row := range s.Rows(d) {
				for _, c := range row.cells {
					if problem := d.untyped(c); problem != "" {
						list = append(list, finding(row, problem, c.field))
					}
				}
			}
			return list, nil
		},
	}
}

// untyped says what is wrong with the kind of a cell's value; "" where nothing is. A laboratory result that is
// not a number, such as "<0.2", is one all the same: AVALC has it, and the extraction finds it not-numeric.
func (d Domain) untyped(c cell) (problem string) {
	if c.text != "" && !(d == ADLB && c.field == "AVAL") {
		return "the field's kind cannot hold what was collected"
	}
	_, problem = d.spec(c.field).coerce(c.value, dateReader{})
	return problem
}

func requiredRule(d Domain) ConformanceRule {
	return ConformanceRule{
		ID: string(d) + "-002", Domain: d, Severity: SeverityError, Description: "Required fields have values",
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			for _, row := range s.Rows(d) {
				for _, spec := range fieldSpecs[d] {
					if v, _ := row.Get(spec.name); spec.required && v.Missing() {
						list = append(list, finding(row, "is required and has no value", spec.name))
					}
				}
			}
			return list, nil
		},
	}
}

func dateOrderRule(id string, d Domain, start, end string) ConformanceRule {
	return ConformanceRule{
		ID: id, Domain: d, Severity: SeverityError, Fields: []string{start, end},
		Description: "The end is not before the start, as far as both are known",
		Check: eachRow(d, func(row CanonicalRow) (string, []string) {
			if row.Date(end).Compare(row.Date(start)) == imednet.Before {
				return "the end is before the start", []string{start, end}
			}
			return "", nil
		}),
	}
}

// Outcomes of CDISC controlled terminology (codelist OUT) that say whether an event has ended.
var (
	endedOutcomes   = []string{"RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE", "FATAL"}
	ongoingOutcomes = []string{"NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING"}
)

// hasEnded reports whether the outcome says so: by its term, in any case, or in words that say fatal.
func hasEnded(row CanonicalRow, outcome string) bool {
	return slices.Contains(endedOutcomes, foldTerm(row.Text(outcome))) || isFatal(row)
}

func resolvedRule(id string, d Domain, outcome, end string) ConformanceRule {
	return ConformanceRule{
		ID: id, Domain: d, Severity: SeverityWarning, Fields: []string{outcome, end},
		Description: "An event that is recovered, resolved or fatal (CDISC codelist OUT) has an end date",
		Check: eachRow(d, func(row CanonicalRow) (string, []string) {
			if hasEnded(row, outcome) && row.Date(end).IsZero() {
				return "the outcome says that the event ended, and there is no end date", []string{outcome, end}
			}
			return "", nil
		}),
	}
}

func ongoingRule(id string, d Domain, outcome, end string) ConformanceRule {
	return ConformanceRule{
		ID: id, Domain: d, Severity: SeverityWarning, Fields: []string{outcome, end},
		Description: "An event that is not recovered or is recovering (CDISC codelist OUT) has no end date",
		Check: eachRow(d, func(row CanonicalRow) (string, []string) {
			if slices.Contains(ongoingOutcomes, foldTerm(row.Text(outcome))) && !row.Date(end).IsZero() {
				return "the outcome says that the event goes on, and there is an end date", []string{outcome, end}
			}
			return "", nil
		}),
	}
}

// seriousCriteria are the criteria of seriousness (ICH E2A; SDTM AESxxx variables).
var seriousCriteria = []string{"AESDTH", "AESLIFE", "AESHOSP", "AESDISAB", "AESCONG", "AESMIE"}

func criteria(row CanonicalRow) (yes []string, any bool) {
	for _, field := range seriousCriteria {
		if _, ok := row.Get(field); ok {
			any = true
			if row.Flag(field) == imednet.Yes {
				yes = append(yes, field)
			}
		}
	}
	return yes, any
}

func seriousRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADAE-006", Domain: ADAE, Severity: SeverityWarning, Fields: []string{"AESER"},
		Description: "A serious event meets at least one criterion of seriousness (ICH E2A)",
		Check: eachRow(ADAE, func(row CanonicalRow) (string, []string) {
			if yes, any := criteria(row); any && len(yes) == 0 && row.Flag("AESER") == imednet.Yes {
				return "the event is serious and no criterion is met", []string{"AESER"}
			}
			return "", nil
		}),
	}
}

func notSeriousRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADAE-007", Domain: ADAE, Severity: SeverityError, Fields: []string{"AESER"},
		Description: "An event that meets a criterion of seriousness (ICH E2A) is serious",
		Check: eachRow(ADAE, func(row CanonicalRow) (string, []string) {
			if yes, _ := criteria(row); len(yes) > 0 && row.Flag("AESER") != imednet.Yes {
				return "a criterion of seriousness is met and the event is not serious", append([]string{"AESER"}, yes...)
			}
			return "", nil
		}),
	}
}

func duplicateRule(id string, d Domain, fields ...string) ConformanceRule {
	return ConformanceRule{
		ID: id, Domain: d, Severity: SeverityWarning, Fields: fields,
		Description: "No two rows of a subject agree in " + strings.Join(fields, " and "),
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			first := map[string]int64{}
			for _, row := range s.Rows(d) {
				key, complete := keyOf(row, fields)
				if !complete {
					continue
				}
				if before, ok := first[key]; ok {
					list = append(list, finding(row, fmt.Sprintf("the same as record %d", before), fields...))
					continue
				}
				first[key] = row.RecordID()
			}
			return list, nil
		},
	}
}

// keyOf joins the values of fields; a row with a missing one is no duplicate of any.
func keyOf(row CanonicalRow, fields []string) (key string, complete bool) {
	for _, field := range fields {
		v, _ := row.Get(field)
		if v.Missing() {
			return "", false
		}
		term := foldTerm(v.String())
		key += fmt.Sprintf("%d:%s", len(term), term)
	}
	return key, true
}

func sequenceRule(id string, d Domain, field string) ConformanceRule {
	r := duplicateRule(id, d, field)
	r.Severity, r.Description = SeverityError, field+" is unique within a subject"
	return r
}

func onePerSubjectRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADSL-011", Domain: ADSL, Severity: SeverityError, Description: "A subject has one row in ADSL (ADaM Implementation Guide)",
		Check: func(s RuleScope) ([]RuleFinding, error) {
			rows := s.Rows(ADSL)
			if len(rows) < 2 {
				return nil, nil
			}
			return []RuleFinding{finding(rows[1], fmt.Sprintf("%d rows of one subject", len(rows)), subjectKeyField)}, nil
		},
	}
}

func inSubjectLevelRule(id string, d Domain) ConformanceRule {
	return ConformanceRule{
		ID: id, Domain: d, Severity: SeverityError, Description: "The subject of a row has a row in ADSL (ADaM Implementation Guide)",
		Check: func(s RuleScope) ([]RuleFinding, error) {
			if len(s.Rows(ADSL)) > 0 {
				return nil, nil
			}
			return []RuleFinding{finding(s.Rows(d)[0], fmt.Sprintf("%d rows of a subject without ADSL", len(s.Rows(d))), subjectKeyField)}, nil
		},
	}
}

func oneBaselineRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADLB-013", Domain: ADLB, Severity: SeverityError, Fields: []string{"PARAMCD", "ABLFL"},
		Description: "A parameter of a subject has at most one baseline row",
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			seen := map[string]bool{}
			for _, row := range s.Rows(ADLB) {
				if row.Flag("ABLFL") != imednet.Yes {
					continue
				}
				if seen[row.Text("PARAMCD")] {
					list = append(list, finding(row, "a second baseline row of the parameter", "PARAMCD", "ABLFL"))
				}
				seen[row.Text("PARAMCD")] = true
			}
			return list, nil
		},
	}
}

func changeRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADLB-014", Domain: ADLB, Severity: SeverityError, Fields: []string{"AVAL", "BASE", "CHG"},
		Description: "CHG is exactly AVAL - BASE (ADaM Implementation Guide)",
		Check: eachRow(ADLB, func(row CanonicalRow) (string, []string) {
			value, base, change := row.Number("AVAL"), row.Number("BASE"), row.Number("CHG")
			difference, ok := value.Minus(base)
			if change.IsZero() || !ok || change.Equal(difference) {
				return "", nil
			}
			return "CHG is not AVAL - BASE", []string{"AVAL", "BASE", "CHG"}
		}),
	}
}
