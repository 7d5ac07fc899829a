package extraction

import "github.com/imednetgo/imednet"

// indicators are the terms of CDISC codelist NRIND, and how laboratories abbreviate them.
var indicators = map[string]string{
	"LOW": "LOW", "LOW LOW": "LOW", "L": "LOW", "LL": "LOW", "HIGH": "HIGH", "HIGH HIGH": "HIGH", "H": "HIGH", "HH": "HIGH",
	"NORMAL": "NORMAL", "N": "NORMAL", "ABNORMAL": "ABNORMAL", "A": "ABNORMAL",
}

// indicatorRule holds ANRIND against the limits that it speaks of. Rows that lack them are not checked,
// unless the other limit contradicts it for certain.
func indicatorRule() ConformanceRule {
	return ConformanceRule{
		ID: "ADLB-033", Domain: ADLB, Severity: SeverityWarning, Fields: []string{"AVAL", "ANRIND"},
		Description: "ANRIND says where AVAL lies in its range",
		Check: eachRow(ADLB, func(row CanonicalRow) (string, []string) {
			message, _ := checkIndicator(row)
			return message, []string{"AVAL", "ANRIND", "ANRLO", "ANRHI"}
		}),
		checked: func(row CanonicalRow) bool {
			_, checked := checkIndicator(row)
			return checked
		},
		unchecked: "no row has AVAL, a term of codelist NRIND in ANRIND, and the limits that it needs: LOW needs ANRLO, HIGH needs ANRHI, the others both",
	}
}

// checkIndicator says what is wrong with a row, and whether that could be checked.
func checkIndicator(row CanonicalRow) (message string, checked bool) {
	value, lo, hi := row.Number("AVAL"), row.Number("ANRLO"), row.Number("ANRHI")
	term := indicators[foldTerm(row.Text("ANRIND"))]
	if value.IsZero() || term == "" {
		return "", false
	}
	below, above := isBelow(value, lo), isBelow(hi, value)
	switch {
	case below && term != "LOW" && term != "ABNORMAL":
		return "AVAL is below ANRLO and ANRIND is not LOW", true
	case above && term != "HIGH" && term != "ABNORMAL":
		return "AVAL is above ANRHI and ANRIND is not HIGH", true
	case below || above:
		return "", true
	case term == "LOW":
		return when(!lo.IsZero(), "ANRIND is LOW and AVAL is not below ANRLO"), !lo.IsZero()
	case term == "HIGH":
		return when(!hi.IsZero(), "ANRIND is HIGH and AVAL is not above ANRHI"), !hi.IsZero()
	}
	both := !lo.IsZero() && !hi.IsZero()
	return when(both && term == "ABNORMAL", "ANRIND is ABNORMAL and AVAL lies in its range"), both
}

// isBelow reports whether both numbers are known and the first is less.
func isBelow(a, b imednet.Number) bool { return !a.IsZero() && !b.IsZero() && a.Compare(b) < 0 }
