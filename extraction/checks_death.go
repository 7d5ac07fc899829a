package extraction

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet"
)

// rowRule is a rule that looks at one row at a time. message is "" where nothing is wrong.
func rowRule(id string, d Domain, severity Severity, description string, fields []string, check func(row CanonicalRow) (message string)) ConformanceRule {
	return ConformanceRule{
		ID: id, Domain: d, Severity: severity, Description: description, Fields: fields,
		Check: eachRow(d, func(row CanonicalRow) (string, []string) { return check(row), fields }),
	}
}

// beside is a rule that looks at one row at a time beside the subject's ADSL row; fields of that are
// named ADSL.field.
func beside(id string, d Domain, severity Severity, description string, fields []string, check func(row, adsl CanonicalRow) (message string)) ConformanceRule {
	own := slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return strings.Contains(name, ".") })
	return ConformanceRule{
		ID: id, Domain: d, Severity: severity, Description: description, Fields: fields,
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			level := s.Rows(ADSL)
			if len(level) == 0 {
				level = []CanonicalRow{{Domain: ADSL}} // of a subject without a row nothing is known
			}
			for _, adsl := range level {
				for _, row := range s.Rows(d) {
					if message := check(row, adsl); message != "" {
						list = append(list, finding(row, message, own...))
					}
				}
			}
			return list, nil
		},
	}
}

func when(wrong bool, message string) string {
	if wrong {
		return message
	}
	return ""
}

// isFatal reads the outcome of an event of AE or ADAE: the term of CDISC, or words of a form such as
// "5 - Fatal" and "Death", but not "non-fatal", and nothing that leaves it open, as "possibly fatal" does.
func isFatal(row CanonicalRow) bool {
	field := "AEOUT"
	if row.Domain == AE {
		field = "aeOutcome"
	}
	return saysDeath(row.Text(field))
}

// isGrade5 reads a toxicity grade as it is written: 5, 5.0, "Grade 5", "G5", "CTCAE v5.0 grade 5", "Grade V",
// "5 - Death" or, without a number, words of death.
func isGrade5(row CanonicalRow, field string) bool {
	text := foldTerm(row.Text(field))
	return grade5.MatchString(text) || !strings.ContainsFunc(text, unicode.IsDigit) && saysDeath(text)
}

// grade5 allows the name of the criteria, their version if the word grade follows it, and that word, before the 5.
// No other number may follow.
var grade5 = regexp.MustCompile(`^(?:(?:NCI|CTCAE|CTC|TOXICITY)[ .,:/-]*)*(?:(?:(?:V(?:ERSION)?[. ]*)?[0-9.]+[ .,:/-]+)?(?:GRADE|GR?)[ .:=-]*)?(?:V|0*5(?:\.0*)?(?:[^0-9A-Z.][^0-9]*)?)$`)

