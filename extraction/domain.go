package extraction

import (
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// Domain is a canonical data set.
type Domain string

// The canonical data sets.
const (
	AE   Domain = "AE"   // adverse events
	PD   Domain = "PD"   // protocol deviations
	DD   Domain = "DD"   // device deficiencies
	ADSL Domain = "ADSL" // subject-level analysis, one row per subject (CDISC ADaM)
	ADAE Domain = "ADAE" // adverse events analysis (CDISC ADaM)
	ADLB Domain = "ADLB" // laboratory analysis, one row per result (CDISC ADaM)
)

// Domains returns the canonical data sets in their order.
func Domains() []Domain { return []Domain{AE, PD, DD, ADSL, ADAE, ADLB} }

// domainCode is the place of a domain in domainNames, for what there are many of.
type domainCode uint8

var domainNames = [...]Domain{"", AE, PD, DD, ADSL, ADAE, ADLB}

var codeADSL = codeOf(ADSL)

func codeOf(d Domain) domainCode { return domainCode(max(0, slices.Index(domainNames[:], d))) }

// fieldKind is what the value of a field must be.
type fieldKind uint8

const (
	anyKind fieldKind = iota // kept untouched
	textKind
	numberKind
	integerKind
	flagKind // yes or no
	dateKind // full or partial
)

// fieldSpec is one typed field of a domain.
type fieldSpec struct {
	name     string
	kind     fieldKind
	required bool // missing is a finding
}

const subjectKeyField = "subjectKey"

// fieldSpecs are the typed fields by domain, in order. AE, PD and DD have no others; the analysis
// sets keep any other field untouched. Names of the analysis sets are those of the ADaM
// Implementation Guide.
var fieldSpecs = map[Domain][]fieldSpec{
	AE: {
		{"aeTerm", textKind, true}, {"aeDecod", textKind, false}, {"aeSeverity", textKind, true}, {"aeSerious", flagKind, false},
		{"aeStartDate", dateKind, false}, {"aeEndDate", dateKind, false}, {"aeOutcome", textKind, false},
		{"aeRelationship", textKind, false}, {"aeActionTaken", textKind, false},
	},
	PD: {
		{"dvTerm", textKind, true}, {"dvCategory", textKind, true}, {"dvSeverity", textKind, true}, {"dvDate", dateKind, true},
		{"dvStatus", textKind, false},
	},
	DD: {
		{"ddTerm", textKind, true}, {"ddCategory", textKind, true}, {"ddSerious", flagKind, false}, {"ddDate", dateKind, true},
	},
	ADSL: {
		{"TRTSDT", dateKind, false}, {"TRTEDT", dateKind, false}, {"AGE", numberKind, false}, {"SEX", textKind, false},
		{"ARM", textKind, false}, {"TRT01P", textKind, false}, {"TRT01A", textKind, false},
	},
	ADAE: {
		{"AETERM", textKind, false}, {"AEDECOD", textKind, false}, {"ASTDT", dateKind, false}, {"AENDT", dateKind, false},
		{"ASTDY", integerKind, false}, {"AENDY", integerKind, false}, {"AESER", flagKind, false}, {"TRTEMFL", flagKind, false}, {"ASEQ", integerKind, false},
	},
	ADLB: {
		{"PARAMCD", textKind, false}, {"PARAM", textKind, false}, {"AVAL", numberKind, false}, {"AVALC", textKind, false}, {"AVALU", textKind, false},
		{"BASE", numberKind, false}, {"CHG", numberKind, false}, {"PCHG", numberKind, false}, {"ABLFL", flagKind, false},
		{"ANRIND", textKind, false}, {"ADT", dateKind, false}, {"ADY", integerKind, false}, {"AVISIT", textKind, false}, {"ASEQ", integerKind, false},
	},
}

// openFields reports whether a domain keeps fields that are not typed.
func (d Domain) open() bool { return d == ADSL || d == ADAE || d == ADLB }

// spec returns the typed field of a name. In the analysis sets a name that ends in FL is a flag,
// one that ends in DT or DTC a date, and one that ends in DY or SEQ a whole number, as ADaM and SDTM
// name them.
func (d Domain) spec(name string) fieldSpec {
	i := slices.IndexFunc(fieldSpecs[d], func(f fieldSpec) bool { return f.name == name })
	switch {
	case i >= 0:
		return fieldSpecs[d][i]
	case name == subjectKeyField:
		return fieldSpec{name, textKind, true}
	case d.open() && strings.HasSuffix(name, "FL"):
		return fieldSpec{name, flagKind, false}
	case d.open() && (strings.HasSuffix(name, "DT") || strings.HasSuffix(name, "DTC")):
		return fieldSpec{name, dateKind, false}
	case d.open() && (strings.HasSuffix(name, "DY") || strings.HasSuffix(name, "SEQ")):
		return fieldSpec{name, integerKind, false}
	}
	return fieldSpec{name, anyKind, false}
}

// coerce turns a value into the kind that a field must have. problem says why it cannot, without
// the value; the value is then returned as it was.
func (f fieldSpec) coerce(v CanonicalValue, dates dateReader) (typed CanonicalValue, problem string) {
	if f.kind == anyKind {
		return coerceAny(v)
	}
	if v.Missing() {
		return CanonicalValue{}, ""
	}
	switch f.kind {
	case textKind:
		return f.coerceText(v)
	case numberKind:
		return coerceNumber(v)
	case integerKind:
		n, _ := v.Number()
		if _, accuracy := n.Int64(); n.IsZero() || accuracy != imednet.Exact {
			return v, "must be a whole number"
		}
		return CanonicalValue{KindNumber, n.Canonical()}, ""
	case flagKind:
		flag, understood := v.Flag()
		if !understood {
			return v, "must be yes or no (true, 1, y, t; false, 0, n, f)"
		}
		return FlagValue(flag), ""
	}
	return coerceDate(v, dates)
}

// coerceText takes text as it was collected, white space included. A list, such as the answer to a checkbox
// question, or an object is the text of its JSON, as in tables; but it is no subject's key, and without
// anything in it no value of a required field.
func (f fieldSpec) coerceText(v CanonicalValue) (typed CanonicalValue, problem string) {
	switch {
	case v.kind == KindJSON && f.name == subjectKeyField:
		return v, "must be text"
	case v.kind == KindJSON && f.required && holdsNothing(v.text):
		return v, "is a list or an object that holds nothing"
	}
	return TextValue(v.text), ""
}

// holdsNothing reports whether the JSON of a list or an object is that of an empty one.
func holdsNothing(text string) bool { return answers.Blank(text[1 : len(text)-1]) }

// coerceAny leaves a value as it is, but for a number that no float64 is near: it would be an
// infinity, or 0, to whoever reads it.
func coerceAny(v CanonicalValue) (typed CanonicalValue, problem string) {
	if v.kind == KindNumber {
		if _, problem := coerceNumber(v); problem != "" {
			return v, problem
		}
	}
	return v, ""
}

func coerceNumber(v CanonicalValue) (typed CanonicalValue, problem string) {
	n, ok := v.Number()
	if !ok {
		return v, "must be a decimal number"
	}
	switch _, accuracy := n.Float64(); accuracy {
	case imednet.Overflow:
		return v, "is too large for a 64-bit number"
	case imednet.Underflow:
		return v, "is so small that a 64-bit number would be 0"
	}
	return NumberValue(n), ""
}

func coerceDate(v CanonicalValue, dates dateReader) (typed CanonicalValue, problem string) {
	switch v.kind {
	case KindDate:
		return v, ""
	case KindText, KindNumber: // a JSON number means what its digits mean as text
		d, err := dates.read(v.text)
		if err != nil {
			return v, whyNoDate(err)
		}
		return DateValue(d), ""
	}
	return v, "must be a date"
}