// deathRules hold what is known about a death against itself (the public sdtmchecks have most of them).
func deathRules() []ConformanceRule {
	return []ConformanceRule{
		rowRule("ADAE-020", ADAE, SeverityError, "A fatal event is serious (ICH E2A)", []string{"AEOUT", "AESER"}, func(row CanonicalRow) string {
			return when(isFatal(row) && row.Flag("AESER") == imednet.No, "the outcome is fatal and the event is not serious")
		}),
		rowRule("ADAE-021", ADAE, SeverityError, "An event with a fatal outcome results in death (AESDTH)", []string{"AEOUT", "AESDTH"}, func(row CanonicalRow) string {
			return when(isFatal(row) && row.Flag("AESDTH") == imednet.No, "the outcome is fatal and AESDTH is No")
		}),
		rowRule("ADAE-022", ADAE, SeverityError, "An event that results in death has a fatal outcome", []string{"AEOUT", "AESDTH"}, func(row CanonicalRow) string {
			return when(!isFatal(row) && row.Flag("AESDTH") == imednet.Yes, "AESDTH is Yes and the outcome does not say fatal")
		}),
		rowRule("ADAE-023", ADAE, SeverityError, "An event of grade 5 has a fatal outcome (CTCAE)", []string{"AETOXGR", "AEOUT"}, func(row CanonicalRow) string {
			return when(isGrade5(row, "AETOXGR") && !isFatal(row), "the grade is 5 and the outcome does not say fatal")
		}),
		beside("ADAE-024", ADAE, SeverityError, "A subject with a fatal event is dead (ADSL.DTHFL)", []string{"AEOUT", "ADSL.DTHFL"}, func(row, adsl CanonicalRow) string {
			return when(isFatal(row) && adsl.Flag("DTHFL") != imednet.Yes, "the outcome is fatal and ADSL.DTHFL is not Yes")
		}),
		rowRule("ADSL-020", ADSL, SeverityError, "A dead subject has a date of death", []string{"DTHFL", "DTHDT"}, func(row CanonicalRow) string {
			return when(row.Flag("DTHFL") == imednet.Yes && row.Date("DTHDT").IsZero(), "DTHFL is Yes and there is no DTHDT")
		}),
		rowRule("ADSL-021", ADSL, SeverityError, "A subject with a date of death is dead", []string{"DTHFL", "DTHDT"}, func(row CanonicalRow) string {
			return when(row.Flag("DTHFL") != imednet.Yes && !row.Date("DTHDT").IsZero(), "there is a DTHDT and DTHFL is not Yes")
		}),
		afterDeath("ADAE-025", ADAE, "ASTDT", "No event starts after the subject's death"),
		afterDeath("ADLB-025", ADLB, "ADT", "No result is from after the subject's death"),
		visitAfterDeath(),
		rowRule("AE-020", AE, SeverityError, "A fatal event is serious (ICH E2A)", []string{"aeOutcome", "aeSerious"}, func(row CanonicalRow) string {
			return when(isFatal(row) && row.Flag("aeSerious") == imednet.No, "the outcome is fatal and the event is not serious")
		}),
		rowRule("AE-023", AE, SeverityError, "An event of grade 5 has a fatal outcome (CTCAE)", []string{"aeSeverity", "aeOutcome"}, func(row CanonicalRow) string {
			return when(isGrade5(row, "aeSeverity") && !isFatal(row), "the grade is 5 and the outcome does not say fatal")
		}),
		beside("AE-024", AE, SeverityError, "A subject with a fatal event is dead (ADSL.DTHFL)", []string{"aeOutcome", "ADSL.DTHFL"}, func(row, adsl CanonicalRow) string {
			return when(isFatal(row) && adsl.Flag("DTHFL") != imednet.Yes, "the outcome is fatal and ADSL.DTHFL is not Yes")
		}),
		afterDeath("AE-025", AE, "aeStartDate", "No event starts after the subject's death"),
	}
}

func visitAfterDeath() ConformanceRule {
	return ConformanceRule{
		ID: "ADSL-022", Domain: ADSL, Severity: SeverityError, Description: "No visit is from after the subject's death", Fields: []string{"DTHDT"}, ReadsVisits: true,
		Check: func(s RuleScope) ([]RuleFinding, error) {
			var list []RuleFinding
			for _, adsl := range s.Rows(ADSL) {
				for _, visit := range s.Visits() {
					day, err := imednet.PartialDateOf(visit.VisitDate.Or(imednet.Date{}))
					if err == nil && visit.VisitDate.IsSet() && day.CompareDay(adsl.Date("DTHDT")) == imednet.After {
						list = append(list, finding(adsl, fmt.Sprintf("visit %d is after DTHDT", visit.VisitID), "DTHDT"))
					}
				}
			}
			return list, nil
		},
	}
}

func afterDeath(id string, d Domain, field, description string) ConformanceRule {
	return beside(id, d, SeverityError, description, []string{field, "ADSL.DTHDT"}, func(row, adsl CanonicalRow) string {
		return when(row.Date(field).CompareDay(adsl.Date("DTHDT")) == imednet.After, field+" is after ADSL.DTHDT")
	})
}
